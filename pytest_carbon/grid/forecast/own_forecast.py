"""Our own forecast of a zone, as signals, if its last 60 days say that the forecast can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pytest_carbon.core.forecast.features import Features
from pytest_carbon.core.forecast.kept_forecasts import kept_forecasts
from pytest_carbon.core.forecast.local_slots import HALF_HOUR, SLOTS_PER_DAY, History, by_local_clock
from pytest_carbon.core.forecast.make_forecast import LEARNT_DAYS, NoForecastError, Point, make_forecast
from pytest_carbon.core.forecast.replay import SCORED_DAYS, own_forecasts, replay
from pytest_carbon.core.forecast.score import Score, score
from pytest_carbon.core.signals.signal import Origin, Signal
from pytest_carbon.grid.forecast.zone_history import ZoneHistory, histories
from pytest_carbon.grid.live.chain import Chain

NAME = "pytest-carbon"
_OLDEST = timedelta(hours=36)
"""Beyond, a forecast of 48 h tells too little of what is ahead."""


@dataclass(frozen=True, slots=True)
class OwnForecast:
    """The half-hours ahead with their P10 and P90, and why there are none, or why earlier sources gave no past."""

    signals: Sequence[Signal]
    points: Sequence[Point]
    faults: tuple[str, ...]


def own_forecast(chain: Chain, zone: str, now: datetime) -> OwnForecast:
    """Return our forecast by the first source whose past is enough and whose score is good; empty if there is none."""
    faults: list[str] = []
    for past in histories(chain, zone, now):
        faults += past.faults
        if past.history is None or past.origin is None:
            continue
        try:
            return OwnForecast(*_ahead(past.history, past.origin, zone, now), tuple(faults))
        except NoForecastError as error:
            faults.append(f"{NAME} by the past of {past.source}: {error}")
    return OwnForecast((), (), tuple(faults))


def _ahead(history: History, origin: Origin, zone: str, now: datetime) -> tuple[list[Signal], list[Point]]:
    newest = max(n for n, value in enumerate(history.values) if value is not None) + 1
    start = history.start + newest * HALF_HOUR
    if start < now - _OLDEST:
        raise NoForecastError(f"the newest figure ends at {start:%Y-%m-%d %H:%M} UTC, more than 36 hours ago")
    points = make_forecast(history)
    reason = own_score(history).reason_to_abstain
    if reason:
        raise NoForecastError(f"no advice, because {reason}")
    ours = replace(origin, source=NAME, licence=f"forecast from figures of {origin.source}: {origin.licence}")
    slots = [(start + n * HALF_HOUR, point) for n, point in enumerate(points) if start + (n + 1) * HALF_HOUR > now]
    signals = [Signal(zone, at, at + HALF_HOUR, p.p50, "forecast", ours, now, now) for at, p in slots]
    return signals, [point for _, point in slots]


def own_score(history: History) -> Score:
    """Return how good our forecasts of the last 60 days of a history would have been."""
    first, values = by_local_clock(history)
    return score(replay(values, first, _scored(values, LEARNT_DAYS), own_forecasts(Features(values))))


def published_score(past: ZoneHistory) -> Score:
    """Return how good a source's own forecasts of the last 60 days were, as far as they were kept when issued."""
    if past.history is None:
        return score([])
    first, values = by_local_clock(past.history)
    forecasts = kept_forecasts(past.issued, first, past.history.clock)
    return score(replay(values, first, _scored(values, 0), forecasts))


def _scored(values: Sequence[float | None], learnt_days: int) -> range:
    """Return the days whose decisions have an outcome, without those that are only learnt from."""
    last = len(values) // SLOTS_PER_DAY - 1
    return range(max(learnt_days, last - SCORED_DAYS), last)
