"""The verbs below ``grid``, with a file of signals and without any live source."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.signals.signal import Origin, Signal
from pytest_carbon.core.signals.signal_json import from_json
from pytest_carbon.grid.live.chain import name_in_cache
from pytest_carbon.grid.live.signal_cache import Cached, SignalCache, default_folder
from pytest_carbon.grid.live.sources.carbon_aware_sdk import CarbonAwareSdk
from tests.samples import NOW

GRID = '[grid]\nsources = ["file", "table"]\n[grid.file]\npath = "grid.csv"\nkind = "average"\nbasis = "lifecycle"\n'
_SDK = '[grid.carbon-aware-sdk]\nurl = "http://127.0.0.1:1"\nkind = "average"\nbasis = "lifecycle"\n'
HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
def grid(project: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A project whose file tells ten half-hours: six that are over, and four ahead."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    rows = [
        f"{(NOW + n * HALF_HOUR).isoformat()},{200 + 10 * n},{'forecast' if n >= 0 else 'measured'}"
        for n in range(-6, 4)
    ]
    (project.root / "grid.csv").write_text("\n".join(["start,g_per_kwh,status", *rows]), encoding="utf-8")
    project.policy(GRID)
    return project


def test_now(grid: Any) -> None:
    """One line for this moment, with the source, the meaning and the time of the question; the same as JSON."""
    done = grid.carbon("grid", "now", "--zone", "DE")
    lines = done.out.splitlines()
    assert (done.code, lines[0].split(",")[0]) == (0, "DE: 200 g/kWh")
    assert lines[1] == "source   file: average, lifecycle, consumption; your own source"
    assert re.fullmatch(r"asked    \d{4}-\d\d-\d\d \d\d:\d\d UTC", lines[2])
    assert f"{NOW:%Y-%m-%d}" not in lines[2]
    data = grid.carbon("grid", "now", "--zone", "DE", "--json").json
    assert [signal.g_per_kwh for signal in from_json(data)] == [200.0]
    assert (data["faults"], data["kept_because"], data["gaps"]) == ([], None, [])
    assert grid.carbon("grid", "now", "--zone", " de").out.splitlines()[:2] == lines[:2]


def test_forecast_and_history(grid: Any) -> None:
    """A row for each half-hour, with bars on one scale from 0."""
    ahead = grid.carbon("grid", "forecast").out.splitlines()
    assert len([line for line in ahead if line.endswith("forecast")]) == 4
    assert ahead[0] == "DE by the half-hour"
    assert ahead[1].startswith("UTC   ")
    since = (NOW - 4 * HALF_HOUR).isoformat()
    past = grid.carbon("grid", "history", "--since", since).out.splitlines()
    assert [line.split()[2] for line in past if line.endswith("measured")] == ["160", "170", "180", "190"]
    before = grid.carbon("grid", "forecast", now=NOW - HALF_HOUR / 3).out.splitlines()
    assert before[:-1] == ahead[:-1]
    long = grid.carbon("grid", "history", "--since", (NOW - 8 * HALF_HOUR).isoformat())
    first, last = NOW - 8 * HALF_HOUR, NOW - 6 * HALF_HOUR
    assert f"unknown  {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC" in long.out.splitlines()
    as_json = grid.carbon("grid", "history", "--json", "--since", first.isoformat()).json
    assert as_json["gaps"] == [[first.isoformat(), last.isoformat()]]
    wrong = grid.carbon("grid", "history", "--since", "yesterday")
    assert (wrong.code, "--since is 'yesterday'; write a time with its zone" in wrong.err) == (2, True)
    future = grid.carbon("grid", "history", "--since", (NOW + HALF_HOUR).isoformat())
    assert "is not over yet; write an earlier --since" in future.err
    since = (NOW - 40 * 48 * HALF_HOUR).isoformat()
    for until, step in (
        (NOW - 41 * 48 * HALF_HOUR, "write a later --until"),
        (NOW + HALF_HOUR, "write an earlier --until, or leave --until out"),
        (NOW, "are more than 31 days; ask for a shorter time"),
    ):
        assert step in grid.carbon("grid", "history", "--since", since, "--until", until.isoformat()).err


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00+14:00", "9999-12-31T23:59-14:00", "9999-12-31T23:59Z", "1999-12-31T23:59Z"]
)
@pytest.mark.parametrize("option", ["--since", "--until", "--now"])
def test_times_at_an_end_of_the_calendar(grid: Any, option: str, text: str) -> None:
    """A time that no source knows is one clear error."""
    times = {"--since": (NOW - HALF_HOUR).isoformat(), "--until": NOW.isoformat(), "--now": NOW.isoformat()}
    arguments = [word for pair in {**times, option: text}.items() for word in pair]
    done = grid.carbon("grid", "history", *arguments, now=None)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("pytest-carbon: ")
    assert re.search("write a time|is not a time such as 2026|is not in the years from", done.err)


def test_an_own_zone_keeps_its_reasons(grid: Any) -> None:
    """The yearly tables do not know a zone of one's own: why the file does not answer is said all the same."""
    (grid.root / "grid.csv").write_text("root:x:0:0", encoding="utf-8")
    done = grid.carbon("grid", "now", "--zone", "HALL-7")
    lines = done.out.splitlines()
    assert (done.code, lines[0]) == (1, "no live source tells the intensity of HALL-7")
    assert lines[1] == "not used file: no figure for HALL-7"
    assert lines[2].startswith("not used table: no grid zone is called 'HALL-7'")
    as_json = grid.carbon("grid", "now", "--zone", "HALL-7", "--json").json
    assert (as_json["yearly_average"], len(as_json["faults"])) == (None, 2)


