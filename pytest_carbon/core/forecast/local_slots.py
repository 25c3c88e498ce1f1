"""A grid's past by the local clock: the same hour of yesterday is the same hour also after the clock has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

SLOTS_PER_DAY = 48
HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class History:
    """Half-hours of a grid in g/kWh from ``start`` (UTC) on, the oldest first; None where no figure is known.

    ``clock`` is the time zone in which people of that grid live. Raises ValueError for a start that is not in UTC or
    does not begin a half-hour.
    """

    start: datetime
    values: Sequence[float | None]
    clock: tzinfo = UTC

    def __post_init__(self) -> None:
        if self.start.utcoffset() != timedelta(0) or self.start.minute % 30 or self.start.second:
            raise ValueError(f"a history begins at {self.start.isoformat()}, which begins no half-hour of UTC")

    @property
    def end(self) -> datetime:
        """The end of the last half-hour."""
        return self.start + len(self.values) * HALF_HOUR


def local_slot(moment: datetime, clock: tzinfo) -> int:
    """Return the number of a moment's half-hour on the local clock, 48 to a day; slot // 48 is the day's ordinal."""
    local = moment.astimezone(clock)
    return local.toordinal() * SLOTS_PER_DAY + local.hour * 2 + local.minute // 30


def by_local_clock(history: History) -> tuple[int, list[float | None]]:
    """Return the slot of the local midnight before the history, and the values by the local clock from there on.

    The hour that a clock skips is None; of the hour that a clock repeats, the first one stands.
    """
    if not history.values:
        return local_slot(history.start, history.clock), []
    slots = [local_slot(history.start + n * HALF_HOUR, history.clock) for n in range(len(history.values))]
    first = slots[0] // SLOTS_PER_DAY * SLOTS_PER_DAY
    out: list[float | None] = [None] * (max(slots) - first + 1)
    for slot, value in zip(slots, history.values, strict=True):
        if out[slot - first] is None:
            out[slot - first] = value
    return first, out
