"""Signals of any step as half-hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pytest_carbon.core.forecast.half_hour_means import half_hour_means, latest_of
from pytest_carbon.core.signals.signal import Signal
from tests.core.signals.test_signal import SIGNAL, START


def slot(minute: int, length: int, g_per_kwh: float) -> Signal:
    """A signal from a minute after the start."""
    start = START + timedelta(minutes=minute)
    return replace(SIGNAL, start=start, end=start + timedelta(minutes=length), g_per_kwh=g_per_kwh)


def test_means() -> None:
    """By time; an hour fills two half-hours, and less than a half of a half-hour is unknown."""
    signals = [slot(0, 15, 100), slot(15, 15, 200), slot(30, 60, 300), slot(90, 10, 400), slot(120, 15, 500)]
    means = half_hour_means(signals, START, START + timedelta(hours=3))
    assert means == [150.0, 300.0, 300.0, None, 500.0, None]
    assert half_hour_means(signals, START + timedelta(hours=1), START + timedelta(minutes=90)) == [300.0]


def test_the_latest() -> None:
    """A later answer stands for an earlier one."""
    assert [s.g_per_kwh for s in latest_of([slot(30, 30, 1), slot(0, 30, 2), slot(30, 30, 3)])] == [2, 3]
