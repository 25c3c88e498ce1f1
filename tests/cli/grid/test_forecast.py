"""``grid forecast`` by a grid's own past, and ``grid score``, with a file of signals."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.signals.signal_json import from_json
from tests.samples import NOW

GRID = '[grid]\nsources = ["file"]\n[grid.file]\npath = "grid.csv"\nkind = "average"\nbasis = "lifecycle"\n'
HALF_HOUR = timedelta(minutes=30)
COLUMNS = ["decisions", "saved", "worse"]


@pytest.fixture
def grid(project: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A project whose grid is dirtiest at noon, each day alike."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project.policy(GRID)
    return project


def write(grid: Any, days: int, *, noise: int = 7) -> None:
    """Write the half-hours of some days up to now; ``noise`` is what days may differ by."""
    start = NOW.replace(minute=0) - timedelta(days=days)
    rows = [
        f"{at.isoformat()},{300 - 100 * math.cos((at.hour + at.minute / 60) * math.pi / 12) + n * n % noise:.1f}"
        for n in range(48 * days)
        for at in [start + n * HALF_HOUR]
    ]
    (grid.root / "grid.csv").write_text("\n".join(["start,g_per_kwh", *rows]), encoding="utf-8")


def test_a_forecast_from_the_past(grid: Any) -> None:
    """Two days of half-hours with their range, who made them, and of which figures; the same as JSON."""
    write(grid, 91)
    done = grid.carbon("grid", "forecast", "--zone", "DE")
    lines = done.out.splitlines()
    assert (done.code, lines[0], lines[1][:6]) == (0, "DE by the half-hour", "UTC   ")
    rows = [line.split() for line in lines[2:] if "forecast " in line and "g/kWh" in line]
    assert len(rows) >= 94
    assert all(int(row[-3]) <= int(row[2]) <= int(row[-1]) for row in rows)
    assert (
        "source   pytest-carbon: average, lifecycle, consumption; forecast from figures of file: your own source"
        in lines
    )
    assert lines[-1].startswith("made by  pytest-carbon from the last 28 days; of ten figures, eight should be")
    data = grid.carbon("grid", "forecast", "--zone", "DE", "--json").json
    signals = from_json(data)
    assert (signals[0].status, data["source"], len(data["p10_p90"])) == ("forecast", "pytest-carbon", len(signals))
    noon = max(signals, key=lambda signal: signal.g_per_kwh).start
    assert noon.astimezone().utcoffset() is not None
    assert 11 <= noon.hour <= 13


@pytest.mark.parametrize(
    ("days", "noise", "reason"),
    [
        (20, 7, "20.0 days of history are known; a forecast needs 28"),
        (30, 7, "no advice, because only 0 decisions of its last 60 days can be checked; 100 are needed"),
        (91, 900, "no advice, because its advice got "),
    ],
)
def test_it_abstains(grid: Any, days: int, noise: int, reason: str) -> None:
    """The reason is said, and no figure is shown."""
    write(grid, days, noise=noise)
    done = grid.carbon("grid", "forecast", "--zone", "DE")
    assert (done.code, done.out.splitlines()[0]) == (1, "no live source publishes a forecast of DE")
    assert f"not used pytest-carbon by the past of file: {reason}" in done.out


def test_score(grid: Any) -> None:
    """A row for the source's own forecasts, of which none were kept, and one for ours; the same as JSON."""
    write(grid, 91)
    done = grid.carbon("grid", "score", "--zone", "DE")
    lines = done.out.splitlines()
    assert (done.code, lines[0].split()) == (0, ["by", "the", "past", "of", "forecast", "of", *COLUMNS])
    assert lines[1].split() == ["file", "file", "0", "-", "-"]
    assert lines[2] == "  not trusted: only 0 decisions of its last 60 days can be checked; 100 are needed"
    source, maker, decisions, saved, _ = lines[3].split()
    assert (source, maker, int(decisions) > 400, int(saved.rstrip("%")) > 90) == ("file", "pytest-carbon", True, True)
    data = grid.carbon("grid", "score", "--zone", "DE", "--json").json
    assert [one["forecast"] for one in data["scores"]] == ["file", "pytest-carbon"]
    (grid.root / "grid.csv").unlink()
    none = grid.carbon("grid", "score", "--zone", "DE")
    assert (none.code, "not used file: " in none.out) == (1, True)
