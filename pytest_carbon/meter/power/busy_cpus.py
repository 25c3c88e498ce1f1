"""Keeps CPUs busy: one process for each, which ends with the process that started it.

``BusyCpus`` starts this module as ``python -m pytest_carbon.meter.power.busy_cpus``.
"""

from __future__ import annotations

import select
import subprocess
import sys
import time
from contextlib import suppress

import psutil

_SLICE_S = 0.05
_PROGRAM = (sys.executable, "-P", "-W", "ignore", "-m", "pytest_carbon.meter.power.busy_cpus")


class BusyCpus:
    """A context manager. ``set`` changes how many CPUs are busy; at the end, none of our processes is left."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[bytes]] = []
        self._ended_cpu_s = 0.0

    def __enter__(self) -> BusyCpus:
        return self

    def __exit__(self, *_: object) -> None:
        self.set(0)

    def set(self, count: int) -> None:
        """Start or end processes until there are so many."""
        while len(self._processes) < count:
            self._processes.append(
                subprocess.Popen(_PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            )
        surplus = self._processes[count:]
        del self._processes[count:]
        for process in surplus:
            process.kill()
        for process in surplus:
            self._ended_cpu_s += _cpu_s(process.pid)
            process.wait()
            if process.stdin is not None:
                process.stdin.close()

    def cpu_s(self) -> float:
        """Return the CPU seconds of all processes up to now."""
        return self._ended_cpu_s + sum(_cpu_s(process.pid) for process in self._processes)


def _cpu_s(pid: int) -> float:
    with suppress(psutil.Error):
        times = psutil.Process(pid).cpu_times()
        return float(times.user + times.system)
    return 0.0


def main() -> None:
    """Compute as tests do (calls, objects, texts) until standard input closes."""
    while not select.select([0], [], [], 0)[0]:
        until = time.perf_counter() + _SLICE_S
        while time.perf_counter() < until:
            words = {str(n): [n, n * n] for n in range(200)}
            sorted(words, key=lambda word: words[word][1])


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
