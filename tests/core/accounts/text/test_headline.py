"""The headline of an account: the sentence that a product manager reads first."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.accounts.make_accounts import make_accounts
from pytest_carbon.core.accounts.text.headline import write_headline
from pytest_carbon.core.accounts.values.account import Account
from pytest_carbon.core.budget.burn_rate import BurnRate

DAY = timedelta(days=1)
UNKNOWN: dict[str, Any] = {"energy_j": None, "operational_g": None, "embodied_g": None}


def _account(bench: Any, policy: str, runs: Any = (), name: str = "checkout", **parts: Any) -> Account:
    accounts = make_accounts(bench.policy(policy), tuple(runs), parts.get("overrides", ()), bench.now, 400.0, "main")
    return next(account for account in accounts.accounts if account.name == name)


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
        ("2 kg", "month", (60, 30.0), "Checkout used 58 % of its March carbon budget: 1.17 of 2 kg CO2e, on track."),
        ("2 kg", "28d", (60, 20.0), "Checkout used 55 % of its 28-day carbon budget: 1.1 of 2 kg CO2e, on track."),
        ("500 g", "4w", (60, 2.0), "Checkout used 22 % of its 4-week carbon budget: 110 of 500 g CO2e, on track."),
        ("2 kg", "month", (60, 1.0), "Checkout used 2 % of its March carbon budget: 39 g of 2 kg CO2e, on track."),
        ("90 kJ", "month", (60, 10.0),
         "Checkout used 43 % of its March carbon budget: 39 of 90 kJ, on track."),
        ("9 kJ ref", "quarter", (60, 1.0),
         "Checkout used 33 % of its January to March carbon budget: 3 of 9 kJ of reference energy, on track."),
        ("60 g", "month", (60, 1.25),
         "Checkout used 81 % of its March carbon budget: 48.8 of 60 g CO2e, critical: likely exhausted on 25 March."),
        ("60 g", "month", (60, 2.0),
         "Checkout used up its March carbon budget: 78 of 60 g CO2e (130 %), exhausted since 15 March."),
    ],
)  # fmt: skip
def test_use_of_a_budget(bench: Any, limit: str, window: str, runs: tuple[int, float], expected: str) -> None:
    """The share and the amount used of the budget, and the outlook."""
    assert _account(bench, _budget(limit, window), _spread(bench, *runs)).sentence == expected


@pytest.mark.parametrize(
    ("policy", "runs", "expected"),
    [
        ("", [], "No data for checkout yet: the ledger has no run that counts for it. It has no budget."),
        ("2 kg", [],
         "No data for checkout yet: the ledger has no run that counts for it. Its March carbon budget is 2 kg CO2e."),
        ("", [{}, {}], "Checkout used 2 g CO2e in March; it has no budget."),
        ("", [{}, UNKNOWN], "Checkout used at least 1 g CO2e in March; it has no budget."),
        ("", [UNKNOWN], "The use of checkout in March is not known; it has no budget."),
        ("", [{"ago": 40 * DAY}], "Checkout had no run in March; it has no budget."),
        ("2 kg", [{"ago": 40 * DAY}], "Checkout used nothing of its March carbon budget of 2 kg CO2e: it had no run."),
        ("2 kg", [UNKNOWN],
         "Checkout used an unknown part of its March carbon budget of 2 kg CO2e: the use of 1 run is not known."),
        ("4 g", [{}, UNKNOWN],
         "Checkout used at least 25 % of its March carbon budget: 1 of 4 g CO2e, on track."),
    ],
)  # fmt: skip
def test_incomplete_data(bench: Any, policy: str, runs: list[dict[str, Any]], expected: str) -> None:
    """A missing budget, missing runs and runs of unknown use are named, and never written as zero."""
    entries = sorted((bench.entry(n, **run) for n, run in enumerate(runs)), key=lambda entry: entry.started)
    assert _account(bench, _budget(policy) if policy else "", entries).sentence == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("repository", "The repository used"), ("shop", "Team shop used"), ("unattributed", "Unattributed work used"),
     ("search", "Search used")],
)  # fmt: skip
def test_name_of_the_holder(bench: Any, name: str, expected: str) -> None:
    """The sentence begins with the repository, a team, a feature or unattributed work."""
    shares = {"checkout": 0.2, "search": 0.4, "unattributed": 0.4}
    policy = '[teams.shop]\nfeatures = ["checkout"]\nbudget = { limit = "1 kg" }\n'
    assert _account(bench, policy, [bench.entry(shares=shares)], name).sentence.startswith(expected)


def test_debt_reduces_the_budget(bench: Any) -> None:
    """Overrides of the previous month reduce the budget."""
    override = bench.override(granted="2026-02-10T00:00:00Z", expires="2026-02-12T00:00:00Z", amount=10.0)
    account = _account(bench, _budget("100 g"), [bench.entry()], overrides=[override])
    assert account.sentence == "Checkout used 1 % of its March carbon budget: 1 of 90 g CO2e, on track."


def test_a_rolling_budget_that_is_nearly_used(bench: Any) -> None:
    """Without a sign of exhaustion, the sentence says that the rest will last."""
    account = _account(bench, _budget("60 g", "28d"), _spread(bench, 60, 1.0))
    used = "Checkout used 92 % of its 28-day carbon budget: 55 of 60 g CO2e"
    assert (account.sentence, account.exhausted_on) == (f"{used}, 8 % left, which will last at this pace.", None)


@pytest.mark.parametrize(
    ("window", "changes", "expected"),
    [
        ("28d", {"p50": 70.0}, "at risk: likely too small for the next window."),
        ("month", {"p50": 70.0}, "at risk: likely exhausted before the window ends."),
        (
            "28d",
            {"p50": 50.0, "burn": (BurnRate(1.0, 1.0, 3.0, 3.0, 2.0, True),)},
            "at risk: used 3 times as fast as the window allows.",
        ),
    ],
)
def test_why_a_budget_is_at_risk(bench: Any, window: str, changes: dict[str, Any], expected: str) -> None:
    """Without a day of exhaustion, the sentence names the forecast or the alarm of the burn rate."""
    account = _account(bench, _budget("60 g", window), _spread(bench, 60, 0.5))
    assert account.standing is not None
    at_risk = replace(account.standing, **{"state": "at risk", "exhausted_in_s": None, **changes})
    assert write_headline(replace(account, standing=at_risk, exhausted_on=None), "2026-03-20").endswith(expected)


@pytest.mark.parametrize(
    ("budget", "runs", "expected"),
    [
        ('per-run = "2 kJ"\n', [{}, {}],
         "Checkout used 2 g CO2e in March; it has no budget over a window, and a limit of 2 kJ per run."),
        ('per-run = "2 kJ"\ngrowth = "5 %"\n', [],
         "No data for checkout yet: the ledger has no run that counts for it. It has no budget over a window, and a "
         "limit of 2 kJ per run and 5 % of growth."),
    ],
)  # fmt: skip
def test_a_limit_without_a_window_is_named(bench: Any, budget: str, runs: list[dict[str, Any]], expected: str) -> None:
    """A holder that has only a limit per run, or on growth, is not said to have no budget at all."""
    entries = [bench.entry(number, **changes) for number, changes in enumerate(runs)]
    assert _account(bench, f"[features.checkout.budget]\n{budget}", entries).sentence == expected
