"""Grid signals as lines for the terminal: the figures, a line of blocks, and where the figures come from."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from pytest_carbon.core.percentages import percent_text
from pytest_carbon.core.signals.signal import Signal
from pytest_carbon.core.signals.split_by_time import HALF_HOUR, gaps_between, half_hours, intensity_at
from pytest_carbon.core.verdict.wording import duration_text

_BLOCKS = "▁▂▃▄▅▆▇█"
MOST_ROWS = 96
"""Two days of half-hours; a longer time is shown by days."""
_MOST_GAPS = 5


class _Row(NamedTuple):
    """A half-hour or a day: its mean g/kWh, None where a part of the half-hour or the whole day has no signal."""

    start: datetime
    g_per_kwh: float | None
    note: str


def signal_lines(
    signals: Sequence[Signal],
    asked: datetime | None,
    faults: Sequence[str],
    now: datetime,
    *,
    span: tuple[datetime, datetime] | None = None,
    fault: str = "",
) -> Iterator[str]:
    """Yield lines about signals of one zone and one origin, in the order of time: one, or a row for each half-hour.

    Rows are of ``span``, whose times without a signal are named. Then come the source, the meaning, the licence and the
    age of the figures, why the source did not answer again (``fault``), and why other sources were passed over.
    """
    first = signals[0]
    if span is None:
        yield f"{first.zone}: {first.g_per_kwh:.0f} g/kWh, {first.status}{_age(first, now)}{_free(first)}"
    else:
        yield from _rows(signals, *span)
        yield from _gaps(signals, *span)
    origin = first.origin
    yield f"source   {origin.source}: {origin.kind}, {origin.basis}, {origin.side}; {origin.licence}"
    if asked is not None:
        yield f"asked    {asked:%Y-%m-%d %H:%M} UTC"
    if fault:
        yield f"kept     because the newest question failed: {fault}"
    for passed_over in faults:
        yield f"not used {passed_over}"


def _age(signal: Signal, now: datetime) -> str:
    if signal.end > now:
        return f" for {signal.start:%H:%M} to {signal.end:%H:%M} UTC"
    return f" for {signal.start:%Y-%m-%d %H:%M} UTC, {duration_text((now - signal.end).total_seconds())} ago"


def _free(signal: Signal) -> str:
    return "" if signal.carbon_free is None else f", {percent_text(signal.carbon_free)} carbon-free"


def _rows(signals: Sequence[Signal], start: datetime, end: datetime) -> Iterator[str]:
    """Yield the zone, and a row for each half-hour, or for each day of a long time, with a bar on a scale from 0."""
    rows, what, form = _half_hours(signals, start, end), "half-hour", "%Y-%m-%d %H:%M"
    if len(rows) > MOST_ROWS:
        rows, what, form = _days(rows), "day", "%Y-%m-%d"
    top = max((row.g_per_kwh for row in rows if row.g_per_kwh is not None), default=0.0) or 1.0
    yield f"{signals[0].zone} by the {what}"
    yield "UTC   " + "".join(_block(row.g_per_kwh, top) for row in rows)
    for when, value, note in rows:
        if value is None:
            yield f"{when:{form}}      ?"
        else:
            yield f"{when:{form}}  {value:5.0f} g/kWh  {'█' * round(20 * value / top):<20} {note}"


def _half_hours(signals: Sequence[Signal], start: datetime, end: datetime) -> list[_Row]:
    starts, ends = [signal.start for signal in signals], [signal.end for signal in signals]
    rows = []
    for at in half_hours(start, end):
        low, high = max(at, start), min(at + HALF_HOUR, end)
        own = signals[bisect_right(ends, low) : bisect_left(starts, high)]
        note = " and ".join(dict.fromkeys(signal.status for signal in own))
        rows.append(_Row(at, intensity_at(own, low, high), note))
    return rows


def _days(half_hours: Sequence[_Row]) -> list[_Row]:
    rows = []
    for _, group in groupby(half_hours, key=lambda row: row.start.date()):
        own = list(group)
        known = [row.g_per_kwh for row in own if row.g_per_kwh is not None]
        note = "mean of the day" if len(known) == len(own) else f"mean of {len(known)} of {len(own)} half-hours"
        rows.append(_Row(own[0].start, math.fsum(known) / len(known) if known else None, note))
    return rows


def _block(value: float | None, top: float) -> str:
    return " " if value is None else _BLOCKS[min(7, int(value / top * 8))]


def _gaps(signals: Sequence[Signal], start: datetime, end: datetime) -> Iterator[str]:
    gaps = gaps_between(signals, start, end)
    named = gaps if len(gaps) <= _MOST_GAPS + 1 else gaps[:_MOST_GAPS]
    for low, high in named:
        yield f"unknown  {low:%Y-%m-%d %H:%M} to {high:%Y-%m-%d %H:%M} UTC"
    if len(gaps) > len(named):
        yield f"unknown  {len(gaps) - len(named)} further gaps"
