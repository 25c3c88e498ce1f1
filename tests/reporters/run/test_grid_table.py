"""Grid signals as lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from pytest_carbon.reporters.run.grid_table import signal_lines
from tests.core.signals.test_signal import SIGNAL, START


def _series(count: int) -> list:  # type: ignore[type-arg]
    half = timedelta(minutes=30)
    return [
        replace(SIGNAL, start=START + n * half, end=START + (n + 1) * half, g_per_kwh=100.0 + n, status="forecast")
        for n in range(count)
    ]


def test_one_signal() -> None:
    """A slot that is over says how long ago; the carbon-free share stands where it is known."""
    now = START + timedelta(hours=5)
    line, *_ = signal_lines([replace(SIGNAL, carbon_free=0.5)], None, (), now)
    assert line == "DE: 300 g/kWh, measured for 2026-11-20 09:00 UTC, 4 hours ago, 50 % carbon-free"
    line, *rest = signal_lines([SIGNAL], now, ["neso: down"], START)
    assert line == "DE: 300 g/kWh, measured for 09:00 to 09:30 UTC"
    assert rest[1:] == ["asked    2026-11-20 14:00 UTC", "not used neso: down"]


def test_many_signals() -> None:
    """Two days are shown by half-hours, more by days; bars are on one scale from 0."""
    lines = list(signal_lines(_series(3), None, (), START))
    assert lines[0] == "UTC   ███"
    assert lines[1] == "2026-11-20 09:00    100 g/kWh  ████████████████████ forecast"
    days = list(signal_lines(_series(200), None, (), START))
    assert [line.split()[-4:] for line in days[1:3]] == [["mean", "of", "the", "day"]] * 2
    assert (len(days), len(days[0])) == (7, len("UTC   ") + 5)
