"""A source's own forecasts, as they were known at the time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pytest_carbon.core.forecast.kept_forecasts import kept_forecasts, moment_of
from pytest_carbon.core.forecast.local_slots import HALF_HOUR, local_slot
from pytest_carbon.core.signals.signal import Signal
from tests.core.signals.test_signal import SIGNAL

NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
FIRST = NINE.toordinal() * 48


def answer(received: datetime, g_per_kwh: float) -> list[Signal]:
    """Six hours of forecast from nine on."""
    starts = [NINE + n * HALF_HOUR for n in range(12)]
    made = replace(SIGNAL, status="forecast", g_per_kwh=g_per_kwh, fetched=received)
    return [replace(made, start=start, end=start + HALF_HOUR) for start in starts]


def test_the_newest_that_was_known() -> None:
    """An answer counts from when it was received, for six hours; beyond its end nothing is known."""
    at = kept_forecasts([answer(NINE + timedelta(minutes=40), 2.0), answer(NINE, 1.0), []], FIRST, UTC)
    assert [point.p50 if point else None for point in at(18)] == [1.0] * 12 + [None] * 36
    assert [point.p50 if point else None for point in at(20)][:11] == [2.0] * 10 + [None]
    assert (at(17), at(18 + 14)) == ((), ())


def test_a_past_is_no_forecast() -> None:
    """An answer that only tells of the past gives none."""
    past = [replace(signal, status="measured") for signal in answer(NINE, 1.0)]
    assert kept_forecasts([past], FIRST, UTC)(18) == ()


def test_moment_of() -> None:
    """The way back from the local clock."""
    berlin = ZoneInfo("Europe/Berlin")
    for moment in (NINE, datetime(2026, 7, 1, 12, 30, tzinfo=UTC)):
        assert moment_of(local_slot(moment, berlin), berlin) == moment
