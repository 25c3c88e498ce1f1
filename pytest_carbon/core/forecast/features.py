"""What the past tells of a later half-hour: a profile, and how far recent days and hours are from it.

Every feature is a difference of intensities. So a constant grid has features of 0, and a grid with twice the grams has
features twice as large.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pytest_carbon.core.forecast.local_slots import SLOTS_PER_DAY

NAMES = (
    "last hour, for 2 h",
    "last 3 hours, for 6 h",
    "last 3 hours, for 12 h",
    "trend of 6 hours, for 6 h",
    "the day before",
    "the day before, for 12 h",
    "this weekday",
    "14 days",
    "the week against 4 weeks",
)
"""The features in the order of ``Features.row``; "for 2 h" says how fast a feature fades with the time ahead."""
_WEEK, _RECENT, _LONGEST = 7, 12, 3 * SLOTS_PER_DAY
_FADE = [[math.exp(-(ahead + 0.5) / slots) for ahead in range(_LONGEST)] for slots in (4.0, 12.0, 24.0)]


class Features:
    """The features of all half-hours of a series by the local clock (g/kWh, None for a gap).

    A row for a target that is known at ``issued`` uses nothing from ``issued`` on, so one series serves all issues.
    Slots count from the beginning of the series, at a local midnight. A gap adds nothing: the mean is that of what is
    known, and a difference to what is not known is 0.
    """

    def __init__(self, values: Sequence[float | None]) -> None:
        self.values = values
        self._week = _means_of_days_before(values, _WEEK)
        self._fortnight = _means_of_days_before(values, 2 * _WEEK)
        self._sums, self._counts = _running(values)
        base = self._week
        away = [None if y is None or b is None else y - b for y, b in zip(values, base, strict=False)]
        self._away_sums, self._away_counts = _running(away)
        self._last_issue, self._last_levels = -1, (0.0, 0.0, 0.0, 0.0)

    def row(self, issued: int, target: int) -> tuple[float, tuple[float, ...]] | None:
        """Return the profile and the features of slot ``target``, as known at the start of slot ``issued``.

        The profile is the mean of the last seven days at this time of day. None if it is not known.
        """
        ahead = target - issued
        back = ahead // SLOTS_PER_DAY * SLOTS_PER_DAY
        profile = self._week[target - back]
        if profile is None or ahead >= _LONGEST:
            return None
        hour, hours3, before, level = self._recent(issued)
        short, middle, long = (fade[ahead] for fade in _FADE)
        day = self._difference(self._value(target - back - SLOTS_PER_DAY), profile)
        return profile, (
            hour * short,
            hours3 * middle,
            hours3 * long,
            (hour - before) * (ahead + 0.5) / 12 * middle,
            day,
            day * long,
            self._difference(self._weekday(target), profile),
            self._difference(self._fortnight[target - back], profile),
            level,
        )

    def _recent(self, issued: int) -> tuple[float, float, float, float]:
        if self._last_issue != issued:
            day = SLOTS_PER_DAY
            week, month = (_mean(self._sums, self._counts, issued - days * day, issued) for days in (_WEEK, 4 * _WEEK))
            hour, hours3, before = (self._away(issued - far, issued - near) for far, near in ((2, 0), (6, 0), (12, 6)))
            self._last_issue, self._last_levels = issued, (hour, hours3, before, self._difference(week, month))
        return self._last_levels

    def _away(self, start: int, end: int) -> float:
        return _mean(self._away_sums, self._away_counts, start, end) or 0.0

    def _value(self, slot: int) -> float | None:
        return self.values[slot] if 0 <= slot < len(self.values) else None

    def _weekday(self, target: int) -> float | None:
        back = _WEEK * SLOTS_PER_DAY
        found = [y for weeks in range(1, 5) for y in [self._value(target - weeks * back)] if y is not None]
        return math.fsum(found) / len(found) if found else None

    @staticmethod
    def _difference(value: float | None, other: float | None) -> float:
        return 0.0 if value is None or other is None else value - other


def _running(values: Sequence[float | None]) -> tuple[list[float], list[int]]:
    sums, counts = [0.0], [0]
    for value in values:
        sums.append(sums[-1] + (value or 0.0))
        counts.append(counts[-1] + (value is not None))
    return sums, counts


def _mean(sums: Sequence[float], counts: Sequence[int], start: int, end: int) -> float | None:
    start, end = max(0, start), min(end, len(sums) - 1)
    count = counts[end] - counts[start] if start < end else 0
    return (sums[end] - sums[start]) / count if count else None


def _means_of_days_before(values: Sequence[float | None], days: int) -> list[float | None]:
    """Return for each slot, and a day beyond, the mean of the known ones of the days before at its time of day."""
    day, length = SLOTS_PER_DAY, len(values) + SLOTS_PER_DAY
    sums, counts = [0.0] * length, [0] * length
    for slot in range(day, length):
        new = values[slot - day]
        old = values[slot - (days + 1) * day] if slot >= (days + 1) * day else None
        sums[slot] = sums[slot - day] + (new or 0.0) - (old or 0.0)
        counts[slot] = counts[slot - day] + (new is not None) - (old is not None)
    return [total / count if count else None for total, count in zip(sums, counts, strict=True)]
