"""Advice in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pytest_carbon.core.accounts.text.advice_lines import advice_headline, settled_lines, top_advice, window_words
from pytest_carbon.core.accounts.values.account import Account
from tests.core.accounts.sample_accounts import named
from tests.core.advice.sample_ledger import advised, advised_repository


def test_without_advice(bench: Any) -> None:
    """The thresholds are told, so that nothing is not taken for not known."""
    account = named(advised(bench, [bench.entry(1)]), "repository")
    assert advice_headline(account) == (
        "What to do about the repository: nothing that is known here would save 1 g and 1 % of its grams in 28 days."
    )
    assert (top_advice(account.advice, "28d"), settled_lines(account)) == ("", [])


def test_without_runs(bench: Any) -> None:
    """That nothing is known is no advice; the next step is."""
    assert advice_headline(named(advised(bench, []), "repository")) == (
        "What to do about the repository: not known, because the ledger has no run of it; run pytest --carbon and then "
        "pytest-carbon ledger append."
    )


def test_headline_and_top(bench: Any) -> None:
    """The top action is one sentence with its grams, its range and its effort."""
    account, _ = advised_repository(bench)
    assert advice_headline(account) == (
        "What to do about the repository: 6 actions. One run may be in several, so their savings do not add up."
    )
    assert top_advice(account.advice, "28d") == (
        "Cancel the runs of job tests that a newer commit of their pull request supersedes: saves 196 g CO2e (151 g … "
        "284 g) in 28 days (a line)"
    )
    one = replace(account, advice=account.advice[:1])
    assert advice_headline(one) == "What to do about the repository: 1 action."


def test_windows_and_losses(bench: Any) -> None:
    """A month is a month; a loss is told as one; a question stays a question."""
    accounts = advised(bench)
    assert [window_words(named(accounts, name)) for name in ("shop", "checkout")] == ["in a month", "in 28 days"]
    saved, cost = (line.text for line in settled_lines(named(accounts, "repository")))
    assert saved.endswith("promised 134 g CO2e (0 g … 201 g); it saved 109 g in 28 days")
    assert cost.endswith("it cost 23.5 g more in 28 days")
    account = named(accounts, "repository")
    (gone,) = settled_lines(replace(account, settled=(replace(account.settled[0], saved_g=0.0, removed=True),)))
    assert gone.text.endswith(
        "; it was removed or renamed, or the suite changed with it, so nothing is counted as saved"
    )
    asked = _with_question(named(accounts, "repository"))
    assert top_advice(asked.advice, "month").startswith("Would it? saves ")


def _with_question(account: Account) -> Account:
    return replace(account, advice=(replace(account.advice[0], action="Would it?"),))
