"""What advice would have been given on days that are over, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from pytest_carbon.core.forecast.choose_start import CAUTION, choose_start, offered_by_a_day
from pytest_carbon.core.forecast.features import Features
from pytest_carbon.core.forecast.local_slots import SLOTS_PER_DAY
from pytest_carbon.core.forecast.make_forecast import Model, Point, learn
from pytest_carbon.core.forecast.score import Decision

SCORED_DAYS = 60
"""The days by which advice is judged."""
JOB, WINDOW = 2, SLOTS_PER_DAY
"""The job that is judged: an hour, which ends within 24 hours."""
HOURS = range(8, 18)
"""The local hours at which it could begin at once, from Monday to Friday."""

Forecaster = Callable[[int], Sequence[Point | None]]
"""Gives the forecast of the 24 hours from a slot on, as known at its start; empty if there is none."""


def own_forecasts(features: Features) -> Forecaster:
    """Return our forecasts of a series as they would have been made; they learn once a day."""
    learnt: dict[int, Model] = {}

    def at(issued: int) -> Sequence[Point | None]:
        day = issued // SLOTS_PER_DAY
        if day not in learnt:
            learnt.clear()
            learnt[day] = learn(features, issued)
        return [learnt[day].point(features, issued, target) for target in range(issued, issued + WINDOW)]

    return at


def replay(
    values: Sequence[float | None], first: int, days: range, forecaster: Forecaster, caution: float = CAUTION
) -> Iterator[Decision]:
    """Yield the decisions of days of a series by the local clock, each with what came of it.

    ``first`` is the slot of the series' beginning, as ``by_local_clock`` returns; ``days`` count from there. Advice
    sees nothing from its own moment on. A decision whose outcome is unknown is left out, and so is a moment without a
    forecast.
    """
    for day in days:
        if (first // SLOTS_PER_DAY + day - 1) % 7 >= 5:  # ordinal 1 was a Monday
            continue
        for hour in HOURS:
            issued = day * SLOTS_PER_DAY + 2 * hour
            came = [_mean(values[at : at + JOB]) for at in range(issued, issued + WINDOW - JOB + 1)]
            now, known = came[0], [mean for mean in came if mean is not None]
            points = forecaster(issued) if now is not None else ()
            if now is None or not points:
                continue
            chosen = came[choose_start(points, JOB, offered_by_a_day(values, issued), caution)]
            if chosen is not None:
                yield Decision(day, now, chosen, min(known))


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) / JOB if len(known) == JOB else None
