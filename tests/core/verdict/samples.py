"""A budget status, a growth, a holder and a verdict, to be changed by ``replace``."""

from __future__ import annotations

from hypothesis import settings

from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.verdict.verdict import ChangeTotals, Growth, HolderVerdict, Verdict

LAW = settings(max_examples=200, deadline=None)
DAY_S = 86_400.0
STATUS = BudgetStatus(
    "mass", "28d", 120.0, 0.0, 50.4, 69.6, 0.42, "ok", 41, 0, (), None, None, None, None, 0.0, None, ""
)
GROWTH = Growth(
    "costlier",
    "confirm",
    0.082,
    0.057,
    0.107,
    0.05,
    None,
    0.9,
    52,
    ChangeTotals(1.8, 1.95, 0, 0, 0, 0.0, 0.0, 0.0),
    None,
    "",
)
CHECKOUT = HolderVerdict("checkout", "feature", "pass", (), 9, None, None, None, None, None, (), ())
VERDICT = Verdict(
    "warn", "A sentence.", (), (CHECKOUT,), (), "run", None, None, None, None, 0.0, "modelled", "bench", None, "DE",
    "carbon.toml", (), {},
)  # fmt: skip
