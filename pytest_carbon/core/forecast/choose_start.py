"""When to start a job, by a forecast: the slot that promises the most, less the risk of being worse than now."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pytest_carbon.core.forecast.local_slots import SLOTS_PER_DAY
from pytest_carbon.core.forecast.make_forecast import Point

LEAST_GAIN = 0.03
"""The share of the grams that waiting must promise to save."""
CAUTION = 2.0
"""What being worse than now costs, in the grams that a usual day offers to save."""
_SIGMAS = 2 * 1.2816  # between P10 and P90 of a normal distribution


def choose_start(points: Sequence[Point | None], slots: int, offered: float = 0.0, caution: float = CAUTION) -> int:
    """Return how many half-hours a job of ``slots`` half-hours should wait; 0 is to start now.

    ``points`` begin with the half-hour of now; the job ends within them. ``offered`` is what a usual day offers
    (g/kWh). A start counts with what it promises, less ``caution`` times ``offered`` times the chance that it is
    worse than now. A start with an unknown half-hour is no choice.
    """
    means = [_mean(points[at : at + slots]) for at in range(len(points) - slots + 1)]
    now = means[0] if means else None
    if now is None:
        return 0
    best, chosen = 0.0, 0
    for at, mean in enumerate(means):
        point = points[at]
        if mean is None or point is None or now - mean <= LEAST_GAIN * now:
            continue
        worth = now - mean - caution * offered * chance_of_loss(now - mean, point.p90 - point.p10)
        if worth > best:
            best, chosen = worth, at
    return chosen


def chance_of_loss(gain: float, spread: float) -> float:
    """Return the chance that a promised gain is none, by the distance of P10 and P90 (all in g/kWh)."""
    return 0.5 * math.erfc(gain * _SIGMAS / spread / math.sqrt(2)) if spread > 0 else float(gain <= 0)


def offered_by_a_day(values: Sequence[float | None], issued: int, days: int = 28) -> float:
    """Return by how much the cleanest half-hour of a day is below the day's mean: the mean of the days before a slot.

    The unit is that of the values; 0 if nothing is known.
    """
    ends = range(issued, max(issued - days * SLOTS_PER_DAY, SLOTS_PER_DAY - 1), -SLOTS_PER_DAY)
    known = [[y for y in values[end - SLOTS_PER_DAY : end] if y is not None] for end in ends]
    swings = [math.fsum(day) / len(day) - min(day) for day in known if day]
    return math.fsum(swings) / len(swings) if swings else 0.0


def _mean(points: Sequence[Point | None]) -> float | None:
    known = [point.p50 for point in points if point is not None]
    return math.fsum(known) / len(known) if len(known) == len(points) else None
