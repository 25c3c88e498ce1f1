"""Windows of a budget: rolling days, months and quarters of a time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.window import BudgetWindow, parse_window
from pytest_carbon.core.errors import ConfigError

LAW = settings(max_examples=200, deadline=None)
ZONES = [
    "UTC", "Europe/Berlin", "America/New_York", "America/Havana", "America/Asuncion", "America/St_Johns",
    "Asia/Kathmandu", "Asia/Tehran", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Kiritimati",
    "Pacific/Chatham", "Pacific/Apia", "Asia/Beirut", "Africa/Cairo",
]  # fmt: skip
MOMENTS = st.datetimes(datetime(2012, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))
CALENDARS = st.builds(parse_window, st.sampled_from(["month", "quarter"]), st.sampled_from(ZONES))
ROLLING = st.builds(lambda days: parse_window(f"{days}d"), st.integers(1, 366))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "kind", "days"),
    [
        ("28d", "rolling", 28),
        ("4w", "rolling", 28),
        (" 4 w ", "rolling", 28),
        ("1d", "rolling", 1),
        ("366d", "rolling", 366),
        ("month", "month", None),
        ("quarter", "quarter", None),
    ],
)
def test_window_is_parsed(text: str, kind: str, days: int | None) -> None:
    """A window is a number of days or weeks, or the name of a calendar period."""
    window = parse_window(text, "Europe/Berlin")
    assert (window.text, window.kind, window.days, window.zone) == (text.strip(), kind, days, "Europe/Berlin")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("0d", "at least 1 day and at most 366"),
        ("367d", "at least 1 day and at most 366"),
        ("53w", "at least 1 day and at most 366"),
        ("-3d", "is not a window; write"),
        ("24h", "is not a window; write"),
        ("1.5d", "is not a window; write"),
        ("1y", "is not a window; write"),
        ("1e9d", "is not a window; write"),
        ("9" * 5000 + "d", "is not a window; write"),
        ("٢d", "is not a window; write"),
        ("", "is not a window; write"),
        ("monht", 'did you mean "month"?; write'),
        ("Quarter", 'did you mean "quarter"?; write'),
        (28, "is 28, which is not a string; write"),
        (True, "is True, which is not a string; write"),
        (None, "is None, which is not a string; write"),
    ],
)
def test_invalid_window_is_refused(text: object, complaint: str) -> None:
    """The error names the setting, its value and what to write, in less than 250 characters."""
    with pytest.raises(ConfigError) as caught:
        parse_window(text, setting="carbon.toml: window")
    assert str(caught.value).startswith("carbon.toml: window is ")
    assert complaint in str(caught.value)
    assert '"28d", "4w", "month" or "quarter"' in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("zone", "complaint"),
    [
        ("Europe/Belin", "no time zone is called 'Europe/Belin'; did you mean \"Europe/Berlin\"?"),
        ("CEST-ish", "no time zone is called 'CEST-ish'"),
        ("", "no time zone is called ''"),
        ("Europe", "no time zone is called 'Europe'"),
        ("../../etc/passwd", "no time zone is called"),
        ("a\0b", "no time zone is called"),
        ("\ud800", "no time zone is called"),
        ("x" * 10_000, "no time zone is called"),
        (2, "its time zone is 2"),
        (None, "its time zone is None"),
    ],
)
@pytest.mark.parametrize("text", ["28d", "month"])
def test_unknown_time_zone_is_refused(text: str, zone: object, complaint: str) -> None:
    """An unknown time zone is an error that names the nearest known zone, for every window."""
    with pytest.raises(ConfigError) as caught:
        parse_window(text, zone, "carbon.toml: window")
    assert complaint in str(caught.value)
    assert str(caught.value).startswith("carbon.toml: window: ")
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    ("text", "zone", "now", "start", "end"),
    [
        ("28d", "UTC", "2026-03-31T12:00+00:00", "2026-03-03T12:00+00:00", "2026-03-31T12:00+00:00"),
        ("1d", "Europe/Berlin", "2026-03-29T12:00+02:00", "2026-03-28T10:00+00:00", "2026-03-29T10:00+00:00"),
        ("month", "UTC", "2026-02-28T23:59:59+00:00", "2026-02-01T00:00+00:00", "2026-03-01T00:00+00:00"),
        ("month", "UTC", "2028-02-29T12:00+00:00", "2028-02-01T00:00+00:00", "2028-03-01T00:00+00:00"),
        ("month", "UTC", "2026-12-01T00:00+00:00", "2026-12-01T00:00+00:00", "2027-01-01T00:00+00:00"),
        ("month", "Europe/Berlin", "2026-02-28T23:30+00:00", "2026-02-28T23:00+00:00", "2026-03-31T22:00+00:00"),
        ("month", "America/Asuncion", "2017-10-10T00:00+00:00", "2017-10-01T04:00+00:00", "2017-11-01T03:00+00:00"),
        ("month", "America/Havana", "2026-11-01T04:30+00:00", "2026-11-01T04:00+00:00", "2026-12-01T05:00+00:00"),
        ("month", "America/Havana", "2026-11-01T05:30+00:00", "2026-11-01T04:00+00:00", "2026-12-01T05:00+00:00"),
        ("quarter", "UTC", "2026-03-31T23:59+00:00", "2026-01-01T00:00+00:00", "2026-04-01T00:00+00:00"),
        ("quarter", "UTC", "2026-04-01T00:00+00:00", "2026-04-01T00:00+00:00", "2026-07-01T00:00+00:00"),
        ("quarter", "Asia/Kathmandu", "2026-12-31T18:14+00:00", "2026-09-30T18:15+00:00", "2026-12-31T18:15+00:00"),
        ("quarter", "Asia/Kathmandu", "2026-12-31T18:15+00:00", "2026-12-31T18:15+00:00", "2027-03-31T18:15+00:00"),
    ],
)  # fmt: skip
def test_bounds_of_known_moments(text: str, zone: str, now: str, start: str, end: str) -> None:
    """Bounds are in UTC, also where midnight is skipped (Asuncion 2017) or comes twice (Havana 2026)."""
    window = parse_window(text, zone)
    bounds = window.bounds(_at(now))
    assert bounds == (_at(start), _at(end))
    assert {bound.tzinfo for bound in bounds} == {UTC}
    assert window.length_s(_at(now)) == (_at(end) - _at(start)).total_seconds()


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("28d", "2025-11-26T12:00+00:00", "2025-12-24T12:00+00:00"),
        ("month", "2025-11-30T23:00+00:00", "2025-12-31T23:00+00:00"),
        ("quarter", "2025-09-30T22:00+00:00", "2025-12-31T23:00+00:00"),
    ],
)
def test_window_before_a_known_moment(text: str, start: str, end: str) -> None:
    """The window before is the rolling days before, or the last month or quarter, also across the new year."""
    bounds = parse_window(text, "Europe/Berlin").previous(_at("2026-01-21T12:00+00:00"))
    assert bounds == (_at(start), _at(end))


@LAW
@given(CALENDARS, MOMENTS)
def test_calendar_windows_tile_the_time(window: BudgetWindow, now: datetime) -> None:
    """Every moment is in exactly one window, which ends where the next window starts."""
    start, end = window.bounds(now)
    assert start <= now < end
    assert window.bounds(start) == window.bounds(end - timedelta(microseconds=1)) == (start, end)
    assert window.bounds(end)[0] == end
    assert window.previous(end) == (start, end)
    assert window.previous(now) == window.bounds(start - timedelta(microseconds=1))


@LAW
@given(CALENDARS, MOMENTS)
def test_calendar_window_starts_at_the_first_instant_of_a_month(window: BudgetWindow, now: datetime) -> None:
    """In its time zone the window starts on the first day of a month; an instant earlier is the month before."""
    start, end = window.bounds(now)
    zone = ZoneInfo(window.zone)
    assert (start.astimezone(zone).day, end.astimezone(zone).day) == (1, 1)
    before = (start - timedelta(microseconds=1)).astimezone(zone)
    assert before.month == (start.astimezone(zone).month - 2) % 12 + 1
    days = (end - start).total_seconds() / 86400
    assert (27.9 < days < 31.1) if window.kind == "month" else (89.9 < days < 92.1)


@LAW
@given(ROLLING, MOMENTS, st.sampled_from(ZONES))
def test_rolling_window_keeps_its_length_when_clocks_change(window: BudgetWindow, now: datetime, zone: str) -> None:
    """A day of a rolling window is 24 hours, in every time zone and over every change of the clocks."""
    start, end = window.bounds(now.astimezone(ZoneInfo(zone)))
    assert (start, end) == window.bounds(now)
    assert end == now
    assert (end - start).total_seconds() == window.length_s(now) == (window.days or 0) * 86400
    assert window.previous(now) == (start - (end - start), start)


@pytest.mark.parametrize("text", ["28d", "month"])
def test_moment_without_a_time_zone_is_refused(text: str) -> None:
    """A time without a time zone raises ValueError."""
    window = parse_window(text)
    for use in (window.bounds, window.previous, window.length_s):
        with pytest.raises(ValueError, match="has no time zone"):
            use(datetime(2026, 1, 1))
