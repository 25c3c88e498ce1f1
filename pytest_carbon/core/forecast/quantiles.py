"""How wide a forecast must be, by its own errors of the last weeks: conformal prediction that adapts.

The levels follow Gibbs and Candes, "Adaptive conformal inference under distribution shift" (2021): after each day, a
bound that was crossed too often moves outwards, one that was crossed too seldom inwards.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

OUTSIDE = 0.10
"""The share that is meant to lie below P10, and above P90."""
BANDS = (2, 4, 8, 16, 24, 48)
"""Half-hours ahead at which a new band of errors begins; the first band is what lies before."""
_STEP, _FIRST_DAYS = 0.05, 7
_LEAST, _MOST = 0.01, 0.30


class Error(NamedTuple):
    """What came less what was forecast (g/kWh), for a half-hour of ``day`` that was ``ahead`` half-hours ahead."""

    day: int
    ahead: int
    g_per_kwh: float


class Spread(NamedTuple):
    """What is added to a forecast for P10 and P90: from 0 down, and from 0 up (g/kWh)."""

    low: float
    high: float


def band_of(ahead: int) -> int:
    """Return the number of the band that so many half-hours ahead lie in."""
    return bisect_right(BANDS, ahead)


def spreads(errors: Iterable[Error]) -> list[Spread]:
    """Return the spread of each band by errors in the order of their days.

    A band without errors has the spread of the band before.
    """
    seen: list[list[float]] = [[] for _ in range(len(BANDS) + 1)]
    low = high = OUTSIDE
    for number, (_, group) in enumerate(groupby(errors, key=lambda error: error.day)):
        today = list(group)
        if number >= _FIRST_DAYS:
            now = _of_bands(seen, low, high)
            low = _moved(low, sum(e.g_per_kwh < now[band_of(e.ahead)].low for e in today) / len(today))
            high = _moved(high, sum(e.g_per_kwh > now[band_of(e.ahead)].high for e in today) / len(today))
        for error in today:
            insort(seen[band_of(error.ahead)], error.g_per_kwh)
    return _of_bands(seen, low, high)


def _moved(level: float, crossed: float) -> float:
    return min(max(level + _STEP * (OUTSIDE - crossed), _LEAST), _MOST)


def _of_bands(seen: Sequence[Sequence[float]], low: float, high: float) -> list[Spread]:
    out: list[Spread] = []
    for errors in seen:
        before = out[-1] if out else Spread(0.0, 0.0)
        out.append(
            Spread(min(0.0, _quantile(errors, low)), max(0.0, _quantile(errors, 1 - high))) if errors else before
        )
    return out


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) + 1) - 1
    at = min(max(int(place), 0), len(ordered) - 1)
    after = min(at + 1, len(ordered) - 1)
    return ordered[at] + min(max(place - at, 0.0), 1.0) * (ordered[after] - ordered[at])
