"""The window of a budget: the last days up to now, or a calendar month or quarter in a time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from pytest_carbon.core.errors import ConfigError, did_you_mean

LONGEST_D = 366
HOUR_S, DAY_S = 3600.0, 86400.0
INSTANT = timedelta(microseconds=1)
"""The smallest step of a time: a window ends one instant before the next window starts."""
_ROLLING = re.compile(r"\s*(\d{1,9})\s*([dw])\s*", re.ASCII)
_MONTHS: dict[str, Literal["month", "quarter"]] = {"month": "month", "quarter": "quarter"}


@dataclass(frozen=True, slots=True)
class BudgetWindow:
    """The period that a budget counts, with the text it was read from. ``days`` is the length if rolling, else None."""

    text: str
    kind: Literal["rolling", "month", "quarter"]
    days: int | None = None
    zone: str = "UTC"

    def bounds(self, now: datetime) -> tuple[datetime, datetime]:
        """Return the start and end, in UTC, of the window that ``now`` lies in.

        A rolling window is (now - days, now]. A calendar window is [first instant of the month or quarter, first
        instant of the next). Raises ValueError if ``now`` has no time zone.
        """
        return self._bounds(now, 0)

    def previous(self, now: datetime) -> tuple[datetime, datetime]:
        """Return the start and end, in UTC, of the window before the window that ``now`` lies in."""
        return self._bounds(now, -1)

    def length_s(self, now: datetime) -> float:
        """Return the seconds from start to end; a March that loses an hour to summer time is an hour shorter."""
        start, end = self.bounds(now)
        return (end - start).total_seconds()

    def includes(self, at: datetime, now: datetime) -> bool:
        """Return whether the window of ``now`` includes ``at``: (now - days, now] or, by calendar, [start, now]."""
        start, _ = self.bounds(now)
        return (start < at if self.kind == "rolling" else start <= at) and at <= now

    def _bounds(self, now: datetime, step: int) -> tuple[datetime, datetime]:
        now = to_utc(now)
        if self.days is not None:
            length = timedelta(days=self.days)
            end = now + step * length
            return end - length, end
        zone = time_zone(self.zone)
        local = now.astimezone(zone)
        months = 3 if self.kind == "quarter" else 1
        first = ((local.year * 12 + local.month - 1) // months + step) * months
        return _start_of_month(first, zone), _start_of_month(first + months, zone)


def to_utc(at: datetime) -> datetime:
    """Convert a time to UTC, where differences are true seconds. Raises ValueError for a time without a time zone."""
    if at.utcoffset() is None:
        raise ValueError(f"{at!r} has no time zone")
    return at.astimezone(UTC)


def _start_of_month(month: int, zone: tzinfo) -> datetime:
    """Return the first instant of a month, counted from the year 0; if the clocks skip midnight, the instant after."""
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=zone).astimezone(UTC)


def parse_window(text: object, zone: object = "UTC", setting: str = "a window") -> BudgetWindow:
    """Parse a window such as ``"28d"``, ``"4w"``, ``"month"`` or ``"quarter"``, and its IANA time zone.

    ``setting`` names the setting in errors. Raises ConfigError for any other text, for less than 1 day or more than
    366 days, and for a time zone that this machine does not know.
    """
    example = 'write "28d", "4w", "month" or "quarter"'
    if not isinstance(text, str):
        raise ConfigError(f"{setting} is {text!r}, which is not a string; {example}")
    name = text.strip()
    match = _ROLLING.fullmatch(text)
    if match is None and name not in _MONTHS:
        raise ConfigError(
            f"{setting} is {text[:60]!r}, which is not a window{did_you_mean(name[:60], _MONTHS)}; {example}"
        )
    known_zone = _check_zone(zone, setting)
    if match is None:
        return BudgetWindow(name, _MONTHS[name], None, known_zone)
    days = int(match[1]) * (7 if match[2] == "w" else 1)
    if not 1 <= days <= LONGEST_D:
        raise ConfigError(f"{setting} is {text[:60]!r}; it must be at least 1 day and at most {LONGEST_D}; {example}")
    return BudgetWindow(name, "rolling", days, known_zone)


def _check_zone(zone: object, what: str) -> str:
    if not isinstance(zone, str):
        raise ConfigError(f'{what}: its time zone is {zone!r}; write a name such as "Europe/Berlin"')
    try:
        time_zone(zone)
    except (KeyError, ValueError, OSError):  # no such name, no name at all, the name of a folder
        from zoneinfo import available_timezones

        known = available_timezones()
        near = did_you_mean(zone[:60], known) if known else "; this machine knows none: run pip install tzdata"
        hint = near or '; write "UTC" or a name such as "Europe/Berlin"'
        raise ConfigError(f"{what}: no time zone is called {zone[:60]!r}{hint}") from None
    return zone


def time_zone(name: str) -> tzinfo:
    """Return the time zone of an IANA name; UTC is known even on a machine without time zone data.

    Most runs need no other one, and do not pay for the import.
    """
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    return ZoneInfo(name)
