"""The forecast of a grid's intensity by its own past: a ridge regression on the last four weeks.

The coefficients are pulled towards those that fitted fourteen grids of Europe in 2017 to 2019 best, all taken together
(``benchmarks/grid.py --tune``): four weeks alone are few to learn nine numbers from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from typing import NamedTuple

from pytest_carbon.core.errors import CarbonError
from pytest_carbon.core.forecast.features import Features
from pytest_carbon.core.forecast.local_slots import HALF_HOUR, SLOTS_PER_DAY, History, by_local_clock, local_slot
from pytest_carbon.core.forecast.quantiles import Error, Spread, band_of, spreads
from pytest_carbon.core.forecast.ridge import fit_ridge

LEARNT_DAYS, USED_DAYS = 28, 63
"""The days whose half-hours are learnt from, and the days that are looked at."""
MOST_GAPS = 0.25
"""The share of half-hours of the last 28 days that may be unknown."""
LONGEST = 2 * SLOTS_PER_DAY
"""A forecast reaches 48 hours beyond the newest figure."""
COMMON = (1.149, -2.63, 2.634, 0.927, 0.189, -0.162, 0.275, 0.134, 0.133)
"""Coefficients in the order of ``features.NAMES``."""
STRENGTH = 1.0
_ISSUED_EVERY, _TARGET_EVERY = 6, 8


class NoForecastError(CarbonError):
    """Why there is no forecast of a grid, as a clause."""


class Point(NamedTuple):
    """The forecast of one half-hour in g/kWh: of ten such, one should come below ``p10``, and one above ``p90``."""

    p10: float
    p50: float
    p90: float


class Samples(NamedTuple):
    """Forecasts to learn from: the slot and how far ahead, the features, and by how much the profile was wrong."""

    keys: list[tuple[int, int]]
    rows: list[tuple[float, ...]]
    wanted: list[float]


@dataclass(frozen=True, slots=True)
class Model:
    """What was learnt: coefficients in the order of ``features.NAMES``, and the spread of each band of time ahead."""

    coefficients: Sequence[float]
    spreads: Sequence[Spread]

    def point(self, features: Features, issued: int, target: int) -> Point | None:
        """Return the forecast of slot ``target`` as of the start of slot ``issued``; None if nothing is known of it."""
        middle = middle_of(features, issued, target, self.coefficients)
        if middle is None:
            return None
        low, high = self.spreads[band_of(target - issued)]
        return Point(max(0.0, middle + low), middle, max(0.0, middle + high))


def middle_of(features: Features, issued: int, target: int, coefficients: Sequence[float]) -> float | None:
    """Return the middle of the forecast, never below 0 g/kWh; None if nothing is known of the slot."""
    row = features.row(issued, target)
    return None if row is None else max(0.0, row[0] + sum(map(mul, row[1], coefficients)))


def learn(features: Features, issued: int) -> Model:
    """Return what the four weeks before slot ``issued`` teach; nothing from ``issued`` on is looked at."""
    return learn_from(samples(features, issued - LEARNT_DAYS * SLOTS_PER_DAY, issued))


def learn_from(found: Samples, towards: Sequence[float] = COMMON, strength: float = STRENGTH) -> Model:
    """Return what samples teach."""
    keys, rows, wanted = found
    coefficients = fit_ridge(list(zip(*rows, strict=True)), wanted, towards, strength) if rows else list(towards)
    errors = [
        Error(target // SLOTS_PER_DAY, ahead, value - sum(map(mul, row, coefficients)))
        for (target, ahead), row, value in zip(keys, rows, wanted, strict=True)
    ]
    return Model(coefficients, spreads(sorted(errors)))


def samples(features: Features, start: int, end: int) -> Samples:
    """Return forecasts that could have been made for known slots from ``start`` to ``end``, a sample of all.

    They are issued every three hours, each for slots four hours apart.
    """
    keys: list[tuple[int, int]] = []
    rows: list[tuple[float, ...]] = []
    wanted: list[float] = []
    for number, issued in enumerate(range(max(start, SLOTS_PER_DAY), end, _ISSUED_EVERY)):
        for ahead in range(number * 3 % _TARGET_EVERY, min(LONGEST, end - issued), _TARGET_EVERY):
            value = features.values[issued + ahead]
            row = features.row(issued, issued + ahead) if value is not None else None
            if row is not None and value is not None:
                keys.append((issued + ahead, ahead))
                rows.append(row[1])
                wanted.append(value - row[0])
    return Samples(keys, rows, wanted)


def make_forecast(history: History) -> list[Point]:
    """Return the 48 hours after a history's newest figure, by the half-hour. Raises NoForecastError with the reason."""
    values = list(history.values)
    while values and values[-1] is None:
        values.pop()
    known = History(history.start, values, history.clock)
    reason = why_not(values)
    if reason:
        raise NoForecastError(reason)
    skipped = max(0, len(values) - USED_DAYS * SLOTS_PER_DAY)
    used = History(known.start + skipped * HALF_HOUR, values[skipped:], known.clock)
    first, local = by_local_clock(used)
    features, issued = Features(local), len(local)
    model = learn(features, issued)
    slots = [local_slot(used.end + n * HALF_HOUR, used.clock) - first for n in range(LONGEST)]
    points = [model.point(features, issued, max(slot, issued)) for slot in slots]
    if None in points:
        raise NoForecastError("of some hours of the day nothing is known in the last week")
    return [point for point in points if point is not None]


def why_not(values: Sequence[float | None]) -> str:
    """Return why half-hours, the last of them known, are too few to learn from; empty if they are enough."""
    needed = LEARNT_DAYS * SLOTS_PER_DAY
    if len(values) < needed:
        return f"{len(values) / SLOTS_PER_DAY:.1f} days of history are known; a forecast needs {LEARNT_DAYS}"
    missing = sum(value is None for value in values[-needed:]) / needed
    if missing > MOST_GAPS:
        return f"{missing:.0%} of the last {LEARNT_DAYS} days are unknown; a forecast needs {1 - MOST_GAPS:.0%} known"
    return ""
