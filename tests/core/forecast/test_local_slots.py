"""A past by the local clock, on days of 23, 24 and 25 hours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pytest_carbon.core.forecast.local_slots import HALF_HOUR, History, by_local_clock, local_slot

BERLIN = ZoneInfo("Europe/Berlin")


def test_slots_of_a_common_day() -> None:
    """Midnight in Berlin is 23:00 UTC in winter."""
    midnight = datetime(2026, 1, 5, 23, tzinfo=UTC)
    assert local_slot(midnight, BERLIN) == datetime(2026, 1, 6).toordinal() * 48
    first, values = by_local_clock(History(midnight + HALF_HOUR, [1.0, None, 3.0], BERLIN))
    assert (first, values) == (local_slot(midnight, BERLIN), [None, 1.0, None, 3.0])


@pytest.mark.parametrize(
    ("day", "hours", "expected"),
    [
        (datetime(2026, 3, 28, 23, tzinfo=UTC), 23, [0, 1, 2, 3, None, None, 4, 5]),
        (datetime(2026, 10, 24, 22, tzinfo=UTC), 25, [0, 1, 2, 3, 4, 5, 8, 9]),
    ],
)
def test_the_days_on_which_the_clock_changes(day: datetime, hours: int, expected: list[float | None]) -> None:
    """The skipped hour is unknown, and of the repeated one the first stands; every such day has 48 slots."""
    first, values = by_local_clock(History(day, [float(n) for n in range(2 * hours)], BERLIN))
    assert values[:8] == expected
    assert (len(values), values[-1]) == (48, 2 * hours - 1)
    assert first == local_slot(day, BERLIN)


def test_no_half_hour_no_history() -> None:
    """A history begins with a half-hour of UTC; an empty one has no values."""
    start = datetime(2026, 1, 6, tzinfo=UTC)
    for wrong in (start + timedelta(minutes=10), start.replace(tzinfo=None), start.astimezone(BERLIN)):
        with pytest.raises(ValueError, match="begins no half-hour of UTC"):
            History(wrong, [])
    assert by_local_clock(History(start, []))[1] == []
    assert History(start, [1.0, 2.0]).end == start + 2 * HALF_HOUR
