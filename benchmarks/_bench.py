"""What the benchmarks share: running pytest in a scratch folder, and printing figures against limits."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    """Run pytest there; the report is read if one is left, and removed."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        [python, "-m", "pytest", *plain, *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": "0"},
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

    def say(self, text: str) -> None:
        """Print a line that is no judgement."""
        print(f"         {text}", flush=True)

    def end(self) -> None:
        """Exit."""
        sys.exit(1 if self.missed else 0)


SPIN = "while True: pass"
THRASH = "block = bytearray(64 << 20)\nwhile True: block = bytes(block)"


@contextmanager
def neighbours(*codes: str) -> Iterator[None]:
    """Let Python programs run beside whatever runs: one that burns a CPU, or one that fights for memory as well."""
    processes = [subprocess.Popen([sys.executable, "-c", code]) for code in codes]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()
