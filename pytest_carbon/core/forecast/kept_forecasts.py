"""Forecasts as a source issued them, as what advice would have known."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from pytest_carbon.core.forecast.half_hour_means import half_hour_means, latest_of
from pytest_carbon.core.forecast.local_slots import HALF_HOUR, SLOTS_PER_DAY
from pytest_carbon.core.forecast.make_forecast import Point
from pytest_carbon.core.forecast.replay import WINDOW, Forecaster
from pytest_carbon.core.signals.signal import Signal

_OLDEST = timedelta(hours=6)
"""Older answers are not what advice would have followed."""


def kept_forecasts(issued: Sequence[Sequence[Signal]], first: int, clock: tzinfo) -> Forecaster:
    """Return the forecasts that a source's kept answers give, by the slots of a series that begins with ``first``.

    An answer counts from when it was received. Without an answer of the last six hours, and for one that tells nothing
    of a moment and the hours after it, there is no forecast.
    """
    answers = sorted((answer for answer in issued if answer), key=lambda answer: answer[0].fetched)
    received = [answer[0].fetched for answer in answers]

    def at(slot: int) -> Sequence[Point | None]:
        moment = moment_of(first + slot, clock)
        newest = bisect_right(received, moment) - 1
        if newest < 0 or received[newest] < moment - _OLDEST:
            return ()
        if not any(signal.status == "forecast" and signal.end > moment + HALF_HOUR for signal in answers[newest]):
            return ()
        means = half_hour_means(latest_of(answers[newest]), moment, moment + WINDOW * HALF_HOUR)
        return [None if mean is None else Point(mean, mean, mean) for mean in means]

    return at


def moment_of(slot: int, clock: tzinfo) -> datetime:
    """Return when a slot of the local clock begins, in UTC; the first time, if the clock repeats it."""
    day = datetime.fromordinal(slot // SLOTS_PER_DAY)
    return (day + slot % SLOTS_PER_DAY * HALF_HOUR).replace(tzinfo=clock).astimezone(UTC)
