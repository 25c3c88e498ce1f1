"""Splits what was used over some time among the signals of that time."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from pytest_carbon.core.quantities import J_PER_KWH
from pytest_carbon.core.signals.signal import Signal, ensure_alike

HALF_HOUR = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class LocatedEnergy:
    """Energy with the grams of its time: ``operational_g`` of the ``located_j`` joules for which a signal is known.

    ``unlocated_j`` were used when no signal is known: their grams are unknown, not 0.
    """

    located_j: float
    operational_g: float
    unlocated_j: float


def half_hour_of(moment: datetime) -> datetime:
    """Return the start of the half-hour of a moment in UTC."""
    return moment.replace(minute=moment.minute // 30 * 30, second=0, microsecond=0)


def half_hours(start: datetime, end: datetime) -> list[datetime]:
    """Return the starts of the half-hours that a time in UTC touches; that of ``start`` alone if the time is empty."""
    first = half_hour_of(start)
    count = max(1, math.ceil((end - first) / HALF_HOUR))
    return [first + n * HALF_HOUR for n in range(count)]


def split_evenly(energy_j: float, start: datetime, end: datetime) -> list[tuple[datetime, float]]:
    """Return the joules of each half-hour of a time, in proportion to the time; they sum to ``energy_j`` exactly."""
    starts = half_hours(start, end)
    if len(starts) == 1:
        return [(starts[0], energy_j)]
    seconds = [(min(end, at + HALF_HOUR) - max(start, at)).total_seconds() for at in starts]
    parts = [energy_j * part_s / math.fsum(seconds) for part_s in seconds]
    largest = max(range(len(parts)), key=parts.__getitem__)
    parts[largest] += energy_j - math.fsum(parts)
    return list(zip(starts, parts, strict=True))


def intensity_at(signals: Iterable[Signal], start: datetime, end: datetime) -> float | None:
    """Return the mean g/kWh from ``start`` to ``end``, by time; None if any of the time has no signal.

    Where signals overlap, the later ones of the sequence cover the earlier ones. Raises MixedSignalsError if they mean
    different things.
    """
    within = [signal for signal in signals if signal.start < end and signal.end > start]
    ensure_alike(within)
    edges = sorted({start, end, *(edge for s in within for edge in (s.start, s.end) if start < edge < end)})
    weighed, known_s = [], 0.0
    for low, high in pairwise(edges):
        covering = [signal for signal in within if signal.start <= low and signal.end >= high]
        if not covering:
            return None
        part_s = (high - low).total_seconds()
        weighed.append(covering[-1].g_per_kwh * part_s)
        known_s += part_s
    return math.fsum(weighed) / known_s if known_s else None


def gaps_between(signals: Iterable[Signal], start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """Return the times from ``start`` to ``end`` that no signal covers, in the order of time."""
    gaps, known_until = [], start
    for signal in sorted(signals, key=lambda signal: signal.start):
        if known_until < min(signal.start, end):
            gaps.append((known_until, min(signal.start, end)))
        known_until = max(known_until, signal.end)
    return [*gaps, (known_until, end)] if known_until < end else gaps


def locate(joules: Sequence[tuple[datetime, float]], signals: Sequence[Signal]) -> LocatedEnergy:
    """Return the grams of joules by half-hour, by the signals of those half-hours.

    Raises MixedSignalsError if the signals mean different things.
    """
    ensure_alike(signals)
    grams, located, unlocated = [], [], []
    for start, energy_j in joules:
        intensity = intensity_at(signals, start, start + HALF_HOUR)
        if intensity is None:
            unlocated.append(energy_j)
        else:
            located.append(energy_j)
            grams.append(energy_j / J_PER_KWH * intensity)
    return LocatedEnergy(math.fsum(located), math.fsum(grams), math.fsum(unlocated))
