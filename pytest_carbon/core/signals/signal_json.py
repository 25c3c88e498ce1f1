"""Signals as JSON: what one source issued of one zone, as it was received."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from pytest_carbon.core.signals.signal import Basis, Kind, Origin, Side, Signal, Status, in_utc

SCHEMA = "pytest-carbon/signals/1"
_WORDS = {"kind": get_args(Kind), "basis": get_args(Basis), "side": get_args(Side)}
_STATUSES = get_args(Status)


def to_json(signals: Sequence[Signal]) -> dict[str, Any]:
    """Return signals of one zone and one origin, received together; at least one.

    A slot is [start, end, g/kWh, status], with the moment of issue, the carbon-free share and the mix where known.
    """
    first = signals[0]
    origin = first.origin
    return {
        "schema": SCHEMA,
        "zone": first.zone,
        "source": origin.source,
        "kind": origin.kind,
        "basis": origin.basis,
        "side": origin.side,
        "licence": origin.licence,
        "fetched": first.fetched.isoformat(),
        "slots": [_slot(signal) for signal in signals],
    }


def from_json(data: Mapping[str, Any]) -> list[Signal]:
    """Return the signals of a JSON value. Raises ValueError, KeyError or TypeError for a value of another shape."""
    if data["schema"] != SCHEMA:
        raise ValueError(f"the schema is {data['schema']!r:.60}")
    source, zone, licence = (_text(data[key]) for key in ("source", "zone", "licence"))
    kind, basis, side = (_one_of(data[key], words) for key, words in _WORDS.items())
    origin = Origin(source, kind, basis, side, licence)
    fetched = in_utc(datetime.fromisoformat(data["fetched"]))
    return [_signal(zone, origin, fetched, slot) for slot in _list(data["slots"])]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} is no text")
    return value


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r:.40} is no list")
    return value


def _one_of(value: Any, words: tuple[str, ...]) -> Any:
    if value not in words:
        raise ValueError(f"{value!r:.40} is none of {', '.join(words)}")
    return value


def _slot(signal: Signal) -> list[Any]:
    issued = signal.issued.isoformat() if signal.issued else None
    values = [signal.start.isoformat(), signal.end.isoformat(), round(signal.g_per_kwh, 3), signal.status]
    more = [issued, signal.carbon_free, dict(signal.mix) if signal.mix else None]
    while more and more[-1] is None:
        more.pop()
    return [*values, *more]


def _signal(zone: str, origin: Origin, fetched: datetime, slot: Sequence[Any]) -> Signal:
    whole: list[Any] = [*_list(slot), *[None] * (7 - len(slot))]
    start, end, g_per_kwh, status, issued, carbon_free, mix = whole
    if type(g_per_kwh) not in (int, float):
        raise TypeError(f"{g_per_kwh!r:.40} is no number")
    if mix is not None and not isinstance(mix, dict):
        raise TypeError(f"{mix!r:.40} is no mix")
    return Signal(
        zone,
        in_utc(datetime.fromisoformat(start)),
        in_utc(datetime.fromisoformat(end)),
        float(g_per_kwh),
        _one_of(status, _STATUSES),
        origin,
        fetched,
        in_utc(datetime.fromisoformat(issued)) if issued is not None else None,
        carbon_free,
        mix,
    )
