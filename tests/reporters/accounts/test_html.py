"""Accounts as one HTML page."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest

from pytest_carbon.reporters.accounts.html import render
from tests.core.accounts.sample_accounts import CASES, hostile, troubled, with_teams
from tests.core.advice.sample_ledger import advised


class _Page(HTMLParser):
    """The elements, the addresses and the text of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        self.loads += [value or "" for name, value in attrs if name in ("src", "href", "srcset", "data", "action")]

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("name", CASES)
def test_a_page_loads_nothing_and_runs_nothing(bench: Any, name: str) -> None:
    """The page needs no other file, whatever a feature is called; its content policy forbids all loading."""
    _, accounts = CASES[name](bench)
    html = render(accounts)
    page = _Page(html)
    assert page.loads == ["data:,"]
    assert not {"script", "iframe", "img", "form"} & set(page.tags)
    assert not [attribute for attribute in page.attributes if attribute.startswith("on")]
    assert "default-src 'none'" in html
    assert not re.search(r"url\(\s*['\"]?(?!data:)|@import", html)


def test_values_are_escaped(bench: Any) -> None:
    """A hostile name and note are text; a character that cannot be printed is written as its escape."""
    _, accounts = hostile(bench)
    html = render(accounts)
    assert "<!-- c -->" not in html
    assert "&lt;!-- c --&gt; | [x](javascript:1) @org/team #1\\n\\n# `" in html
    assert "skipped: &lt;script&gt; | @everyone" in html


def test_several_accounts_have_an_index(bench: Any) -> None:
    """The index stands above the accounts of several holders; each account has its section and its sentence."""
    accounts = with_teams(bench)
    page = _Page(render(accounts))
    assert page.tags.count("section") == len(accounts.accounts)
    assert all(account.sentence in page.text for account in accounts.accounts)
    assert "Budget used" in page.text
    assert 'aria-label="All budgets"' in render(accounts)
    assert 'aria-label="All budgets"' not in render(replace(accounts, accounts=accounts.accounts[:1]))


def test_sections_follow_the_content(bench: Any) -> None:
    """Objectives and notes have a section only if there are any; top consumers are a list."""
    page = _Page(render(with_teams(bench)))
    assert "Objectives" in page.text
    assert "Notes" in page.text
    _, accounts = troubled(bench)
    bare = _Page(render(accounts))
    assert "Objectives" not in bare.text
    assert "Data quality" in bare.text
    _, with_job = hostile(bench)
    assert "alone used 23 % of the budget, in 156 runs." in _Page(render(with_job)).text


def test_equal_accounts_give_equal_pages(bench: Any) -> None:
    """The same accounts give the same page again."""
    assert render(with_teams(bench)) == render(with_teams(bench))


def test_advice_is_a_list(bench: Any) -> None:
    """Each action is an item with its lines; a hostile name of a job is text."""
    page = _Page(render(advised(bench)))
    assert page.tags.count("ol") == 5
    assert "Cancel the runs of job tests that a newer commit of their pull request supersedes" in page.text
    assert "it cost 23.5 g more in 28 days" in page.text
    assert "<!-- @org/team #1" in page.text
