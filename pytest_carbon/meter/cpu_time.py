"""The CPU seconds of the whole machine, as the kernel counts them, and a clock that all its processes share."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import BuiltinFunctionType
from typing import Protocol

from pytest_carbon.core.model import CpuReading

children_usage: Callable[[], Sequence[float]]
"""Returns the CPU seconds of the children that were waited for, and of theirs: those of the user, of the system, and
more; 0 and 0 where they are unknown."""

try:
    from resource import RUSAGE_CHILDREN, getrusage
except ImportError:  # missing on Windows
    children_usage = partial(tuple, (0.0, 0.0))
else:
    children_usage = partial(getrusage, RUSAGE_CHILDREN)

_PROC_STAT = Path("/proc/stat")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def _true_clock() -> Callable[[], float]:
    """Return the clock behind ``time.perf_counter``, also if a library has put a frozen one in its place already."""
    if isinstance(time.perf_counter, BuiltinFunctionType) or not hasattr(time, "clock_gettime"):
        return time.perf_counter
    return partial(time.clock_gettime, getattr(time, "CLOCK_UPTIME_RAW", time.CLOCK_MONOTONIC))


class CpuQuota(Protocol):
    """How many CPUs the processes of a container may use at once, and the CPU seconds that they have used."""

    cpus: float

    def used_s(self) -> float | None:
        """Return the CPU seconds used; None if nothing counts them."""


class Clock:
    """The machine's monotonic clock, in seconds.

    It is held in a class, not in a module: libraries that freeze time for a test replace the clock functions of every
    loaded module, and the meter must not stop with them.
    """

    now = staticmethod(_true_clock())


def read_cpu_time(quota: CpuQuota | None = None, proc_stat: Path = _PROC_STAT) -> CpuReading | None:
    """Read the cumulative CPU seconds of all processes. Returns None if no kernel interface gives them.

    Linux: ``/proc/stat`` (takes 30 microseconds; counts in ticks of usually 10 ms). Other systems: psutil. With a
    ``quota``, the reading is of the CPUs that may be used, and of the processes that share the quota; if nothing counts
    these, of their share of all processes.
    """
    reading = _read_machine(proc_stat)
    if reading is None or quota is None:
        return reading
    used_s = quota.used_s()
    share = quota.cpus / (os.cpu_count() or 1)
    return replace(
        reading,
        busy_s=reading.busy_s * share if used_s is None else used_s,
        steal_s=reading.steal_s * share,
        total_s=reading.at_s * quota.cpus,
    )


def _read_machine(proc_stat: Path) -> CpuReading | None:
    try:
        with proc_stat.open(encoding="ascii") as file:
            numbers = [int(n) for n in file.readline().split()[1:9]]
    except (OSError, ValueError):
        return _read_with_psutil()
    if len(numbers) < 8:
        return None
    tick = 1 / os.sysconf("SC_CLK_TCK")
    user, nice, system, idle, iowait, irq, softirq, steal = numbers
    if not any(numbers):  # as in sandboxes, which have the file and count nothing
        return None
    busy = user + nice + system + irq + softirq
    return CpuReading(Clock.now(), busy * tick, steal * tick, (busy + idle + iowait + steal) * tick)


def _read_with_psutil() -> CpuReading | None:
    try:
        import psutil

        times = psutil.cpu_times()
    except (ImportError, OSError, RuntimeError):
        return None
    waiting = times.idle + getattr(times, "iowait", 0.0)
    steal = getattr(times, "steal", 0.0)
    guest = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)  # also counted in user
    total = float(sum(times)) - guest
    return CpuReading(Clock.now(), total - waiting - steal, steal, total)


def boot_id() -> str:
    """Return an id of this boot of this machine, or its host name. Clocks of different boots cannot be compared."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        import socket

        return socket.gethostname()
