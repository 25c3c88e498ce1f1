"""The past of a zone by one source: what it was asked before, and, if that is too little, what it tells now."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pytest_carbon.core.forecast.half_hour_means import half_hour_means, latest_of
from pytest_carbon.core.forecast.local_slots import HALF_HOUR, History
from pytest_carbon.core.signals.signal import Origin, Signal
from pytest_carbon.core.signals.split_by_time import half_hour_of
from pytest_carbon.grid.forecast.clocks import clock_of
from pytest_carbon.grid.live.chain import Chain, name_in_cache

DAYS = 91
"""Four weeks to learn from, and the 60 days by which advice is judged."""
_AT_ONCE = timedelta(days=31)
_ENOUGH = 0.9


@dataclass(frozen=True, slots=True)
class ZoneHistory:
    """The half-hours of a zone's last 91 days by one source, with the answers that were kept as they were issued.

    ``history`` is None if the source knows nothing of them; ``faults`` say why, or which days it does not tell.
    """

    source: str
    history: History | None
    origin: Origin | None
    issued: list[list[Signal]]
    faults: tuple[str, ...]


def histories(chain: Chain, zone: str, now: datetime) -> Iterator[ZoneHistory]:
    """Yield the past of a zone by each source of a chain, in its order. Figures of two sources are never mixed.

    A source is asked, for 31 days at once, where the kept answers lack a tenth of the half-hours.
    """
    end = half_hour_of(now)
    start = end - timedelta(days=DAYS)
    for source in chain.sources:
        issued = list(chain.cache.issued_since(name_in_cache(source), zone, start))
        known = [signal for answer in issued for signal in answer if signal.status != "forecast"]
        faults: list[str] = []
        if _known_share(known, start, end) < _ENOUGH:
            told = list(_asked(replace(chain, sources=[source]), zone, start, now, faults))
            known = [*known, *told] if not told or not known or told[0].origin == known[0].origin else told
        # An answer of another meaning than the newest one is of another time of this source, and left out.
        known = [signal for signal in known if signal.origin == known[-1].origin and signal.end <= now]
        values = half_hour_means(latest_of(known), start, end)
        first = next((n for n, value in enumerate(values) if value is not None), None)
        history = None if first is None else History(start + first * HALF_HOUR, values[first:], clock_of(zone))
        yield ZoneHistory(source.name, history, known[-1].origin if history else None, issued, tuple(faults))


def _known_share(signals: list[Signal], start: datetime, end: datetime) -> float:
    by_meaning = [signal for signal in signals if signal.origin == signals[-1].origin]
    values = half_hour_means(latest_of(by_meaning), start, end)
    return sum(value is not None for value in values) / len(values)


def _asked(chain: Chain, zone: str, start: datetime, now: datetime, faults: list[str]) -> Iterator[Signal]:
    while start < now:
        end = min(now, start + _AT_ONCE)
        answer = chain.between(zone, start, end)
        yield from (signal for signal in answer.signals if signal.status != "forecast")
        faults += [fault for fault in answer.faults if fault not in faults]
        start = end
