"""The energy counters of CPU packages that Linux shows in powercap (RAPL of Intel and AMD)."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pytest_carbon.core.calibration.load_steps import MeterFacts

_SAME_J = 1.0
"""Two counters that still differ by less at the end of a step show the same package, as on CPUs of several dies."""
_PACKAGE_LOW, _PACKAGE_HIGH = 0.95, 2.0
"""A package is counted to within some per cent; board, memory, disks and the power supply take up to as much again."""


@dataclass
class _Domain:
    path: Path
    range_j: float
    last_j: float
    sum_j: float = 0.0

    def read(self) -> float:
        return _number(self.path / "energy_uj") / 1e6

    def count(self) -> None:
        now_j = self.read()
        step_j = now_j - self.last_j
        if step_j < 0 and self.last_j > self.range_j / 2:  # it was full, and began again
            step_j += self.range_j
        self.sum_j += max(0.0, step_j)
        self.last_j = now_j


class Rapl:
    """The counters of all packages together. ``sample`` must be called more often than they begin again at zero."""

    period_s = 0.5

    def __init__(self, domains: list[_Domain], names: list[str], now: Callable[[], float] = time.monotonic) -> None:
        self._domains = domains
        self._now = now
        self._start_s = now()
        self.facts = MeterFacts(
            f"RAPL ({', '.join(names)})",
            "the CPU packages",
            "memory, board, GPU, disks, screen and the losses of the power supply, for which the range leaves room",
            _PACKAGE_LOW,
            _PACKAGE_HIGH,
        )

    def start(self) -> None:
        """Begin a new mean."""
        for domain in self._domains:
            domain.count()
            domain.sum_j = 0.0
        self._start_s = self._now()

    def sample(self) -> None:
        """Read the counters."""
        for domain in self._domains:
            domain.count()

    def mean_w(self) -> float:
        """Return the mean watts since the start. Raises OSError if a counter cannot be read any more."""
        self.sample()
        seconds = self._now() - self._start_s
        distinct: list[_Domain] = []
        for domain in self._domains:
            if not any(abs(domain.last_j - other.last_j) < _SAME_J for other in distinct):
                distinct.append(domain)
        return sum(domain.sum_j for domain in distinct) / seconds if seconds > 0 else 0.0


def find_rapl(root: Path = Path("/"), now: Callable[[], float] = time.monotonic) -> Rapl | None:
    """Return the counters of the packages; None if this user can read none."""
    domains: dict[str, _Domain] = {}
    paths = (root / "sys/class/powercap").glob("intel-rapl*:*")
    for path in sorted(paths, key=lambda path: ("mmio" in path.name, path.name)):
        try:
            name = (path / "name").read_text(encoding="utf-8").strip()
            energy_j = _number(path / "energy_uj") / 1e6
        except (OSError, ValueError):
            continue
        if not name.startswith("package") or name in domains:
            continue
        domains[name] = _Domain(path, _range_j(path), energy_j)
    return Rapl(list(domains.values()), list(domains), now) if domains else None


def _range_j(path: Path) -> float:
    try:
        return _number(path / "max_energy_range_uj") / 1e6
    except (OSError, ValueError):
        return 0.0


def _number(path: Path) -> float:
    return float(path.read_text(encoding="ascii").strip())
