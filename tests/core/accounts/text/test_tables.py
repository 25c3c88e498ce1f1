"""Tables of text: what every reporter shows of an account."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.accounts.text import tables
from pytest_carbon.core.accounts.text.tables import account_line, months_table, recurring_text, waste_table
from pytest_carbon.core.accounts.values.account import Objective, PullCost, Wasted
from tests.core.accounts.sample_accounts import CASES, MONTHLY, daily_ledger, make, named


def test_a_budget_of_unknown_use_has_no_state(bench: Any) -> None:
    """Runs of unknown use are not zero use, not a full budget and not a good state."""
    unknown = {"energy_j": None, "operational_g": None}
    policy = '[features.checkout.budget]\nlimit = "1 kg"\nwindow = "month"\n'
    account = named(make(bench, policy, [bench.entry(1, **unknown)]))
    line = account_line(account, "2026-03-20")
    assert (line.share, line.used, line.state, line.left) == (None, "not known", "not known", "not known")
    half = named(make(bench, policy, [bench.entry(1), bench.entry(2, **unknown)]))
    assert half.sentence.startswith("Checkout used at least 0.1 % of its March carbon budget: 1 g of 1 kg CO2e")
    assert (account_line(half, "2026-03-20").left, half.months[-1].uncounted_runs) == ("at most 999 g", 1)
    table = months_table(half)
    assert table.rows[0][table.titles.index("Budget used")] == "at least 0.1 % of 1 kg"


@pytest.mark.parametrize(
    ("recurring_g", "sureness", "merged", "expected"),
    [
        (540.0, "sure", "2026-03-04", "+540 g"),
        (-310.0, "sure", "2026-03-04", "-310 g"),
        (120.0, "not sure", "2026-03-04", "+120 g, not sure"),
        (None, "sure", "2026-03-04", "no change"),
        (None, "not sure", "2026-03-04", "no change so far"),
        (None, "unknown", "2026-03-04", "not known"),
        (None, "unknown", None, "not merged"),
    ],
)
def test_recurring_cost(recurring_g: float | None, sureness: Any, merged: str | None, expected: str) -> None:
    """An unknown change is not "no change", and a change that later runs do not support yet says so."""
    assert recurring_text(PullCost(7, 1.0, 1, recurring_g, sureness, merged)) == expected


def test_only_reasons_with_runs_are_rows_of_the_waste_table() -> None:
    """A reason without a run has no row, and a table without a row is left out of the account."""
    assert waste_table(Wasted(0.0, 0, 0.0, 0, 0.0, 0)).rows == []
    assert waste_table(Wasted(0.0, 0, 4.5, 3, 0.0, 0)).rows == [("Superseded by a newer commit", "3", "4.5 g")]


def test_facts_of_a_budget(bench: Any) -> None:
    """A budget has its use, its pace and its forecast; an account without one has no facts."""
    facts = dict(tables.budget_facts(CASES["healthy"](bench)[0], "2026-03-20"))
    assert (
        facts["Forecast"]
        == "64 g at the window's end (P50); from how days differ, 80 % likely between 64 g (P10) and 66 g (P90)"
    )
    assert facts["Burn rate"] == "0.9x in 7 days; at 1x a budget lasts exactly its window"
    assert facts["Will be exhausted"] == "not at the present pace"
    assert tables.budget_facts(CASES["no budget"](bench)[0], "2026-03-20") == []


def test_empty_columns_are_left_out(bench: Any) -> None:
    """Without a budget there is no column of it; without a machine's owner there are no scopes but the unknown one."""
    runs = [replace(run, runner="") for run in daily_ledger(bench, 40)]
    titles = months_table(named(make(bench, "", runs))).titles
    assert titles == ["Month", "CO2e", "Unknown scope", "Runs", "Pull requests"]
    assert "Budget used" in months_table(named(make(bench, MONTHLY.format("80 g"), runs))).titles


@pytest.mark.parametrize(
    ("unit", "value", "expected"),
    [("g", 1240.0, "1.24 kg"), ("share", 0.8, "80 %"), ("g", None, "not known"), ("share", 1.004, ">100 %")],
)
def test_value_of_an_objective(unit: str, value: float | None, expected: str) -> None:
    """A value is written in the objective's unit."""
    goal = Objective("shop", "Less", "per month", unit, 1.0, "2026-12-31", None, None, None, "not known")
    assert tables.objective_value(goal, value) == expected
