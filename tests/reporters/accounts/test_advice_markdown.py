"""Advice as GitHub Markdown, from a ledger to the text."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import cmarkgfm

from pytest_carbon.reporters.accounts.advice_markdown import render
from pytest_carbon.reporters.accounts.markdown import render_account, render_all, render_index
from tests.core.advice.sample_ledger import advised_repository

EXPECTED = Path(__file__).parents[2] / "expected"


def test_whole_text(bench: Any) -> None:
    """The whole list of the repository, with a hostile name of a job."""
    account, accounts = advised_repository(bench)
    text = render(replace(accounts, accounts=(account,)))
    assert text == (EXPECTED / "advice.md").read_text(encoding="utf-8")


def test_text_of_an_issue_with_advice(bench: Any) -> None:
    """The whole text of the repository's account: what to do stands above the months."""
    assert render_account(*advised_repository(bench), 60_000) == (EXPECTED / "account-with-advice.md").read_text(
        encoding="utf-8"
    )


def test_a_hostile_name_is_text(bench: Any) -> None:
    """GitHub makes lists, code and boxes of the advice, and nothing of a name."""
    account, accounts = advised_repository(bench)
    shown = cmarkgfm.github_flavored_markdown_to_html(render(replace(accounts, accounts=(account,))))
    assert set(re.findall(r"<(\w+)", shown)) <= {"h2", "p", "strong", "ul", "li", "code", "pre", "input"}
    assert "<!--" not in shown
    assert "\x1b" not in shown


def test_a_long_issue_has_fewer_actions(bench: Any) -> None:
    """A shorter text has fewer, the largest savings first."""
    account, accounts = advised_repository(bench)
    boxes = [render_account(account, accounts, limit).count("- [ ] `") for limit in (60_000, 5500, 3000)]
    assert boxes == sorted(boxes, reverse=True)
    assert boxes[0] == 5 > boxes[-1]


def test_the_index_has_what_saves_the_repository_most(bench: Any) -> None:
    """The repository has no issue of its own; in one text with all accounts, its list stands once."""
    _, accounts = advised_repository(bench)
    assert render_index(accounts, 60_000).count("- [ ] `") == 5
    assert render_index(accounts, 3000).count("- [ ] `") < 5
    assert render_all(accounts).count("`superseded-59830ebc`") == len(accounts.accounts)
