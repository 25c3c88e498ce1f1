"""Accounts as tables for the terminal."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len

from pytest_carbon.core.accounts.values.account import Accounts
from pytest_carbon.reporters.accounts.terminal import render
from tests.core.accounts.sample_accounts import CASES, make, troubled, with_teams
from tests.core.advice.sample_ledger import advised


def _only(accounts: Accounts, name: str) -> Accounts:
    return replace(accounts, accounts=tuple(account for account in accounts.accounts if account.name == name))


def test_several_accounts_are_a_table(bench: Any) -> None:
    """The repository's sentence comes first, then one row per holder, then objectives and notes."""
    lines = render(with_teams(bench), width=140, colour=False).splitlines()
    assert lines[0] == "The repository used 41 % of its March carbon budget: 41.1 of 100 g CO2e, on track."
    (checkout,) = (line for line in lines if line.startswith("checkout"))
    assert re.search(r"62 %: 24\.7 of 40 g CO2e +watch +not at the present pace", checkout)
    (login,) = (line for line in lines if line.startswith("login"))
    assert "no budget" in login
    assert any(line.startswith("objective") and "A third less" in line and "off track" in line for line in lines)
    assert any(line.startswith("note") and "not in the policy" in line for line in lines)


def test_one_account_is_shown_in_full(bench: Any) -> None:
    """A single account has its facts, its months, its pull requests and its data quality."""
    account, accounts = CASES["at risk"](bench)
    text = render(_only(accounts, account.name), width=140, colour=False)
    for words in (
        "remaining",
        "forecast",
        "March 2026, so far",
        "carbon intensity (sci)",
        "#993",
        "wasted runs",
        "note",
    ):
        assert words in text


def test_a_top_consumer_is_named(bench: Any) -> None:
    """A job that uses a large share of the budget has a line of its own."""
    account, accounts = CASES["hostile"](bench)
    text = render(_only(accounts, account.name), width=200, colour=False)
    assert re.search(r"top consumer +The job `\|<b> alone used 23 % of the budget, in 156 runs", text)


def test_an_account_without_a_budget_has_no_facts(bench: Any) -> None:
    """Without a budget, the sentence on the change and its table come first, then the months."""
    account, accounts = CASES["no budget"](bench)
    lines = render(_only(accounts, account.name), width=140, colour=False).splitlines()
    assert lines[0] == account.sentence
    assert "burn rate" not in "".join(lines)
    why, title, *rows = [line for line in lines[1:] if line]
    assert why == account.change.sentence
    assert [title.split()[:3], rows[0].split("  ")[0]] == [["why", "it", "changed"], "February, the same days"]
    assert any(row.startswith("month") for row in rows)


@pytest.mark.parametrize("width", [20, 60, 80, 140])
def test_no_line_is_wider_than_the_terminal(bench: Any, width: int) -> None:
    """Columns are left out until the table fits; a terminal narrower than 60 cells counts as 60."""
    for accounts in (with_teams(bench), CASES["hostile"](bench)[1]):
        text = render(accounts, width=width, colour=False)
        assert max(cell_len(line) for line in text.splitlines()) <= max(width, 60)


def test_more_holders_than_rows_are_counted(bench: Any) -> None:
    """Forty holders have a row, and a line says how many more there are."""
    policy = "".join(f'[features.feature-{n:02}.budget]\nlimit = "{n + 10} g"\n' for n in range(50))
    runs = [bench.entry(n, shares={f"feature-{n:02}": 1.0}) for n in range(50)]
    accounts = make(bench, policy, runs)
    text = render(accounts, width=140, colour=False)
    assert f"and {len(accounts.accounts) - 40} more; see one with: pytest-carbon summary --feature NAME" in text


def test_colour_is_only_on_request(bench: Any) -> None:
    """Without colour the text has no escape sequence."""
    assert "\x1b[" not in render(with_teams(bench), width=140, colour=False)
    assert "\x1b[" in render(with_teams(bench), width=140, colour=True)


def test_what_would_save_most(bench: Any) -> None:
    """A single account has the top of its advice; the whole list is another verb's."""
    text = render(_only(advised(bench), "checkout"), width=200, colour=False)
    assert (
        "do first           Cancel the runs of job tests that a newer commit of their pull request supersedes: saves"
        in text
    )
    assert "do first" not in render(_only(advised(bench, []), "checkout"), width=200, colour=False)


def test_why_of_several(bench: Any) -> None:
    """A table of several holders has why the repository changed, and which others changed most."""
    text = render(troubled(bench)[1], width=300, colour=False)
    rows = [line for line in text.splitlines() if "each run costs more since #993" in line]
    assert rows[0].startswith("why ")
    assert 2 <= len(rows) <= 3
    assert "checkout: So far in March" in rows[1]
