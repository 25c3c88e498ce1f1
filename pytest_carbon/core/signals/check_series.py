"""What of a source's answer can be believed: a source that lies is passed over, and named."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from pytest_carbon.core.signals.signal import is_utc

MOST_G_PER_KWH = 2500.0
"""No grid is dirtier: lignite alone is at about 1,100 g/kWh, oil in an old plant at 1,500."""
LEAST_SLOT, MOST_SLOT = timedelta(minutes=1), timedelta(days=1)
_CLOCKS_DIFFER = timedelta(minutes=15)
_LATEST = timedelta(days=10)
"""No forecast reaches further."""
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)


class Figure(NamedTuple):
    """A figure of a source's answer: g/kWh (None if the source leaves the figure out) from ``start`` to ``end``.

    ``is_measured`` says whether the source claims to have measured.
    """

    start: datetime
    end: datetime
    g_per_kwh: float | None
    is_measured: bool = False


def find_fault(figures: Sequence[Figure], now: datetime) -> str | None:
    """Return the clause that says why a series cannot be believed, or None.

    A series with one figure that cannot be true is refused as a whole: the others come from the same place.
    """
    before: datetime | None = None
    for start, end, value, is_measured in figures:
        if not is_utc(start) or not is_utc(end):
            return f"a time without UTC ({start.isoformat()})"
        if before is not None and start < before:
            return f"times that go back ({before.isoformat()}, then {start.isoformat()})"
        if not LEAST_SLOT <= end - start <= MOST_SLOT:
            return f"a slot from {start.isoformat()} to {end.isoformat()}"
        if start > now + _LATEST or start < EARLIEST:
            return f"a slot at {start.isoformat()}"
        if is_measured and start > now + _CLOCKS_DIFFER:
            return f"a measured figure of {start.isoformat()}, which is yet to come"
        if value is not None and not (math.isfinite(value) and 0 <= value <= MOST_G_PER_KWH):
            return f"{value:g} g/kWh at {start.isoformat()}"
        before = end
    return None if any(figure.g_per_kwh is not None for figure in figures) else "no figure"


def with_ends(points: Iterable[tuple[datetime, float | None]], step: timedelta | None = None) -> list[Figure]:
    """Return points in time as figures that last for ``step``, but not beyond the next point.

    Without ``step`` it is the most common time between two points; a single point lasts for an hour.
    """
    listed = list(points)
    if step is None:
        gaps = Counter(later[0] - earlier[0] for earlier, later in pairwise(listed))
        step = max(sorted(gaps), key=gaps.__getitem__) if gaps else timedelta(hours=1)
    nexts = [start for start, _ in listed[1:]]
    ends = [start + step for start, _ in listed]
    bounded = [min(end, later) if later > end - step else end for end, later in zip(ends, nexts, strict=False)]
    return [Figure(start, end, value) for (start, value), end in zip(listed, [*bounded, *ends[-1:]], strict=True)]
