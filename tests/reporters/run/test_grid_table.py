"""Grid signals as lines."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pytest_carbon.core.signals.signal import Signal
from pytest_carbon.core.signals.split_by_time import HALF_HOUR
from pytest_carbon.reporters.run.grid_table import signal_lines
from tests.core.signals.test_signal import SIGNAL, START


def _series(count: int) -> list[Signal]:
    return [
        replace(
            SIGNAL,
            start=START + n * HALF_HOUR,
            end=START + (n + 1) * HALF_HOUR,
            g_per_kwh=100.0 + n,
            status="forecast",
        )
        for n in range(count)
    ]


def test_one_signal() -> None:
    """A slot that is over says how long ago; the carbon-free share stands where it is known."""
    now = START + 10 * HALF_HOUR
    line, *_ = signal_lines([replace(SIGNAL, carbon_free=0.5)], None, (), now)
    assert line == "DE: 300 g/kWh, measured for 2026-11-20 09:00 UTC, 4 hours ago, 50 % carbon-free"
    line, *rest = signal_lines([SIGNAL], now, ["neso: down"], START)
    assert line == "DE: 300 g/kWh, measured for 09:00 to 09:30 UTC"
    assert rest[1:] == ["asked    2026-11-20 14:00 UTC", "not used neso: down"]


def _shown(signals: list[Signal], end: datetime) -> list[str]:
    return list(signal_lines(signals, None, (), START, span=(START, end)))


def test_many_signals() -> None:
    """Two days are shown by half-hours, more by days; bars are on one scale from 0."""
    lines = _shown(_series(3), START + 3 * HALF_HOUR)
    assert lines[:2] == ["DE by the half-hour", "UTC   ███"]
    assert lines[2] == "2026-11-20 09:00    100 g/kWh  ████████████████████ forecast"
    days = _shown(_series(200), START + 200 * HALF_HOUR)
    assert days[0] == "DE by the day"
    assert [line.split()[-4:] for line in days[2:4]] == [["mean", "of", "the", "day"]] * 2
    assert (len(days), len(days[1])) == (8, len("UTC   ") + 5)


def test_rows_are_half_hours_whatever_the_slots() -> None:
    """An hour is two rows; five minutes are weighed by time; a row says what it holds."""
    hour = replace(SIGNAL, end=START + 2 * HALF_HOUR, g_per_kwh=200.0)
    later = [
        replace(SIGNAL, start=hour.end, end=hour.end + HALF_HOUR / 6, g_per_kwh=100.0),
        replace(SIGNAL, start=hour.end + HALF_HOUR / 6, end=hour.end + HALF_HOUR, g_per_kwh=160.0, status="forecast"),
    ]
    lines = _shown([hour, *later], START + 3 * HALF_HOUR)
    assert [line.split(maxsplit=3)[2:] for line in lines[2:5]] == [
        ["200", "g/kWh  ████████████████████ measured"],
        ["200", "g/kWh  ████████████████████ measured"],
        ["150", "g/kWh  ███████████████      measured and forecast"],
    ]


def test_gaps_are_named() -> None:
    """A time without a signal is no figure: in its row, in the line of blocks, and in words."""
    series = _series(12)
    lines = _shown([series[0], *series[3:4]], START + 5 * HALF_HOUR)
    assert lines[1] == "UTC   █  █ "
    assert [line.split()[2] for line in lines[2:7]] == ["100", "?", "?", "103", "?"]
    assert lines[7:9] == [
        "unknown  2026-11-20 09:30 to 2026-11-20 10:30 UTC",
        "unknown  2026-11-20 11:00 to 2026-11-20 11:30 UTC",
    ]
    assert len([line for line in _shown(series[::2], START + 12 * HALF_HOUR) if line.startswith("unknown")]) == 6
    assert "unknown  2 further gaps" in _shown(_series(14)[::2], START + 14 * HALF_HOUR)
    days = _shown([s for n, s in enumerate(_series(200)) if n != 40], START + 200 * HALF_HOUR)
    assert days[3].endswith("mean of 47 of 48 half-hours")
    assert _shown([series[0]], START + 200 * HALF_HOUR)[4] == "2026-11-22      ?"


def test_a_kept_answer() -> None:
    """The source that is used and did not answer again is not among those that are not used."""
    *_, kept, other = signal_lines([SIGNAL], None, ["neso: down"], START, fault="rte: status 500")
    assert kept == "kept     because the newest question failed: rte: status 500"
    assert other == "not used neso: down"
