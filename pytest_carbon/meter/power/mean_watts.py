"""The mean of watts that are read now and then, for meters that show power and do not count energy."""

from __future__ import annotations

from itertools import pairwise
from statistics import mean
from typing import Protocol

from pytest_carbon.core.calibration.load_steps import MeterFacts


class PowerMeter(Protocol):
    """A source of watts. Each method raises OSError or ConfigError if it cannot be read any more."""

    period_s: float

    @property
    def facts(self) -> MeterFacts:
        """What it is, sees and does not see."""

    def start(self) -> None:
        """Begin a new mean."""

    def sample(self) -> None:
        """Read once, which is due every ``period_s``."""

    def mean_w(self) -> float:
        """Return the mean watts since the start."""


class MeanWatts:
    """Keeps the watts of one step, and finds the smallest difference that the meter can tell."""

    def __init__(self) -> None:
        self._step: list[float] = []
        self._all: set[float] = set()

    def start(self) -> None:
        """Begin a new mean."""
        self._step = []

    def add(self, watts: float) -> None:
        """Add a reading."""
        self._step.append(watts)
        self._all.add(round(watts, 6))

    @property
    def count(self) -> int:
        """The number of readings of this step."""
        return len(self._step)

    def mean_w(self) -> float:
        """Return the mean of the readings of this step."""
        return mean(self._step)

    def resolution_w(self) -> float:
        """Return the smallest difference between two readings of all steps; 0 if there is none."""
        return min((b - a for a, b in pairwise(sorted(self._all))), default=0.0)
