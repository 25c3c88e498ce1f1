"""Accounts made by hand, for the tests of issues."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from github_action.issues.state_changes import LEVELS
from pytest_carbon.core.accounts.values.account import Account, Accounts, Day, Month, TopConsumer, Wasted
from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.model import Range
from pytest_carbon.core.records.ledger_records import Override
from pytest_carbon.core.verdict.verdict import Level

LIMIT_G = 2000.0
OVERRIDE = Override(
    "override-pr12-abc", "checkout", "2026-06-10T10:00:00Z", "2026-06-17T09:59:59Z", "the provider ends tonight", "ann",
    "bob", 120.0, "mass", "a" * 40, 12,
)  # fmt: skip


def budget_status(used: float, window: str = "month") -> BudgetStatus:
    """Return the status of a budget of 2 kg, whose state is as bad as its use."""
    consumed = used * LIMIT_G
    state = next(
        (state for state, level in reversed(list(LEVELS.items())) if used >= level / 100),
        "watch" if used >= 0.5 else "ok",
    )
    return BudgetStatus(
        "mass", window, LIMIT_G, 0.0, consumed, max(LIMIT_G - consumed, 0.0), used, state, 14, 0, (), None, None, None,
        None, 0.0, None, "",
    )  # fmt: skip


def month(name: str, used: float = 0.92, **changes: Any) -> Month:
    """Return a month that used a share of 2 kg."""
    grams = used * LIMIT_G
    facts = Month(
        name, True, Range(grams, 0.8 * grams, 1.3 * grams), None, None, None, grams, 9e6, grams, LIMIT_G, None, 14, 0, 3
    )
    return replace(facts, **changes)


def account(
    name: str = "checkout",
    *,
    level: Level = "feature",
    used: float = 0.62,
    window: str = "month",
    first: str = "2026-06-01",
    **changes: Any,
) -> Account:
    """Return the account of a holder that used a share of its budget; without a window it has no budget."""
    facts = Account(
        name=name,
        level=level,
        owners=("@checkout-team",),
        sentence=f"{name.capitalize()} used {used * 100:.0f} % of its June carbon budget.",
        standing=budget_status(used, window) if window else None,
        exhausted_on=None,
        months=(month("2026-05"), month(first[:7], used, over=False)),
        intensities=(),
        cost_most=(),
        saved_most=(),
        wasted=Wasted(0.0, 0, 0.0, 0, 0.0, 0),
        causes=(),
        overrides=(),
        days=(Day(f"{first[:7]}-28", used * LIMIT_G, used * LIMIT_G, 14),),
        coverage=(),
        window_days=(first, f"{first[:7]}-30"),
    )
    return replace(facts, **changes)


def accounts(*holders: Account, **changes: Any) -> Accounts:
    """Return the accounts of the repository and of holders."""
    whole = account("repository", level="repository", **{"used": 0.3, "owners": (), **changes})
    return Accounts("2026-06-15T12:00:00Z", (whole, *holders), (), (), ())


def cause(name: str = "#12", share: float = 0.31) -> TopConsumer:
    """Return a pull request or a job that used a large share of a window's budget."""
    kind: Any = "pull request" if name.startswith("#") else "job"
    return TopConsumer(kind, name, share, share * LIMIT_G, 14)
