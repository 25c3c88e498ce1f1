"""Finds the processes below this one, and adopts those whose parent ends. Linux only; elsewhere it finds none."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_SET_SUBREAPER, _GET_SUBREAPER = 36, 37
"""Numbers of ``prctl``: see prctl(2)."""
_BEFORE_NAME, _AFTER_NAME = "(", ")"


@dataclass(frozen=True, slots=True)
class RunningProcess:
    """A process below this one. ``started`` tells it from an earlier one of the same ``pid``.

    ``cpu_s`` are its CPU seconds and those of its children that it has waited for.
    """

    pid: int
    parent: int
    started: int
    name: str
    cpu_s: float


@contextmanager
def adopt_orphans() -> Iterator[None]:
    """Let processes below this one become its children when their parent ends, where the system can do that."""
    before = _subreaper()
    if before is not None:
        _set_subreaper(1)
    try:
        yield
    finally:
        if before is not None:
            _set_subreaper(before)


def _subreaper() -> int | None:
    """Return whether this process adopts orphans, 1 or 0; None where it cannot."""
    if sys.platform != "linux":
        return None
    import ctypes

    flag = ctypes.c_int()
    with suppress(OSError, AttributeError):
        if ctypes.CDLL(None).prctl(_GET_SUBREAPER, ctypes.byref(flag), 0, 0, 0) == 0:
            return flag.value
    return None


def _set_subreaper(value: int) -> None:
    import ctypes

    ctypes.CDLL(None).prctl(_SET_SUBREAPER, value, 0, 0, 0)


def find_descendants(known: Iterable[tuple[int, int]] = ()) -> list[RunningProcess]:
    """Return the processes below this one, ended ones that nobody waited for among them.

    ``known`` are pid and start of children that do not count, nor does what is below them.
    """
    below: dict[int, list[RunningProcess]] = {}
    for process in all_processes():
        below.setdefault(process.parent, []).append(process)
    skipped = frozenset(known)
    found = [child for child in below.get(os.getpid(), ()) if (child.pid, child.started) not in skipped]
    for process in found:  # grows while it is walked over
        found += below.get(process.pid, ())
    return found


def find_children() -> list[int]:
    """Return the ids of this process's children, ended ones among them; none where the kernel lists no children.

    This is much quicker than a look at all processes, and may miss a child.
    """
    found: list[int] = []
    with suppress(OSError):
        for thread in (_PROC / "self" / "task").iterdir():
            with suppress(FileNotFoundError):  # the thread ended meanwhile
                found += map(int, (thread / "children").read_text(encoding="ascii").split())
    return found


def all_processes() -> Iterator[RunningProcess]:
    """Yield all processes of the machine that the kernel shows to this one."""
    try:
        entries = [entry.name for entry in _PROC.iterdir() if entry.name.isdecimal()]
    except OSError:
        return
    tick_s = 1 / os.sysconf("SC_CLK_TCK")
    for entry in entries:
        with suppress(OSError, ValueError, IndexError):  # it ended meanwhile
            text = (_PROC / entry / "stat").read_text(encoding="utf-8", errors="replace")
            name = text[text.index(_BEFORE_NAME) + 1 : text.rindex(_AFTER_NAME)]
            fields = text[text.rindex(_AFTER_NAME) + 2 :].split()
            cpu_s = sum(map(int, fields[11:15])) * tick_s
            yield RunningProcess(int(entry), int(fields[1]), int(fields[19]), name, cpu_s)
