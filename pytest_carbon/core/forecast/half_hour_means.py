"""Signals of any step as half-hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from pytest_carbon.core.signals.signal import Signal, ensure_alike
from pytest_carbon.core.signals.split_by_time import HALF_HOUR, half_hours

_LEAST_S = HALF_HOUR.total_seconds() / 2


def half_hour_means(signals: Iterable[Signal], start: datetime, end: datetime) -> list[float | None]:
    """Return the mean g/kWh of each half-hour from ``start`` (which begins one) to ``end``, both in UTC.

    Half of a half-hour must be covered; the mean of a lesser part is unknown, None. No two signals may begin at once;
    ``latest_of`` sees to that. Raises MixedSignalsError if they mean different things.
    """
    listed = [signal for signal in signals if signal.start < end and signal.end > start]
    ensure_alike(listed)
    weighed: defaultdict[datetime, float] = defaultdict(float)
    covered_s: defaultdict[datetime, float] = defaultdict(float)
    for signal in listed:
        for at in half_hours(max(start, signal.start), min(end, signal.end)):
            part_s = (min(signal.end, at + HALF_HOUR) - max(signal.start, at)).total_seconds()
            weighed[at] += signal.g_per_kwh * part_s
            covered_s[at] += part_s
    return [
        weighed[at] / covered_s[at] if covered_s[at] >= _LEAST_S else None
        for n in range((end - start) // HALF_HOUR)
        for at in [start + n * HALF_HOUR]
    ]


def latest_of(signals: Iterable[Signal]) -> list[Signal]:
    """Return signals in the order of time; of those that begin at the same moment, the last of the sequence."""
    return [signal for _, signal in sorted({signal.start: signal for signal in signals}.items())]