def test_without_a_live_source(project: Any) -> None:
    """The yearly tables answer for now, and for no hour; what would be asked, and by which name, is said."""
    now = project.carbon("grid", "now", "--zone", "DE")
    assert (now.code, now.out.splitlines()[0]) == (0, "DE: 381 g/kWh, the average of 2023")
    assert 'the policy names no live source in [grid] sources; these know DE: "energy-charts"' in now.out
    ahead = project.carbon("grid", "forecast", "--zone", "DE")
    assert (ahead.code, ahead.out.splitlines()[0]) == (1, "no live source publishes a forecast of DE")
    as_json = project.carbon("grid", "now", "--zone", "DE", "--json").json
    assert as_json["slots"] == []
    assert as_json["yearly_average"]["year"] == 2023
    project.policy(whole="")
    assert "no grid zone is set" in project.carbon("grid", "now").err


def test_a_failing_source_is_named(grid: Any) -> None:
    """The next link answers; without one, the exit code says that nobody knows."""
    (grid.root / "grid.csv").unlink()
    done = grid.carbon("grid", "now", "--zone", "DE")
    assert (done.code, done.out.splitlines()[0]) == (0, "DE: 381 g/kWh, the average of 2023")
    assert "not used file: " in done.out
    grid.policy(GRID.replace(', "table"', ""))
    alone = grid.carbon("grid", "now", "--zone", "DE", now=NOW + HALF_HOUR)
    assert (alone.code, alone.out.splitlines()[0]) == (1, "no live source tells the intensity of DE")


def test_a_kept_answer_says_why_there_is_no_newer_one(project: Any, tmp_path: Path, monkeypatch: Any) -> None:
    """A source that failed in this half-hour is the one whose last answer is shown, now and ahead."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    project.policy(f'[grid]\nsources = ["carbon-aware-sdk"]\n{_SDK}')
    origin = Origin("carbon-aware-sdk", "average", "lifecycle", "consumption", "your own source")
    now = datetime.now(UTC)
    received = now - timedelta(hours=2)
    signals = [
        Signal("HALL-7", now + n * HALF_HOUR, now + (n + 1) * HALF_HOUR, 200.0 + n, "forecast", origin, received)
        for n in range(-2, 3)
    ]
    kept = Cached(signals, now, "carbon-aware-sdk: 127.0.0.1/emissions is down")
    SignalCache(default_folder()).keep(name_in_cache(CarbonAwareSdk("http://127.0.0.1:1", origin)), "HALL-7", kept)
    for verb in ("now", "forecast"):
        lines = project.carbon("grid", verb, "--zone", "HALL-7", now=None).out.splitlines()
        assert f"asked    {received:%Y-%m-%d %H:%M} UTC" in lines
        assert f"kept     because the newest question failed: {kept.fault}" in lines
        assert not any(line.startswith("not used") for line in lines)
        data = project.carbon("grid", verb, "--zone", "HALL-7", "--json", now=None).json
        assert (data["kept_because"], data["faults"]) == (kept.fault, [])
    (project.root / "grid.csv").write_text(f"start,g_per_kwh\n{now.isoformat()},300\n", encoding="utf-8")
    project.policy(GRID.replace("table", "carbon-aware-sdk") + _SDK)
    assert project.carbon("grid", "now", "--zone", "HALL-7", now=None).out.startswith("HALL-7: 300 g/kWh")
    ahead = project.carbon("grid", "forecast", "--zone", "HALL-7", now=None).out.splitlines()
    assert ahead[-1] == "not used file: it publishes no forecast for HALL-7"
    assert "source   carbon-aware-sdk: average, lifecycle, consumption; your own source" in ahead


def test_zones(project: Any) -> None:
    """By zone, source or region of a cloud."""
    assert project.carbon("grid", "zones", "eu-central-1", now=None).out.startswith("DE ")
    assert len(project.carbon("grid", "zones", "neso", now=None).out.splitlines()) == 18
    assert json.loads(project.carbon("grid", "zones", "DK1", "--json", now=None).out)["DK1"]["sources"]
    assert "no live source knows a zone with 'nowhere'" in project.carbon("grid", "zones", "nowhere", now=None).out
