"""Warnings about budgets before a push."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.budget.burn_rate import BurnRate
from pytest_carbon.core.local_hooks.budget_warnings import broken_limits, budget_warning, costliest_test_lines
from pytest_carbon.core.local_hooks.touched_budgets import find_touched
from pytest_carbon.core.policy.policy import Feature, Policy
from pytest_carbon.core.quantities import parse_quantity
from pytest_carbon.core.records.run_measurements import measurements_of
from tests.samples import make_report

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
DAY_S = 86_400.0
CHECKOUT = Budget("checkout", None, "warn", parse_quantity("100 g"))
AT_RISK = BudgetStatus("mass", "28d", 100.0, 0.0, 80.0, 20.0, 0.8, "at risk", 9, 0, (), None, None, None, None, 0.0,
                       None, "")  # fmt: skip
SLOW, FAST = (BurnRate(days * DAY_S, DAY_S / 4, rate, rate, 3.0, firing=firing)
              for days, rate, firing in ((7, 1.25, False), (1, 4.0, True)))  # fmt: skip
WARNING = "feature checkout: its budget is at risk, 80 % of 100 g in 28 days used, 20 g left"


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        ({"state": "ok"}, None),
        ({"state": "watch"}, None),
        ({"state": "unknown"}, None),
        ({}, WARNING),
        ({"burn": (replace(SLOW, long_rate=0.0),)}, WARNING),
        (
            {"burn": (SLOW,)},
            f"{WARNING}; in the last 7 days the budget was used 1.2 times as fast as its window allows",
        ),
        (
            {"burn": (SLOW, FAST)},
            f"{WARNING}; in the last 24 hours the budget was used 4 times as fast as its window allows",
        ),
        ({"exhausted_in_s": 2.5 * DAY_S}, f"{WARNING}; at this pace it is exhausted in 2 days, on 2026-06-18"),
        ({"state": "critical"}, WARNING.replace("at risk", "critical")),
        (
            {"state": "exhausted", "consumed": 130.0, "remaining": -30.0, "used": 1.3, "exhausted_in_s": 0.0},
            "feature checkout: its budget is exhausted, 130 % of 100 g in 28 days used, 30 g over",
        ),
        (
            {"unknown_runs": 2},
            "feature checkout: its budget is at risk, at least 80 % of 100 g in 28 days used, at most 20 g left; "
            "the use of 2 more runs is unknown",
        ),
    ],
)
def test_budget_warning(changes: dict[str, Any], warning: str | None) -> None:
    """A budget far from its end has no warning; an alarming burn rate comes before one of a longer window."""
    assert budget_warning(CHECKOUT, replace(AT_RISK, **changes), NOW) == warning


def test_budget_warning_names_its_holder() -> None:
    """Teams and the repository have budgets too."""
    team, repository = (budget_warning(replace(CHECKOUT, feature=None, team=name), AT_RISK, NOW)
                        for name in ("shop", None))  # fmt: skip
    assert (team or "").startswith("team shop: its budget is at risk,")
    assert (repository or "").startswith("the repository: its budget is at risk,")


@pytest.mark.parametrize(
    ("feature", "limit", "reasons"),
    [
        ("checkout", "1 kJ", ["last run: feature checkout used 2 kJ, over its limit of 1 kJ per run by 100 %"]),
        ("checkout", "2 kJ", []),
        ("unknown", "1 J", []),
        (None, "1 kJ", ["last run: this run used 4 kJ, over its limit of 1 kJ per run by 300 %"]),
    ],
)
def test_broken_limits(feature: str | None, limit: str, reasons: list[str]) -> None:
    """A limit that the run kept has no sentence; a feature without a test used nothing."""
    assert broken_limits([Budget(feature, parse_quantity(limit), "warn")], make_report()) == reasons


def test_costliest_tests_have_their_share_of_the_run() -> None:
    """Three tests are named, the costliest first; without touched tests, or energy, there is no line."""
    run = measurements_of(make_report(cost={"checkout": 1.5}))
    policy = Policy({"checkout": Feature("checkout", paths=("tests/checkout/**",))})
    tests = find_touched(["tests/checkout/test_checkout.py"], run, policy).tests
    first, *lines = costliest_test_lines(tests, run)
    assert first == "the costliest tests that this change touches, in the run of 2026-06-15:"
    assert lines[0] == "    75 J ref, 3 % of the run: tests/checkout/test_checkout.py::test_0"
    assert len(lines) == 3
    assert costliest_test_lines((), run) == []
    assert costliest_test_lines(tests, replace(run, tests={})) == []
