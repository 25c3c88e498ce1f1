"""Why a feature's grams changed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.change_drivers import GramsChange, PeriodUse, split_change, sum_period
from pytest_carbon.core.report.ledger_records import Entry

CHECKOUT, SEARCH = (lambda entry, name=name: entry.shares.get(name, 0.0) for name in ("checkout", "search"))
LAW = settings(max_examples=200, deadline=None)
KWH = 3_600_000.0
PERIODS = st.builds(
    PeriodUse, st.floats(1e-3, 1e12), st.floats(0, 2000), st.floats(0, 1e6), st.integers(1, 100), st.integers(0, 9)
)


def _entry(
    shares: dict[str, float], energy_j: float | None, operational_g: float | None, embodied_g: float | None, **more: Any
) -> Entry:
    values: dict[str, Any] = {
        "id": "r", "run": "r", "attempt": 1, "job": "", "started": "2026-11-20T12:00:00Z", "commit": None,
        "branch": None, "pr": None, "labels": (), "method": "counter", "machine": "m", "fingerprint": "f",
        "grid_zone": "DE", "grid_g_per_kwh": 400.0, "grid_assumed": False, "energy_low_j": None,
        "energy_high_j": None, "reference_j": 1.0, "emissions_low_g": None, "emissions_high_g": None, "tests": 1,
    }  # fmt: skip
    figures = {"energy_j": energy_j, "operational_g": operational_g, "embodied_g": embodied_g}
    return Entry(**{**values, **figures, **more}, shares=shares)


@pytest.mark.parametrize(
    ("after", "change"),
    [
        pytest.param(PeriodUse(3 * KWH, 400.0, 5.0, 9), GramsChange(400.0, 0.0, 0.0, 0.0, "work"), id="more work"),
        pytest.param(PeriodUse(1 * KWH, 400.0, 5.0, 9), GramsChange(-400.0, 0.0, 0.0, 0.0, "work"), id="less work"),
        pytest.param(PeriodUse(2 * KWH, 500.0, 5.0, 9), GramsChange(0.0, 200.0, 0.0, 0.0, "grid"), id="a dirtier grid"),
        pytest.param(
            PeriodUse(2 * KWH, 400.0, 2.0, 9), GramsChange(0.0, 0.0, 0.0, -3.0, "embodied"), id="younger machines"
        ),
        pytest.param(PeriodUse(8 * KWH, 1600.0, 5.0, 9), GramsChange(2400.0, 2400.0, 7200.0, 0.0, "both"), id="both"),
        pytest.param(
            PeriodUse(3 * KWH, 350.0, 6.0, 9), GramsChange(400.0, -100.0, -50.0, 1.0, "work"), id="one against other"
        ),
        pytest.param(PeriodUse(2 * KWH, 400.0, 5.0, 1), GramsChange(0.0, 0.0, 0.0, 0.0, None), id="nothing changed"),
    ],
)
def test_parts_of_known_changes(after: PeriodUse, change: GramsChange) -> None:
    """2 kWh at 400 g, and what comes of it."""
    assert split_change(PeriodUse(2 * KWH, 400.0, 5.0, 9), after) == change


@LAW
@given(PERIODS, PERIODS)
def test_parts_sum_to_the_change(before: PeriodUse, after: PeriodUse) -> None:
    """The parts sum to the difference in grams, to a part in 10^9 of the largest, which is the main one."""
    change = split_change(before, after)
    grams = [p.energy_j / KWH * p.g_per_kwh + p.embodied_g for p in (before, after)]
    parts = {
        "work": change.work_g, "grid": change.grid_g, "both": change.both_g, "embodied": change.embodied_g,
    }  # fmt: skip
    largest = max(abs(part) for part in parts.values())
    assert change.change_g == pytest.approx(grams[1] - grams[0], rel=1e-9, abs=1e-9 * max(largest, *grams))
    assert (change.main_driver is None) == (largest == 0)
    assert change.main_driver is None or abs(parts[change.main_driver]) == largest


@LAW
@given(PERIODS)
def test_same_period_has_no_cause(one: PeriodUse) -> None:
    """Nothing changed, so nothing caused it."""
    assert split_change(one, one) == GramsChange(0.0, 0.0, 0.0, 0.0, None)


def test_period_sums_the_shares_of_a_feature() -> None:
    """A feature has its share of each run's joules and grams, and its intensity is weighed by energy."""
    entries = [
        _entry({"checkout": 0.5, "search": 0.5}, 2 * KWH, 800.0, 10.0),
        _entry({"checkout": 1.0}, 3 * KWH, 300.0, 1.0),
        _entry({"search": 1.0}, 9 * KWH, 9.0, 9.0),
    ]
    assert sum_period(entries, CHECKOUT) == PeriodUse(4 * KWH, 175.0, 6.0, 2, 0)


@pytest.mark.parametrize("unknown", [(None, None, None), (KWH, None, 1.0), (KWH, 400.0, None)])
def test_unknown_runs_are_left_out_and_counted(unknown: tuple[float | None, float | None, float | None]) -> None:
    """A run that was not measured is not a run of nothing, and it is told; those of others are not."""
    entries = [
        _entry({"checkout": 1.0}, *unknown),
        _entry({"checkout": 0.0, "search": 1.0}, *unknown),
        _entry({"checkout": 1.0}, 2 * KWH, 800.0, 1.0),
    ]
    assert sum_period(entries, CHECKOUT) == PeriodUse(2 * KWH, 400.0, 1.0, 1, 1)
    assert sum_period(entries[:2], CHECKOUT) is None


def test_period_without_energy_has_no_intensity() -> None:
    """No run, or none that used anything, is no period to compare with."""
    assert sum_period([], CHECKOUT) is None
    assert sum_period([_entry({"search": 1.0}, KWH, 1.0, 1.0)], CHECKOUT) is None
    assert sum_period([_entry({"checkout": 1.0}, 0.0, 0.0, 0.0)], CHECKOUT) is None


@LAW
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(1, 1e9), st.floats(0, 1e5), st.floats(0, 1e5)), min_size=1))
def test_period_keeps_the_grams_of_its_runs(runs: list[tuple[float, float, float, float]]) -> None:
    """Energy times intensity, and embodied grams, are the sum of what the runs say, shared among the features."""
    entries = [_entry({"checkout": share, "search": 1 - share}, *figures) for share, *figures in runs]
    periods = [p for p in (sum_period(entries, CHECKOUT), sum_period(entries, SEARCH)) if p is not None]
    told = sum(p.energy_j / KWH * p.g_per_kwh + p.embodied_g for p in periods)
    assert told == pytest.approx(sum(entry.emissions_g or 0.0 for entry in entries), rel=1e-9, abs=1e-9)
    assert sum(p.energy_j for p in periods) == pytest.approx(sum(e.energy_j or 0.0 for e in entries), rel=1e-9)
