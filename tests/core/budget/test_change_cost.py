"""What a change costs a budget: the runs so far, and the runs to come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.budget_status import budget_status
from pytest_carbon.core.budget.change_cost import (
    expected_runs,
    expected_runs_basis,
    recurring_cost,
    runs_of_change,
    sunk_cost,
)
from pytest_carbon.core.quantities import parse_quantity

CHECKOUT = Budget("checkout", None, "fail", parse_quantity("120 g"))
UNKNOWN: dict[str, Any] = {"energy_j": None, "operational_g": None, "embodied_g": None}
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("pr", "own", "sunk"), [(None, "run-3", 1.0), (7, "run-9", 2.0), (7, "run-3", 3.0), (None, None, 0.0)]
)
def test_sunk_cost_is_the_use_of_the_runs_of_a_change(bench: Any, pr: int | None, own: str | None, sunk: float) -> None:
    """The runs of a change are all runs of its pull request and the run itself, even without a number."""
    runs = [bench.entry(1, pr=7), bench.entry(2, pr=7), bench.entry(3), bench.entry(4, pr=8)]
    assert sunk_cost(CHECKOUT, runs_of_change(runs, pr, own), bench.now, 400.0) == sunk


def test_sunk_cost_is_part_of_the_consumption(bench: Any) -> None:
    """A run on the open edge of the window is in neither."""
    runs = [bench.entry(1, pr=7, ago=28 * DAY), bench.entry(2, pr=7)]
    status = budget_status(CHECKOUT, runs, (), bench.now, 400.0)
    assert status is not None
    assert sunk_cost(CHECKOUT, runs_of_change(runs, 7, None), bench.now, 400.0) == status.consumed == 1.0


@pytest.mark.parametrize(
    ("ages_h", "expected"),
    [
        ((), None),
        ((1, 2, 3, 4), None),
        ((1, 2, 3, 4, 5), 140.0),
        ((1, 2, 3, 4, 240), 14.0),
        ((1, 2, 3, 4, 5, 24 * 28, 24 * 40), 6.0),
        ((-1, 1, 2, 3, 4), None),
    ],
)
def test_expected_runs_of_a_window(bench: Any, ages_h: tuple[float, ...], expected: float | None) -> None:
    """The runs seen are extrapolated to the whole window; fewer than 5 runs give None."""
    runs = [bench.entry(n, ago=timedelta(hours=age)) for n, age in enumerate(ages_h)]
    assert expected_runs(runs, CHECKOUT, bench.now) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("ages_h", "text", "is_enough"),
    [
        ((0.1, 0.2, 0.3, 0.4, 0.5), "told from 5 runs in 1 hour", False),
        ((1, 2, 3, 4, 47), "told from 5 runs in 47 hours", False),
        ((1, 2, 3, 4, 167), "told from 5 runs in 6 days", False),
        ((1, 2, 3, 4, 168), "told from 5 runs in 7 days", True),
        ((1, 2, 3, 4, 5, 24 * 40), "told from 5 runs in 28 days", True),
    ],
)
def test_basis_of_the_expected_runs(bench: Any, ages_h: tuple[float, ...], text: str, is_enough: bool) -> None:
    """A projection names its runs and their time; from a week of history on it may fail a change."""
    basis = expected_runs_basis(
        [bench.entry(n, ago=timedelta(hours=h)) for n, h in enumerate(ages_h)], CHECKOUT, bench.now
    )
    assert basis is not None
    assert (basis.text, basis.is_enough) == (text, is_enough)


def test_runs_of_other_repositories_do_not_count(bench: Any) -> None:
    """A change of these tests costs nothing in other repositories: their runs do not count, single or summed."""
    here = [bench.entry(n, ago=timedelta(hours=n)) for n in range(1, 6)]
    elsewhere = [replace(bench.entry(n, ago=timedelta(hours=24 * n)), elsewhere=1) for n in range(6, 20)]
    sums = [replace(bench.entry(99, ago=timedelta(days=14)), rolled="", runs=30, elsewhere=25)]
    assert expected_runs([*here, *elsewhere], CHECKOUT, bench.now) == expected_runs(here, CHECKOUT, bench.now) == 140.0
    assert expected_runs([*here, *elsewhere, *sums], CHECKOUT, bench.now) == pytest.approx(10 * 28 / 14)


@pytest.mark.parametrize(
    ("limit", "counts", "changes", "expected"),
    [
        ("1 g", "work", {}, 40.0),
        ("1 g", "located", {"grid_g_per_kwh": 800.0, "operational_g": 2.0}, 80.0),
        ("1 g", "work", {"grid_g_per_kwh": 800.0, "operational_g": 2.0}, 40.0),
        ("1 g", "located", {"grid_assumed": True}, None),
        ("1 J", "work", {}, 4000.0),
        ("1 J", "work", UNKNOWN, None),
        ("1 g", "work", UNKNOWN, None),
        ("1 J ref", "work", {}, 2000.0),
        ("1 J ref", "work", {"reference_j": 0.0}, None),
    ],
)
def test_recurring_cost_of_a_change(
    bench: Any, limit: str, counts: Any, changes: dict[str, Any], expected: float | None
) -> None:
    """20 reference joules more in each of 100 runs are converted to the unit of the limit."""
    budget = replace(CHECKOUT, limit=parse_quantity(limit), counts=counts)
    result = recurring_cost(budget, 20.0, bench.entry(**changes), 400.0, 100.0)
    assert result == (None if expected is None else pytest.approx(expected))
