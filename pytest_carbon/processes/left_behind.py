"""Finds processes that tests started and left, so that they are below no process of the run: daemons. Linux only."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pytest_carbon.files.read_bounded import read_bytes
from pytest_carbon.processes.descendants import RunningProcess, all_processes

_PROC = Path("/proc")
_CURRENT_TEST = "PYTEST_CURRENT_TEST="
"""The variable by which pytest tells the processes that a test starts which test that is."""
_MOST_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """A process that a test left: its name, its CPU seconds, and the test; empty for a fork, which has no variable."""

    name: str
    cpu_s: float
    nodeid: str


def find_left_behind(tests: Collection[str], pid: int) -> list[LeftBehind]:
    """Return the processes that one of the tests started and that have left the run of process ``pid``.

    They started after it, are now children of one of the processes above it, and either have the variable of one of
    the tests or are forks: their command line and first variables are those of the run itself.
    """
    processes = {process.pid: process for process in all_processes()}
    if pid not in processes:
        return []
    above = {*_above(pid, processes), 1}
    found = []
    for process in processes.values():
        if process.parent in above and process.started > processes[pid].started and process.pid not in above:
            with suppress(OSError):
                nodeid = _nodeid(process.pid, pid)
                if nodeid is not None and (nodeid == "" or nodeid in tests):
                    found.append(LeftBehind(process.name, process.cpu_s, nodeid))
    return found


def _above(pid: int, processes: dict[int, RunningProcess]) -> Iterator[int]:
    while pid in processes and processes[pid].parent:
        pid = processes[pid].parent
        yield pid


def _nodeid(process: int, run: int) -> str | None:
    """Return the test that started a process, empty for a fork of the run, and None for any other. Raises OSError."""
    variables = _read(process, "environ")
    if variables == _read(run, "environ") and _read(process, "cmdline") == _read(run, "cmdline"):
        return ""
    named = [text for text in os.fsdecode(variables).split("\0") if text.startswith(_CURRENT_TEST)]
    return named[0].removeprefix(_CURRENT_TEST).rpartition(" (")[0] if named else None


def _read(pid: int, name: str) -> bytes:
    return read_bytes(_PROC / str(pid) / name, _MOST_BYTES)
