"""The clock of the CPUs that work, as a share of their highest.

Idle CPUs run slowly. A mean over all CPUs would say that a test on one CPU of many runs at a low clock.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pytest_carbon.meter.kernel_text import kernel_text

_CPUS = Path("/sys/devices/system/cpu")
_PROC_STAT = Path("/proc/stat")
_READ_AT_MOST = 8
"""CPUs whose clock is read at each reading. A clock takes some 20 microseconds to read."""


class BusyClock:
    """Reads the clock of the CPUs that worked most since the last reading.

    Linux gives each CPU's clock and highest clock if the machine is no virtual one. Elsewhere psutil gives the mean.
    """

    def __init__(self, cpus: Path = _CPUS, proc_stat: Path = _PROC_STAT) -> None:
        self._cpus, self._proc_stat = cpus, proc_stat
        self._highest_khz = dict(_highest_clocks(cpus))
        self._ticks = self._busy_ticks()

    def share(self) -> float | None:
        """Return the mean clock share (0..1) of the busiest CPUs, weighted by their work. None if it is not known."""
        if not self._ticks:
            return _mean_share()
        if not self._highest_khz:
            return None
        before, self._ticks = self._ticks, self._busy_ticks()
        worked = {cpu: now - before.get(cpu, now) for cpu, now in self._ticks.items() if cpu in self._highest_khz}
        busiest = sorted(worked, key=worked.__getitem__, reverse=True)[:_READ_AT_MOST]
        shares = [(worked[cpu], share) for cpu in busiest if worked[cpu] > 0 and (share := self._share_of(cpu))]
        total = sum(ticks for ticks, _ in shares)
        return sum(ticks * share for ticks, share in shares) / total if total else None

    def _share_of(self, cpu: str) -> float | None:
        clock_khz = _number(self._cpus / cpu / "cpufreq" / "scaling_cur_freq")
        return min(1.0, clock_khz / self._highest_khz[cpu]) if clock_khz else None

    def _busy_ticks(self) -> dict[str, int]:
        """Return the ticks that each CPU has worked, by its name, such as ``cpu3``. Empty without the kernel's file."""
        found = {}
        with suppress(OSError, ValueError), self._proc_stat.open(encoding="ascii") as file:
            for line in file:
                name, *numbers = line.split()[:9]
                if not name.startswith("cpu"):
                    break
                user, nice, system, _, _, irq, softirq, *_ = map(int, numbers)
                found[name] = user + nice + system + irq + softirq
        return found


def _highest_clocks(cpus: Path) -> Iterator[tuple[str, float]]:
    """Yield each CPU's name and highest clock (kHz)."""
    for path in cpus.glob("cpu[0-9]*/cpufreq/cpuinfo_max_freq"):
        if highest_khz := _number(path):
            yield path.parent.parent.name, highest_khz


def _number(path: Path) -> float:
    """Return the positive number in a kernel file, or 0."""
    try:
        return max(0.0, float(kernel_text(path)))
    except ValueError:
        return 0.0


def _mean_share() -> float | None:
    """Return the mean clock of all CPUs as a share of the highest (0..1), or None."""
    try:
        import psutil

        clock = psutil.cpu_freq()
    except (ImportError, OSError, RuntimeError, NotImplementedError):
        return None
    return min(1.0, clock.current / clock.max) if clock and clock.max else None
