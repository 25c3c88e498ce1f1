"""Sums of a day: budgets get the same result from the sums as from the runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.burn_rate import burn_rates
from pytest_carbon.core.budget.change_cost import expected_runs
from pytest_carbon.core.budget.spend_history import Spend, SpendHistory
from pytest_carbon.core.budget.spending import spending_of
from pytest_carbon.core.quantities import parse_quantity
from pytest_carbon.core.records.day_sums import sum_day

LAW = settings(max_examples=100, deadline=None)
DAY = date(2026, 3, 19)
CHECKOUT = Budget("checkout", None, "fail", parse_quantity("120 g"))
BUDGETS = [
    replace(CHECKOUT, feature=feature, limit=parse_quantity(limit), counts=counts)
    for feature in ("checkout", "search", None)
    for limit in ("1 g", "1 J", "1 J ref")
    for counts in ("work", "located")
]
FIGURE = st.none() | st.floats(0, 1e9)


def test_day_is_summed_by_feature_and_grid(bench: Any) -> None:
    """Runs on another grid, and runs with other unknown figures, are summed apart."""
    both = {"checkout": 0.25, "search": 0.75}
    runs = [bench.entry(1, shares=both), bench.entry(2, shares={"checkout": 1.0, "search": 0.0}),
            bench.entry(3, energy_j=None), bench.entry(4, grid_zone="FR", grid_g_per_kwh=50.0)]  # fmt: skip
    result = {(e.rolled, e.grid_zone, e.energy_j): (e.runs, e.operational_g, e.tests) for e in sum_day(DAY, runs)}
    assert result == {
        ("", "DE", 200.0): (2, 2.0, 100),
        ("checkout", "DE", 125.0): (2, 1.25, 62),
        ("search", "DE", 75.0): (1, 0.75, 38),
        ("", "DE", None): (1, 1.0, 50),
        ("checkout", "DE", None): (1, 1.0, 50),
        ("", "FR", 100.0): (1, 1.0, 50),
        ("checkout", "FR", 100.0): (1, 1.0, 50),
    }
    assert {e.started for e in sum_day(DAY, runs)} == {"2026-03-19T12:00:00+00:00"}
    assert len({e.id for e in sum_day(DAY, runs)}) == 7
    assert sum_day(DAY, []) == []


@LAW
@given(st.lists(st.tuples(FIGURE, FIGURE, FIGURE, FIGURE, st.booleans(), st.sampled_from([0.0, 381.0, 50.0]),
                          st.sampled_from([0.0, 0.25, 1.0]))))  # fmt: skip
def test_budgets_get_the_same_from_sums(bench: Any, runs: list[tuple[Any, ...]]) -> None:
    """Amounts in every unit, the number of runs and the number of unknown runs are equal."""
    names = ("energy_j", "reference_j", "operational_g", "embodied_g", "grid_assumed", "grid_g_per_kwh")
    entries = [
        bench.entry(n, **dict(zip(names, figures, strict=True)), shares={"checkout": share, "search": 1 - share})
        for n, (*figures, share) in enumerate(runs)
    ]
    for budget in BUDGETS:
        one, other = (spending_of(budget, result, 400.0) for result in (entries, sum_day(DAY, entries)))
        assert sum(s.amount for s in other.spends) == pytest.approx(sum(s.amount for s in one.spends))
        assert sum(s.runs for s in other.spends) == len(one.spends)
        assert sum(e.runs for e in other.unknown_entries) == len(one.unknown_entries)


def test_a_sum_counts_as_its_runs(bench: Any) -> None:
    """In a window, for a burn rate, and for the expected number of runs."""
    spends = [Spend(bench.now - timedelta(hours=1), 10.0, 7), Spend(bench.now - timedelta(days=3), 1.0)]
    history = SpendHistory(spends, bench.now)
    assert history.count_runs(history.amounts_in(CHECKOUT.window)) == 8
    rates = burn_rates(history, 100.0, CHECKOUT.window)
    assert [history.count_runs(history.latest_amounts(rate.long_s)) for rate in rates] == [7, 7, 8]
    day = (bench.now - timedelta(days=20)).date()
    sums = sum_day(day, [bench.entry(n, ago=timedelta(days=20)) for n in range(9)])
    assert expected_runs(sums, CHECKOUT, bench.now) == pytest.approx(9 * 28 / 20)
