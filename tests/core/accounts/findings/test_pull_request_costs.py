"""Sunk and recurring costs of pull requests, and which of them cost or save most."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.accounts.findings.feature_steps import paid_by_tests
from pytest_carbon.core.accounts.findings.pull_request_costs import (
    PullHistory,
    compute_pull_costs,
    pick_costliest,
    pick_largest_savings,
)
from pytest_carbon.core.accounts.findings.pull_request_effects import Effect, MergedPull
from pytest_carbon.core.accounts.text.tables import recurring_text
from pytest_carbon.core.accounts.values.account import PullCost, Sureness
from pytest_carbon.core.accounts.values.holder_shares import shares_by_feature
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.window import parse_window

DAY = timedelta(days=1)
HOLDER = Budget("checkout", None, "warn")
UNKNOWN: dict[str, Any] = {"energy_j": None, "operational_g": None}


def _costs(
    bench: Any, runs: Any, step_j: float | None = 5.0, stretch: float | None = 2.0, sure: Sureness = "sure", **run: Any
) -> dict[int, PullCost]:
    """Return the costs for checkout; #7 is merged and changed each run of the job tests by ``step_j``."""
    effects = (Effect("tests", step_j, sure, bench.entry(99, **run)),)
    merged = {7: MergedPull(bench.now - DAY, effects), 9: MergedPull(bench.now - 2 * DAY, ())}
    window = HOLDER.window
    pulls = PullHistory(merged, {window: frozenset(merged)}, {window: (7,)}, {(window, "tests"): stretch})
    parts = shares_by_feature(runs).get("checkout", [])
    return {cost.pr: cost for cost in compute_pull_costs(HOLDER, parts, parts, pulls)}


def test_sunk_and_recurring(bench: Any) -> None:
    """Sunk cost is the pull request's own runs; recurring cost is the step in grams times the runs per window."""
    runs = [
        bench.entry(n, job="tests", pr=7 if n < 3 else None, shares={"checkout": 0.5, "search": 0.5}) for n in range(10)
    ]
    costs = _costs(bench, runs)
    assert costs == {7: PullCost(7, 1.5, 3, pytest.approx(5.0 / 50.0 * 0.5 * 10 * 2.0), "sure", "2026-03-19")}


@pytest.mark.parametrize(
    ("changes", "recurring_g", "sureness"),
    [
        ({"step_j": -5.0}, -2.0, "sure"),
        ({"sure": "not sure"}, 2.0, "not sure"),
        ({"step_j": None}, None, "sure"),
        ({"stretch": None}, None, "unknown"),
        (UNKNOWN, None, "unknown"),
    ],
    ids=["saves", "not borne out yet", "no change", "too few runs", "unknown grams"],
)
def test_recurring_cost(bench: Any, changes: Any, recurring_g: float | None, sureness: str) -> None:
    """A saving is negative, no change is None, and a change that cannot be converted to grams is unknown."""
    runs = [bench.entry(n, job="tests", pr=7) for n in range(10)]
    cost = _costs(bench, runs, **changes)[7]
    assert (recurring_text(cost) == "not known") == (sureness == "unknown")
    assert (cost.recurring_g, cost.sureness) == (recurring_g and pytest.approx(recurring_g), sureness)


def test_open_and_incomparable_pull_requests(bench: Any) -> None:
    """An open pull request has only sunk cost; without comparable runs the change of a merged one is unknown."""
    costs = _costs(bench, [bench.entry(1, pr=8), bench.entry(2, pr=9), bench.entry(3, pr=8, **UNKNOWN)])
    assert costs[8] == PullCost(8, 1.0, 2, None, "unknown", None)
    assert costs[9] == PullCost(9, 1.0, 1, None, "unknown", "2026-03-18")
    assert _costs(bench, [bench.entry(1, pr=8, **UNKNOWN)])[8].sunk_g is None


def test_a_change_costs_every_holder_that_pays_the_job(bench: Any) -> None:
    """A pull request without a run of the holder counts if it makes the holder's own runs costlier."""
    assert _costs(bench, [bench.entry(1, job="tests")])[7] == PullCost(
        7, 0.0, 0, pytest.approx(0.2), "sure", "2026-03-19"
    )
    assert _costs(bench, [bench.entry(1, job="lint")]) == {}


def test_only_runs_of_the_window_are_sunk(bench: Any) -> None:
    """Runs before the month are no sunk cost, but count for how often a job runs."""
    month = Budget("checkout", None, "warn", window=parse_window("month"))
    parts = shares_by_feature([bench.entry(1, job="tests", pr=8, ago=25 * DAY), bench.entry(2, job="tests", pr=7)])[
        "checkout"
    ]
    merged = {7: MergedPull(bench.now - DAY, (Effect("tests", 5.0, "sure", bench.entry()),))}
    pulls = PullHistory(merged, {month.window: frozenset({7})}, {month.window: (7,)}, {(month.window, "tests"): 1.0})
    (cost,) = compute_pull_costs(month, parts[1:], parts, pulls)
    assert (cost.pr, cost.sunk_g, cost.recurring_g) == (7, 1.0, pytest.approx(0.2))


def test_the_five_costliest_and_the_five_largest_savings() -> None:
    """They are sorted by sunk and recurring cost together; a pull request that saves is not among the costliest."""
    costs = [PullCost(n, float(n), 1, None, "sure", None) for n in range(8)]
    savers = [PullCost(n, 1.0, 1, -float(n), "sure", "2026-03-01") for n in range(10, 17)]
    assert [cost.pr for cost in pick_costliest([*savers, *costs])] == [7, 6, 5, 4, 3]
    assert [cost.pr for cost in pick_largest_savings([*savers, *costs])] == [16, 15, 14, 13, 12]
    assert pick_costliest([PullCost(1, None, 1, None, "unknown", None)]) == ()


@pytest.mark.parametrize(
    ("holder", "features", "expected"),
    [
        (None, {"checkout": 10.0}, "+5 g (+25 % per run)"),
        ("checkout", {"checkout": 10.0}, "+5 g (+67 % per run)"),
        ("search", {"checkout": 10.0}, None),
        ("checkout", None, "+2.2 g"),
    ],
    ids=["repository", "the feature itself", "another feature", "no known feature"],
)
def test_per_run(bench: Any, holder: str | None, features: Any, expected: str | None) -> None:
    """A step of 10 J: of the 40 J of a run before it, and of the 15 J of the feature's own tests in it."""
    runs = [
        bench.entry(n, ago=DAY * (9 - n), job="tests", reference_j=40.0 if n < 4 else 50.0,
                    shares={"checkout": 0.375 if n < 4 else 0.5, "search": 0.625 if n < 4 else 0.5})
        for n in range(8)
    ]  # fmt: skip
    merged = {7: MergedPull(bench.now - DAY * 5, (Effect("tests", 10.0, "sure", runs[-1], features),))}
    own = replace(HOLDER, feature=holder)
    pulls = PullHistory(
        merged, {own.window: frozenset(merged)}, {own.window: (7,)}, {(own.window, "tests"): 3.125}, paid_by_tests
    )
    parts = shares_by_feature(runs).get(holder, [])
    told = [recurring_text(cost) for cost in compute_pull_costs(own, [], parts, pulls)]
    assert told == ([expected] if expected else [])
