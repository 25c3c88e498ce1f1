"""A grid signal: the carbon intensity of one zone in one slot of time, with what the figure means."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from pytest_carbon.core.errors import CarbonError

Kind = Literal["average", "marginal"]
"""Whether the figure is that of all power plants, or of those that answer to one kWh more."""
Basis = Literal["lifecycle", "direct"]
"""Whether building plants and getting fuel counts, or only what leaves the chimney."""
Side = Literal["consumption", "production"]
"""Whether imports are counted in."""
Status = Literal["measured", "estimated", "forecast"]


MOST_SOURCES, MOST_NAME_CHARS = 40, 40
"""No mix names more sources of power, or one with a longer name."""


class MixedSignalsError(CarbonError):
    """Signals that mean different things, and so cannot be summed, compared or ranked together."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where signals come from and what their figures mean. ``licence`` is the text that must stand beside them."""

    source: str
    kind: Kind
    basis: Basis
    side: Side
    licence: str

    def __str__(self) -> str:
        """Return the source and the meaning as a clause."""
        return f"{self.source} ({self.kind}, {self.basis}, {self.side})"


@dataclass(frozen=True, slots=True)
class Signal:
    """The carbon intensity of a zone from ``start`` to ``end``, in g CO2e per kWh.

    Times are in UTC. ``issued`` is when the source made the figure, if told; ``fetched`` is when it was received.
    ``carbon_free`` is the share of carbon-free power (0..1), ``mix`` are the shares of sources by name (0..1); both are
    None where the source does not tell. Raises ValueError for times without a zone, an empty slot, a figure that is no
    number from 0, or a share that is no number from 0 to 1.
    """

    zone: str
    start: datetime
    end: datetime
    g_per_kwh: float
    status: Status
    origin: Origin
    fetched: datetime
    issued: datetime | None = None
    carbon_free: float | None = None
    mix: Mapping[str, float] | None = None

    def __post_init__(self) -> None:
        for moment in (self.start, self.end, self.fetched, self.issued):
            if moment is not None and not is_utc(moment):
                raise ValueError(f"a signal's time is {moment.isoformat()}, which is not in UTC")
        if not self.start < self.end:
            raise ValueError(f"a signal's slot begins at {self.start.isoformat()} and ends at {self.end.isoformat()}")
        if not math.isfinite(self.g_per_kwh) or self.g_per_kwh < 0:
            raise ValueError(f"a signal's intensity is {self.g_per_kwh} g/kWh")
        if self.carbon_free is not None:
            _check_share(self.carbon_free)
        if self.mix is not None:
            _check_mix(self.mix)

    @property
    def known_at(self) -> datetime:
        """When the figure was known: when the source made it, or, if the source does not tell, when it was received."""
        return self.issued or self.fetched


def is_utc(moment: datetime) -> bool:
    """Return whether a moment is given in UTC."""
    return moment.tzinfo is UTC or moment.utcoffset() == timedelta(0)


def _check_share(share: object) -> None:
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share <= 1:
        raise ValueError(f"a signal's share of power is {share!r:.40}")


def _check_mix(mix: Mapping[str, float]) -> None:
    if len(mix) > MOST_SOURCES or any(not isinstance(name, str) or len(name) > MOST_NAME_CHARS for name in mix):
        raise ValueError("a signal's mix has no shares of sources by name")
    for share in mix.values():
        _check_share(share)


def ensure_alike(signals: Iterable[Signal]) -> None:
    """Refuse signals that mean different things. Raises MixedSignalsError with two that differ in kind or basis."""
    first: Signal | None = None
    for signal in signals:
        first = first or signal
        if (signal.origin.kind, signal.origin.basis) != (first.origin.kind, first.origin.basis):
            raise MixedSignalsError(
                f"{first.origin} for {first.zone} and {signal.origin} for {signal.zone} mean different things, and "
                "cannot be compared or summed; choose sources of one kind and one basis"
            )


def cleanest_first(signals: Iterable[Signal]) -> list[Signal]:
    """Return signals by their intensity. Raises MixedSignalsError if they cannot be compared."""
    listed = list(signals)
    ensure_alike(listed)
    return sorted(listed, key=lambda signal: (signal.g_per_kwh, signal.start, signal.zone))


def in_utc(moment: datetime) -> datetime:
    """Return a moment in UTC. Raises ValueError for a moment without a time zone, which could be any hour.

    The same for a moment that is beyond the calendar in UTC.
    """
    if moment.tzinfo is UTC:
        return moment
    if moment.utcoffset() is None:
        raise ValueError(f"the time {moment.isoformat()} has no time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError(f"the time {moment.isoformat()} is at an end of the calendar") from None
