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
    None where the source does not tell. Raises ValueError for times without a zone, an empty slot, or a figure that
    is no number from 0.
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
        for moment in (self.start, self.end, self.fetched, *filter(None, [self.issued])):
            if moment.utcoffset() != timedelta(0):
                raise ValueError(f"a signal's time is {moment.isoformat()}, which is not in UTC")
        if not self.start < self.end:
            raise ValueError(f"a signal's slot begins at {self.start.isoformat()} and ends at {self.end.isoformat()}")
        if not math.isfinite(self.g_per_kwh) or self.g_per_kwh < 0:
            raise ValueError(f"a signal's intensity is {self.g_per_kwh} g/kWh")

    @property
    def known_at(self) -> datetime:
        """When the figure was known: when the source made it, or, if the source does not tell, when it was received."""
        return self.issued or self.fetched


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
    """Return a moment in UTC. Raises ValueError for a moment without a time zone: it could be any hour."""
    if moment.utcoffset() is None:
        raise ValueError(f"the time {moment.isoformat()} has no time zone")
    return moment.astimezone(UTC)
