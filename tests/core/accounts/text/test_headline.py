"""The sentence of an account: what a product manager reads first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.accounts.make_accounts import make_accounts
from pytest_carbon.core.accounts.text.headline import write_headline
from pytest_carbon.core.accounts.values.account import Account
from pytest_carbon.core.accounts.values.wording import amount_of_limit, budget_name, day_text
from pytest_carbon.core.budget.burn_rate import BurnRate

DAY = timedelta(days=1)
UNKNOWN: dict[str, Any] = {"energy_j": None, "operational_g": None, "embodied_g": None}


def _account(bench: Any, policy: str, runs: Any = (), name: str = "checkout", **parts: Any) -> Account:
    found = make_accounts(bench.policy(policy), tuple(runs), parts.get("overrides", ()), bench.now, 400.0, "main")
    return next(account for account in found.accounts if account.name == name)


def _budget(limit: str, window: str = "month") -> str:
    return f'window = "{window}"\n[features.checkout.budget]\nlimit = "{limit}"\n'


def _spread(bench: Any, count: int, grams: float, days: float = 30.0) -> list[Any]:
    """Return so many runs, as far apart, up to now."""
    return [
        bench.entry(n, ago=days * DAY * (count - n) / count, energy_j=100 * grams, operational_g=grams,
                    emissions_low_g=grams, emissions_high_g=grams)
        for n in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "window", "runs", "expected"),
    [
        ("2 kg", "month", (60, 30.0), "Checkout used 58 % of its March carbon budget: 1.17 of 2.00 kg CO2e, on track."),
        ("2 kg", "28d", (60, 20.0), "Checkout used 55 % of its 28-day carbon budget: 1.1 of 2.0 kg CO2e, on track."),
        ("500 g", "4w", (60, 2.0), "Checkout used 22 % of its 4-week carbon budget: 110 of 500 g CO2e, on track."),
        ("2 kg", "month", (60, 1.0), "Checkout used 2 % of its March carbon budget: 39 g of 2 kg CO2e, on track."),
        ("90 kJ", "month", (60, 10.0),
         "Checkout used 43 % of its March carbon budget: 39 of 90 kJ, on track."),
        ("9 kJ ref", "quarter", (60, 1.0),
         "Checkout used 33 % of its January to March carbon budget: 3 of 9 kJ of reference energy, on track."),
        ("60 g", "month", (60, 1.25),
         "Checkout used 81 % of its March carbon budget: 48.8 of 60.0 g CO2e, at risk, and will likely be exhausted on "
         "25 March."),
        ("60 g", "month", (60, 2.0),
         "Checkout used up its March carbon budget: 78 of 60 g CO2e (130 %), exhausted since 15 March."),
    ],
)  # fmt: skip
def test_a_budget(bench: Any, limit: str, window: str, runs: tuple[int, float], expected: str) -> None:
    """What is used of which budget, in one unit, and how that goes."""
    assert _account(bench, _budget(limit, window), _spread(bench, *runs)).sentence == expected


@pytest.mark.parametrize(
    ("policy", "runs", "expected"),
    [
        ("", [], "Nothing is known of checkout yet: no run in the ledger was paid by it. It has no budget."),
        ("2 kg", [],
         "Nothing is known of checkout yet: no run in the ledger was paid by it. "
         "Its March carbon budget is 2 kg CO2e."),
        ("", [{}, {}], "Checkout used 2 g CO2e in March; it has no budget."),
        ("", [{}, UNKNOWN], "Checkout used at least 1 g CO2e in March; it has no budget."),
        ("", [UNKNOWN], "It is not known what checkout used in March; it has no budget."),
        ("", [{"ago": 40 * DAY}], "Checkout had no run in March; it has no budget."),
        ("2 kg", [{"ago": 40 * DAY}], "Checkout used nothing of its March carbon budget of 2 kg CO2e: it had no run."),
        ("2 kg", [UNKNOWN],
         "It is not known how much of its March carbon budget of 2 kg CO2e checkout used: 1 run did not tell."),
        ("4 g", [{}, UNKNOWN],
         "Checkout used at least 25 % of its March carbon budget: 1 of 4 g CO2e, on track."),
    ],
)  # fmt: skip
def test_little_is_known(bench: Any, policy: str, runs: list[dict[str, Any]], expected: str) -> None:
    """No budget, no run, or runs whose use is not known: that is said, and never a zero."""
    entries = sorted((bench.entry(n, **run) for n, run in enumerate(runs)), key=lambda entry: entry.started)
    assert _account(bench, _budget(policy) if policy else "", entries).sentence == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("repository", "The repository used"), ("shop", "Team shop used"), ("unattributed", "What no feature claims used"),
     ("search", "Search used")],
)  # fmt: skip
def test_who_it_is(bench: Any, name: str, expected: str) -> None:
    """The repository, a team, a feature and what no feature claims are named as one says it."""
    shares = {"checkout": 0.2, "search": 0.4, "unattributed": 0.4}
    policy = '[teams.shop]\nfeatures = ["checkout"]\nbudget = { limit = "1 kg" }\n'
    assert _account(bench, policy, [bench.entry(shares=shares)], name).sentence.startswith(expected)


def test_a_budget_of_which_some_is_owed(bench: Any) -> None:
    """What overrides of the month before have borrowed is off the budget."""
    override = bench.override(granted="2026-02-10T00:00:00Z", expires="2026-02-12T00:00:00Z", amount=10.0)
    found = _account(bench, _budget("100 g"), [bench.entry()], overrides=[override])
    assert found.sentence == "Checkout used 1 % of its March carbon budget: 1 of 90 g CO2e, on track."


def test_a_rolling_budget_that_is_nearly_used(bench: Any) -> None:
    """Where nothing says that it will be exhausted, it says that it will last."""
    found = _account(bench, _budget("60 g", "28d"), _spread(bench, 60, 1.0))
    used = "Checkout used 92 % of its 28-day carbon budget: 55 of 60 g CO2e"
    assert (found.sentence, found.exhausted_on) == (f"{used}, 8 % is left, which will last at this pace.", None)


@pytest.mark.parametrize(
    ("window", "changes", "expected"),
    [
        ("28d", {"p50": 70.0}, "at risk, and will likely be too small for the next window."),
        ("month", {"p50": 70.0}, "at risk, and will likely not last."),
        (
            "28d",
            {"p50": 50.0, "burn": (BurnRate(1.0, 1.0, 3.0, 3.0, 2.0, True),)},
            "at risk, as it is used unusually fast.",
        ),
    ],
)
def test_why_a_budget_is_at_risk(bench: Any, window: str, changes: dict[str, Any], expected: str) -> None:
    """Without a day of exhaustion the projection is told, or the alarm of its burn rate."""
    found = _account(bench, _budget("60 g", window), _spread(bench, 60, 0.5))
    assert found.standing is not None
    at_risk = replace(found.standing, **{"state": "at risk", "exhausted_in_s": None, **changes})
    assert write_headline(replace(found, standing=at_risk, exhausted_on=None), "2026-03-20").endswith(expected)
