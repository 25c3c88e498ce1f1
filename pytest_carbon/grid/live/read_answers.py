"""Reads what services answer, without trusting it: an answer of a wrong shape ends as a SourceFaultError."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from pytest_carbon.core.signals.check_series import Figure, find_fault
from pytest_carbon.core.signals.signal import Origin, Signal, Status, in_utc
from pytest_carbon.core.signals.source_factors import carbon_free_share, intensity_of, shares_of
from pytest_carbon.grid.live.hide_keys import hide_keys
from pytest_carbon.grid.live.http_client import HttpError
from pytest_carbon.grid.live.signal_source import Question, SignalSource, SourceFaultError

_SHAPE_ERRORS = (ArithmeticError, AttributeError, LookupError, OSError, RuntimeError, TypeError, ValueError)
"""What reading an answer of any shape may bring about; RuntimeError is that of too deep lists as well."""


class Reading(NamedTuple):
    """One slot as a service tells it: ``g_per_kwh`` is None where the service leaves the figure out."""

    start: datetime
    end: datetime
    g_per_kwh: float | None
    status: Status
    issued: datetime | None = None
    carbon_free: float | None = None
    mix: Mapping[str, float] | None = None


def ask(source: SignalSource, question: Question) -> list[Signal]:
    """Return a source's signals, checked. Raises SourceFaultError with the source's name for everything that failed."""
    client = question.client
    try:
        signals = source.signals(question)
    except (SourceFaultError, HttpError) as error:
        text = hide_keys(str(error).encode(errors="replace"), client.secrets).decode(errors="replace")
        raise SourceFaultError(f"{source.name}: {text}") from None
    except _SHAPE_ERRORS as error:
        kind = type(error).__name__
        shown = client.shown(f"{kind}: {error}") or f" ({kind})"
        raise SourceFaultError(f"{source.name}: an answer of another shape{shown}") from None
    if not signals:
        raise SourceFaultError(f"{source.name}: no figure for {question.zone}")
    return signals


def to_signals(question: Question, origin: Origin, readings: Sequence[Reading]) -> list[Signal]:
    """Return the readings that have a figure and touch the time that was asked for, as signals.

    Raises SourceFaultError if one of all the readings cannot be true.
    """
    figures = [
        Figure(r.start, r.end, r.g_per_kwh, r.status == "measured" and r.g_per_kwh is not None) for r in readings
    ]
    fault = find_fault(figures, question.now) if readings else None
    if fault is not None:
        raise SourceFaultError(f"the answer has {fault}")
    return [
        Signal(
            question.zone, r.start, r.end, r.g_per_kwh, r.status, origin, question.now, r.issued, r.carbon_free, r.mix
        )
        for r in readings
        if r.g_per_kwh is not None and r.start < question.end and r.end > question.start
    ]


def past_and_ahead(
    question: Question,
    read_past: Callable[[], list[Reading]],
    read_ahead: Callable[[], list[Reading]],
    without: Collection[int],
) -> list[Reading]:
    """Return what a source knows up to now, and its forecast from there on, if the question reaches beyond now.

    An answer of the status ``without`` says that there is no forecast: of this zone, or in the user's plan.
    """
    past = until_last_figure(read_past()) if question.start < question.now else []
    known_until = past[-1].end if past else question.start
    if question.end <= max(known_until, question.now):
        return past
    try:
        ahead = read_ahead()
    except HttpError as error:
        if error.status in without:
            return past
        raise
    return [*past, *(reading for reading in ahead if reading.start >= known_until)]


def until_last_figure(readings: Sequence[Reading]) -> list[Reading]:
    """Return readings without those at the end that have no figure yet: a forecast may know their time."""
    count = len(readings)
    while count and readings[count - 1].g_per_kwh is None:
        count -= 1
    return list(readings[:count])


def reading_of_mix(start: datetime, end: datetime, power: Mapping[str, float]) -> Reading:
    """Return what was measured in a slot, made from the power of its sources; no figure without any power."""
    shares = shares_of(power)
    if shares is None:
        return Reading(start, end, None, "measured")
    return Reading(start, end, intensity_of(shares), "measured", None, carbon_free_share(shares), shares)


def mix_of(power: Mapping[str, float], sources: Mapping[str, str]) -> dict[str, float]:
    """Return the power of each source of ``core/signals/source_factors.py`` from the power by a service's own codes."""
    mix: dict[str, float] = {}
    for code, part in power.items():
        mix[sources[code]] = mix.get(sources[code], 0.0) + part
    return mix


def ensure_zone(items: Iterable[Any], key: str, code: str) -> None:
    """Refuse items of another zone, as a service sends that passes over the filter. Items may not tell their zone.

    Raises SourceFaultError.
    """
    if any(str(item.get(key, code)) != code for item in items):
        raise SourceFaultError(f"the answer has figures of another zone than {code}")


def list_of(answer: Any, key: str) -> list[Any]:
    """Return the list under a key of an answer. Raises SourceFaultError if there is no such list."""
    found = answer.get(key) if isinstance(answer, dict) else None
    if not isinstance(found, list):
        raise SourceFaultError(f"the answer has no {key!r}")
    return found


def number_of(value: Any) -> float | None:
    """Return a number, also one in a text; None for null. Raises ValueError for everything else, as for NaN."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(f"{value!r:.40} is no number")  # noqa: TRY004 - one kind of fault
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(f"{value!r:.40} is no number")
    return number


def moment_of(value: Any, zone: Callable[[datetime], datetime] | None = None) -> datetime:
    """Return the moment in UTC of an ISO text or of seconds since 1970. Raises ValueError.

    ``zone`` gives a time zone to texts that have none; without it they are refused.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    moment = datetime.fromisoformat(str(value))
    return in_utc(zone(moment) if zone is not None and moment.tzinfo is None else moment)


def utc(moment: datetime) -> datetime:
    """Return a moment without a time zone as one in UTC, for ``moment_of``."""
    return moment.replace(tzinfo=UTC)
