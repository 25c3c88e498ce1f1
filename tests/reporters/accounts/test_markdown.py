"""Accounts as GitHub Markdown: whole issues, from a ledger and a policy to the text."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options

from pytest_carbon.core.accounts.make_accounts import make_accounts
from pytest_carbon.core.advice.add_advice import add_advice
from pytest_carbon.reporters.accounts.markdown import Links, render_account, render_all, render_index
from tests.core.accounts.decomposition.planted_ledgers import NOW, PLANTED, ledger
from tests.core.accounts.sample_accounts import CASES, MONTHLY, first_feature, hostile, make, troubled, with_teams

EXPECTED = Path(__file__).parents[2] / "expected"
LIMIT = 60_000


@pytest.mark.parametrize("name", CASES)
def test_text_of_an_issue(bench: Any, name: str) -> None:
    """The whole text of a feature's issue."""
    text = render_account(*CASES[name](bench), LIMIT, Links("https://example.org/how", "#1"))
    assert text == (EXPECTED / f"account-{name.replace(' ', '-')}.md").read_text(encoding="utf-8")


def test_text_of_a_planted_change(bench: Any) -> None:
    """The whole text of a repository with fewer runs, each costlier since a pull request: the first action is on it."""
    entries, _ = ledger(PLANTED[17])
    policy = bench.policy('[budget]\nlimit = "9 kg"\nwindow = "month"\ncounts = "located"\n')
    accounts = make_accounts(policy, entries, (), NOW, 380.0, "main")
    accounts = add_advice(accounts, policy, entries, NOW, "main")
    expected = (EXPECTED / "account-why.md").read_text(encoding="utf-8")
    assert render_account(accounts.accounts[0], accounts, LIMIT) == expected


def test_text_of_the_index(bench: Any) -> None:
    """The whole text of the index: three teams, their features and their objectives."""
    links = Links(accounts={"checkout": "#7", "search": "https://example.org/search"})
    assert render_index(with_teams(bench), LIMIT, links) == (EXPECTED / "account-index.md").read_text(encoding="utf-8")


def _rendered(text: str) -> str:
    rendered: str = cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)
    return rendered


def test_a_hostile_name_is_text(bench: Any) -> None:
    """GitHub makes no element, link, comment or row of a name, an owner, a job or a note."""
    account, accounts = hostile(bench)
    shown = _rendered(render_account(account, accounts, LIMIT)) + _rendered(render_index(accounts, LIMIT))
    ours = "p strong table thead tbody tr th td pre code h3 details summary ul li"
    assert set(re.findall(r"<(\w+)", shown)) == set(ours.split())
    assert "<!--" not in shown
    assert "[x](javascript:1)" in html.unescape(shown)
    for table in re.findall(r"<table>.*?</table>", shown, re.DOTALL):
        assert (
            len({len(re.findall(r"<t[hd]>|<t[hd] ", row)) for row in re.findall(r"<tr>.*?</tr>", table, re.DOTALL)})
            == 1
        )


def test_pull_requests_are_links(bench: Any) -> None:
    """GitHub makes a link of a pull request's number, and none of a job's name that looks like one."""
    runs = [bench.entry(n, pr=77, branch="topic") for n in range(5)] + [bench.entry(9 + n, job="#78") for n in range(5)]
    text = render_account(*first_feature(make(bench, MONTHLY.format("12 g"), runs)), LIMIT)
    assert "⚠️ Pull request #77 alone used 42 % of the budget, in 5 runs." in text
    assert "⚠️ The job \\#&#8203;78 alone used 42 % of the budget, in 5 runs." in text
    assert "| #77 |" in text
    assert "each run costs more since #993 (+3.9 g)." in render_account(*troubled(bench), LIMIT)


def test_details_are_folded_below_the_third_table(bench: Any) -> None:
    """The main tables come first, then folded sections that all close; the chart has its caption before it."""
    shown = _rendered(render_account(*troubled(bench), LIMIT))
    first = shown.index("<details>")
    assert shown[:first].count("<table>") == 3
    assert shown.count("<details>") == shown.count("</details>") == 5
    assert re.search(r"<p>g CO2e by month\. .*?</p>\s*<pre lang=\"mermaid\"", shown)


@pytest.mark.parametrize("limit", [3000, 4000, 5000, 8000])
def test_a_long_issue_is_cut_by_whole_rows(bench: Any, limit: int) -> None:
    """A text that is too long loses whole rows, and says so."""
    for sample in (troubled(bench), hostile(bench)):
        text = render_account(*sample, limit)
        assert len(text) <= limit
        assert ("Some rows are left out" in text) == (len(render_account(*sample, LIMIT)) > limit)
        assert text.count("<details>") == text.count("</details>")
        assert text.startswith("**")


def test_a_long_index_is_cut_by_whole_rows(bench: Any) -> None:
    """Of 500 features the ones with the most budget used stay, and the text says how many are left out."""
    policy = "".join(f'[features.feature-{n:03}.budget]\nlimit = "{n + 10} g"\n' for n in range(500))
    entries = [bench.entry(n, shares={f"feature-{n:03}": 1.0}) for n in range(500)]
    accounts = make(bench, policy, entries)
    text = render_index(accounts, 20_000)
    assert len(text) <= 20_000
    (more,) = re.findall(r"(\d+) more are left out", text)
    lines = [line for line in text.splitlines() if line.startswith("| feature-")]
    assert len(lines) + 1 + int(more) == len(accounts.accounts)
    assert lines[0].startswith("| feature-000 | 10&nbsp;%: 1&nbsp;of 10&nbsp;g")
    assert "| feature-499 |" in render_index(accounts, 200_000)


def test_all_accounts_in_one_text(bench: Any) -> None:
    """The text has the index and every account, and says once how the figures are made."""
    accounts = with_teams(bench)
    text = render_all(accounts)
    assert text.count("\n## ") == len(accounts.accounts)
    assert text.count("How it is measured") == 1
    assert render_index(accounts, LIMIT).split("<details>")[0] in text


def test_equal_ledgers_give_equal_text(bench: Any) -> None:
    """The same ledger gives the same text again."""
    first = render_account(*troubled(bench), LIMIT)
    assert render_account(*troubled(bench), LIMIT) == first
