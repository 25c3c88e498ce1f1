"""Why the grams of a holder changed: work, grid or machines."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.change_drivers import GramsChange, PeriodUse, split_change, sum_period
from pytest_carbon.core.records.ledger_records import Entry

CHECKOUT, SEARCH = (lambda entry, name=name: entry.shares.get(name, 0.0) for name in ("checkout", "search"))
LAW = settings(max_examples=200, deadline=None)
KWH = 3_600_000.0
PERIODS = st.builds(PeriodUse, st.floats(1e-3, 1e12), st.floats(0, 2000), st.floats(0, 1e6))


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
        pytest.param(PeriodUse(3 * KWH, 400.0, 5.0), GramsChange(400.0, 0.0, 0.0, 0.0, "work"), id="more work"),
        pytest.param(PeriodUse(1 * KWH, 400.0, 5.0), GramsChange(-400.0, 0.0, 0.0, 0.0, "work"), id="less work"),
        pytest.param(PeriodUse(2 * KWH, 500.0, 5.0), GramsChange(0.0, 200.0, 0.0, 0.0, "grid"), id="a dirtier grid"),
        pytest.param(
            PeriodUse(2 * KWH, 400.0, 2.0), GramsChange(0.0, 0.0, 0.0, -3.0, "embodied"), id="younger machines"
        ),
        pytest.param(PeriodUse(8 * KWH, 1600.0, 5.0), GramsChange(2400.0, 2400.0, 7200.0, 0.0, "both"), id="both"),
        pytest.param(
            PeriodUse(3 * KWH, 350.0, 6.0), GramsChange(400.0, -100.0, -50.0, 1.0, "work"), id="one against other"
        ),
        pytest.param(PeriodUse(2 * KWH, 400.0, 5.0), GramsChange(0.0, 0.0, 0.0, 0.0, None), id="nothing changed"),
    ],
)
def test_parts_of_known_changes(after: PeriodUse, change: GramsChange) -> None:
    """A change from 2 kWh at 400 g/kWh is split into the parts worked out by hand."""
    assert split_change(PeriodUse(2 * KWH, 400.0, 5.0), after) == change


@LAW
@given(PERIODS, PERIODS)
def test_parts_sum_to_the_change(before: PeriodUse, after: PeriodUse) -> None:
    """The parts sum to the difference in grams, to 10^-9 of the largest part, which is the main driver."""
    change = split_change(before, after)
    grams = [p.energy_j / KWH * p.g_per_kwh + p.embodied_g for p in (before, after)]
    parts = {
        "work": change.work_g, "grid": change.grid_g, "both": change.both_g, "embodied": change.embodied_g,
    }  # fmt: skip
    largest = max(abs(part) for part in parts.values())
    assert math.fsum(parts.values()) == pytest.approx(grams[1] - grams[0], rel=1e-9, abs=1e-9 * max(largest, *grams))
    assert (change.main_driver is None) == (largest == 0)
    assert change.main_driver is None or abs(parts[change.main_driver]) == largest


@LAW
@given(PERIODS)
def test_same_period_has_no_main_driver(period: PeriodUse) -> None:
    """Without a change there is no driver."""
    assert split_change(period, period) == GramsChange(0.0, 0.0, 0.0, 0.0, None)


def test_period_sums_the_shares_of_a_feature() -> None:
    """A feature gets its share of each run's joules and grams; the intensity is weighted by energy."""
    entries = [
        _entry({"checkout": 0.5, "search": 0.5}, 2 * KWH, 800.0, 10.0),
        _entry({"checkout": 1.0}, 3 * KWH, 300.0, 1.0),
        _entry({"search": 1.0}, 9 * KWH, 9.0, 9.0),
    ]
    assert sum_period(entries, CHECKOUT) == PeriodUse(4 * KWH, 175.0, 6.0, 2)


@pytest.mark.parametrize("unknown", [(None, None, None), (KWH, None, 1.0), (KWH, 400.0, None)])
def test_unknown_runs_are_left_out(unknown: tuple[float | None, float | None, float | None]) -> None:
    """A run that was not measured does not count as a run of 0 J."""
    entries = [
        _entry({"checkout": 1.0}, *unknown),
        _entry({"checkout": 0.0, "search": 1.0}, *unknown),
        _entry({"checkout": 1.0}, 2 * KWH, 800.0, 1.0),
    ]
    assert sum_period(entries, CHECKOUT) == PeriodUse(2 * KWH, 400.0, 1.0)
    assert sum_period(entries[:2], CHECKOUT) is None


def test_period_without_energy_is_none() -> None:
    """A period without runs, or whose runs used nothing, cannot be compared."""
    assert sum_period([], CHECKOUT) is None
    assert sum_period([_entry({"search": 1.0}, KWH, 1.0, 1.0)], CHECKOUT) is None
    assert sum_period([_entry({"checkout": 1.0}, 0.0, 0.0, 0.0)], CHECKOUT) is None


@LAW
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(1, 1e9), st.floats(0, 1e5), st.floats(0, 1e5)), min_size=1))
def test_period_keeps_the_grams_of_its_runs(runs: list[tuple[float, float, float, float]]) -> None:
    """Over all features, energy times intensity plus embodied grams is the sum of the runs' emissions."""
    entries = [_entry({"checkout": share, "search": 1 - share}, *figures) for share, *figures in runs]
    periods = [p for p in (sum_period(entries, CHECKOUT), sum_period(entries, SEARCH)) if p is not None]
    summed_g = sum(p.energy_j / KWH * p.g_per_kwh + p.embodied_g for p in periods)
    assert summed_g == pytest.approx(sum(entry.emissions_g or 0.0 for entry in entries), rel=1e-9, abs=1e-9)
    assert sum(p.energy_j for p in periods) == pytest.approx(sum(e.energy_j or 0.0 for e in entries), rel=1e-9)
