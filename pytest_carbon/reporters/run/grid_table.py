"""Grid signals as lines for the terminal: the figures, a line of blocks, and where the figures come from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from pytest_carbon.core.percentages import percent_text
from pytest_carbon.core.signals.signal import Signal
from pytest_carbon.core.signals.split_by_time import half_hour_of
from pytest_carbon.core.verdict.wording import duration_text

_BLOCKS = "▁▂▃▄▅▆▇█"
MOST_ROWS = 96
"""Two days of half-hours; a longer time is shown by days."""


def signal_lines(
    signals: Sequence[Signal], asked: datetime | None, faults: Sequence[str], now: datetime
) -> Iterator[str]:
    """Yield lines about signals of one zone and one origin, in the order of time: one, or a row for each half-hour.

    Then the source, the meaning, the licence and the age of the figures, and why other sources were passed over.
    """
    first = signals[0]
    if len(signals) == 1:
        yield f"{first.zone}: {first.g_per_kwh:.0f} g/kWh, {first.status}{_age(first, now)}{_free(first)}"
    else:
        yield from _rows(signals)
    origin = first.origin
    yield f"source   {origin.source}: {origin.kind}, {origin.basis}, {origin.side}; {origin.licence}"
    if asked is not None:
        yield f"asked    {asked:%Y-%m-%d %H:%M} UTC"
    for fault in faults:
        yield f"not used {fault}"


def _age(signal: Signal, now: datetime) -> str:
    if signal.end > now:
        return f" for {signal.start:%H:%M} to {signal.end:%H:%M} UTC"
    return f" for {signal.start:%Y-%m-%d %H:%M} UTC, {duration_text((now - signal.end).total_seconds())} ago"


def _free(signal: Signal) -> str:
    return "" if signal.carbon_free is None else f", {percent_text(signal.carbon_free)} carbon-free"


def _rows(signals: Sequence[Signal]) -> Iterator[str]:
    """Yield a row for each half-hour, or for each day of a long time, with a bar on a scale from 0."""
    by_slot = [
        (start, sum(s.g_per_kwh for s in own) / len(own), own[0].status)
        for start, group in groupby(signals, key=lambda signal: half_hour_of(signal.start))
        for own in [list(group)]
    ]
    top = max(value for _, value, _ in by_slot) or 1.0
    if len(by_slot) <= MOST_ROWS:
        rows = [(f"{start:%Y-%m-%d %H:%M}", value, str(status)) for start, value, status in by_slot]
    else:
        rows = [
            (f"{day:%Y-%m-%d}", sum(value for _, value, _ in own) / len(own), "mean of the day")
            for day, group in groupby(by_slot, key=lambda slot: slot[0].date())
            for own in [list(group)]
        ]
    yield "UTC   " + "".join(_BLOCKS[min(7, int(value / top * 8))] for _, value, _ in rows)
    for when, value, status in rows:
        yield f"{when}  {value:5.0f} g/kWh  {'█' * round(20 * value / top):<20} {status}"
