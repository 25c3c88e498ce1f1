"""What the benchmarks share: running pytest in a scratch folder, and printing figures against limits.

A limit of time is a multiple of a yardstick: other work that is measured beside the benchmark, in the same run on the
same machine, so that a slow machine changes both. The multiples were derived on the machine of docs/benchmarks.md.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

BURN = """
import time

def burn(cpu_s):
    start = time.process_time()
    while time.process_time() - start < cpu_s:
        pass
"""
PLAIN = ("-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:hypothesispytest")


@dataclass
class Done:
    """A finished run: wall seconds, CPU seconds of the process and its children, output, report."""

    wall_s: float
    cpu_s: float
    code: int
    output: str
    report: dict[str, Any] | None


@contextmanager
def scratch(**files: str) -> Iterator[Path]:
    """Make a folder with Python files in it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "burning.py").write_text(BURN)
        for file, text in files.items():
            (folder / f"{file}.py").write_text(text)
        yield folder


def run_pytest(folder: Path, *arguments: str, plain: Sequence[str] = PLAIN, python: str = sys.executable) -> Done:
    """Run pytest there; the report is read if one is left, and removed. Bytecode is kept, as where pip installs it."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [python, "-m", "pytest", *plain, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**kept, "PYTHONHASHSEED": "0"},
    )
    wall_s = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    path = folder / ".carbon" / "report.json"
    report = json.loads(path.read_text()) if path.exists() else None
    path.unlink(missing_ok=True)
    return Done(wall_s, cpu_s, done.returncode, done.stdout + done.stderr, report)


def variation(values: Sequence[float]) -> float:
    """Return the coefficient of variation."""
    return statistics.stdev(values) / statistics.mean(values)


class Yardstick(NamedTuple):
    """Work of other programs, and the seconds that it took here."""

    name: str
    seconds: float


def median_s(*actions: Callable[[], object], times: int = 5) -> list[float]:
    """Return the median wall time of each action. They run in turn: a busy moment of the machine meets all of them."""
    took_s: list[list[float]] = [[] for _ in actions]
    for _ in range(times):
        for action, own_s in zip(actions, took_s, strict=True):
            start = time.perf_counter()
            action()
            own_s.append(time.perf_counter() - start)
    return [statistics.median(own_s) for own_s in took_s]


def process(*command: str | Path, cwd: Path | None = None) -> Callable[[], object]:
    """Return what runs a command to its end; a command that fails ends the benchmark."""
    return lambda: subprocess.run(command, cwd=cwd, stdout=subprocess.DEVNULL, check=True)


def python(code: str, *arguments: str | Path, cwd: Path | None = None) -> Callable[[], object]:
    """Return what runs Python code in a process of its own."""
    return process(sys.executable, "-c", code, *arguments, cwd=cwd)


READ_JSON = """
import gzip, json, sys
from pathlib import Path
for path in Path(sys.argv[1]).rglob("*"):
    if path.suffix == ".json":
        json.loads(path.read_bytes())
    elif path.suffix == ".gz":
        for line in gzip.decompress(path.read_bytes()).splitlines():
            value = json.loads(line)
            if isinstance(value, list):  # a file of a packed month: its path and its text
                json.loads(value[1])
"""
"""Loads every JSON file of a ledger and a report and does nothing with it: reading them takes at least that."""


class Table:
    """Figures against limits; ``end`` exits with 1 if one was missed."""

    def __init__(self, title: str) -> None:
        print(title)
        self.missed = 0

    def row(self, what: str, value: float, limit: float, unit: str = "", note: str = "") -> None:
        """Print one figure that must not exceed its limit."""
        good = value <= limit
        self.missed += not good
        print(
            f"  {'ok    ' if good else 'MISSED'} {what}: {value:.4g} {unit} (limit {limit:g} {unit}) {note}", flush=True
        )

    def time(self, what: str, seconds: float, yardstick: Yardstick, limit: float, note: str = "") -> None:
        """Print a time that must not exceed so many times the yardstick."""
        note = f"of {yardstick.name}, {yardstick.seconds:.3g} s; took {seconds:.3g} s {note}"
        self.row(what, seconds / yardstick.seconds, limit, "x", note)

    def say(self, text: str) -> None:
        """Print a line that is no judgement."""
        print(f"         {text}", flush=True)

    def end(self) -> None:
        """Exit."""
        sys.exit(1 if self.missed else 0)


SPIN = "while True: pass"
THRASH = "block = bytearray(64 << 20)\nwhile True: block = bytes(block)"


@contextmanager
def neighbours(*programs: str | Sequence[str]) -> Iterator[None]:
    """Let Python programs run beside whatever runs. A program is its code, or its code and arguments.

    They are killed with all that they have started.
    """
    commands = [[program] if isinstance(program, str) else program for program in programs]
    processes = [
        subprocess.Popen([sys.executable, "-c", *command], start_new_session=True, stderr=subprocess.DEVNULL)
        for command in commands
    ]
    try:
        yield
    finally:
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
