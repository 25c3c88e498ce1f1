"""Energy split by half-hours, and located by signals: sums stay, unknown stays unknown."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.signals.split_by_time import (
    HALF_HOUR,
    gaps_between,
    half_hours,
    intensity_at,
    locate,
    split_evenly,
)
from tests.core.signals.test_signal import SIGNAL, START

MINUTES = st.integers(0, 5000).map(lambda minutes: timedelta(minutes=minutes))
MIDNIGHT = datetime(2026, 11, 20, 23, 50, tzinfo=UTC)


@settings(deadline=None)
@given(st.floats(0, 1e9), MINUTES, MINUTES)
def test_parts_sum_to_the_whole(energy_j: float, begin: timedelta, took: timedelta) -> None:
    """Nothing is lost, whatever the times; the half-hours follow each other without a gap."""
    start = datetime(2026, 10, 24, tzinfo=UTC) + begin
    parts = split_evenly(energy_j, start, start + took)
    assert math.fsum(joules for _, joules in parts) == pytest.approx(energy_j, rel=1e-12)
    assert [at for at, _ in parts] == half_hours(start, start + took)
    assert all(later - at == HALF_HOUR for (at, _), (later, _) in pairwise(parts))
    assert parts[0][0] <= start < parts[0][0] + HALF_HOUR


def test_a_run_over_midnight() -> None:
    """The night's ten minutes and the morning's twenty."""
    assert split_evenly(30.0, MIDNIGHT, MIDNIGHT + timedelta(minutes=30)) == [
        (MIDNIGHT - timedelta(minutes=20), pytest.approx(10.0)),
        (MIDNIGHT + timedelta(minutes=10), pytest.approx(20.0)),
    ]


def test_quarters_and_hours_make_half_hours() -> None:
    """Intensity is the mean by time; the later of two signals of one time counts; half a half-hour is no answer."""
    quarter = timedelta(minutes=15)
    quarters = [
        replace(SIGNAL, start=START + n * quarter, end=START + (n + 1) * quarter, g_per_kwh=100.0 * n) for n in (0, 1)
    ]
    hour = replace(SIGNAL, end=START + timedelta(hours=1), g_per_kwh=500.0)
    assert intensity_at(quarters, START, START + HALF_HOUR) == 50.0
    assert intensity_at([hour], START + HALF_HOUR, START + 2 * HALF_HOUR) == 500.0
    assert intensity_at([hour, quarters[1]], START, START + HALF_HOUR) == 300.0
    assert intensity_at(quarters[:1], START, START + HALF_HOUR) is None
    assert intensity_at([], START, START + HALF_HOUR) is None


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0, 1e6)), max_size=9), st.sets(st.integers(0, 9)))
def test_located_and_unlocated_are_all(joules: list[tuple[int, float]], known: set[int]) -> None:
    """Energy without a signal is told apart; its grams are not 0, they are nothing that is known."""
    signals = [
        replace(SIGNAL, start=START + n * HALF_HOUR, end=START + (n + 1) * HALF_HOUR, g_per_kwh=360.0)
        for n in sorted(known)
    ]
    result = locate([(START + n * HALF_HOUR, energy_j) for n, energy_j in joules], signals)
    assert result.located_j + result.unlocated_j == pytest.approx(math.fsum(j for _, j in joules))
    assert result.operational_g == pytest.approx(result.located_j / 3.6e6 * 360.0)
    assert result.located_j == pytest.approx(math.fsum(j for n, j in joules if n in known))


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 10)), max_size=12), st.integers(0, 20), st.integers(1, 30))
def test_gaps_and_signals_fill_a_time(slots: list[tuple[int, int]], begin: int, length: int) -> None:
    """A minute is in a gap if and only if no signal covers it; gaps are in order and do not touch."""
    minute = timedelta(minutes=1)
    signals = [replace(SIGNAL, start=START + at * minute, end=START + (at + took) * minute) for at, took in slots]
    start, end = START + begin * minute, START + (begin + length) * minute
    gaps = gaps_between(signals, start, end)
    for n in range(begin, begin + length):
        at = START + n * minute
        is_covered = any(signal.start <= at < signal.end for signal in signals)
        assert is_covered is not any(low <= at < high for low, high in gaps)
    assert all(low < high for low, high in gaps)
    assert all(high < low for (_, high), (low, _) in pairwise(gaps))
    assert all(start <= low and high <= end for low, high in gaps)
