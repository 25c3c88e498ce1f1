"""Whole issues as a product manager reads them, as they follow from a ledger and a policy."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options

from pytest_carbon.reporters.accounts.markdown import Links, render_account, render_all, render_index
from tests.core.accounts.sample_accounts import CASES, MONTHLY, first_feature, hostile, make, troubled, with_teams

EXPECTED = Path(__file__).parents[2] / "expected"
LIMIT = 60_000


@pytest.mark.parametrize("name", CASES)
def test_issue(bench: Any, name: str) -> None:
    """The whole text of a feature's issue."""
    text = render_account(*CASES[name](bench), LIMIT, Links("https://example.org/how", "#1"))
    assert text == (EXPECTED / f"account-{name.replace(' ', '-')}.md").read_text(encoding="utf-8")


def test_index(bench: Any) -> None:
    """The whole text of the index: three teams, their features and their objectives."""
    links = Links(accounts={"checkout": "#7", "search": "https://example.org/search"})
    assert render_index(with_teams(bench), LIMIT, links) == (EXPECTED / "account-index.md").read_text(encoding="utf-8")


def _rendered(text: str) -> str:
    rendered: str = cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)
    return rendered


def test_what_github_makes_of_a_hostile_name(bench: Any) -> None:
    """No element, link, comment or row comes from a name, an owner, a job or a note; the name reads as it is."""
    account, found = hostile(bench)
    shown = _rendered(render_account(account, found, LIMIT)) + _rendered(render_index(found, LIMIT))
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
    """GitHub makes a link of the number of a pull request, in a table and as a cause; of a job's name it makes none."""
    runs = [bench.entry(n, pr=77, branch="topic") for n in range(5)] + [bench.entry(9 + n, job="#78") for n in range(5)]
    text = render_account(*first_feature(make(bench, MONTHLY.format("12 g"), runs)), LIMIT)
    assert "⚠️ Pull request #77 alone took 42 % of the budget, in 5 runs." in text
    assert "⚠️ The job \\#&#8203;78 alone took 42 % of the budget, in 5 runs." in text
    assert "| #77 |" in text


def test_details_are_folded_below_the_third_table(bench: Any) -> None:
    """GitHub sees the figures first, then folded parts that all close; each picture has its line of text before it."""
    shown = _rendered(render_account(*troubled(bench), LIMIT))
    first = shown.index("<details>")
    assert shown[:first].count("<table>") == 3
    assert shown.count("<details>") == shown.count("</details>") == 4
    assert re.search(r"<p>g CO2e by month: .*?</p>\s*<pre lang=\"mermaid\"", shown)


@pytest.mark.parametrize("limit", [3000, 4000, 5000, 8000])
def test_a_long_issue_is_cut_by_whole_rows(bench: Any, limit: int) -> None:
    """What does not fit is left out, which is said, and what is left is whole."""
    for told in (troubled(bench), hostile(bench)):
        text = render_account(*told, limit)
        assert len(text) <= limit
        assert ("Some rows are left out" in text) == (len(render_account(*told, LIMIT)) > limit)
        assert text.count("<details>") == text.count("</details>")
        assert text.startswith("**")


def test_a_long_index_is_cut_by_whole_rows(bench: Any) -> None:
    """Of 500 features the fullest stay, and how many have no line is said."""
    policy = "".join(f'[features.feature-{n:03}.budget]\nlimit = "{n + 10} g"\n' for n in range(500))
    entries = [bench.entry(n, shares={f"feature-{n:03}": 1.0}) for n in range(500)]
    found = make(bench, policy, entries)
    text = render_index(found, 20_000)
    assert len(text) <= 20_000
    (more,) = re.findall(r"(\d+) more have no line here", text)
    lines = [line for line in text.splitlines() if line.startswith("| feature-")]
    assert len(lines) + 1 + int(more) == len(found.accounts)
    assert lines[0].startswith("| feature-000 | 10&nbsp;%: 1&nbsp;of 10&nbsp;g")
    assert "| feature-499 |" in render_index(found, 200_000)


def test_all_in_one_file(bench: Any) -> None:
    """A file has the index and every account, and says once how it is measured."""
    found = with_teams(bench)
    text = render_all(found)
    assert text.count("\n## ") == len(found.accounts)
    assert text.count("How it is measured") == 1
    assert render_index(found, LIMIT).split("<details>")[0] in text


def test_nothing_changes_from_one_reading_to_the_next(bench: Any) -> None:
    """The same ledger gives the same text, and a minute later as well."""
    first = render_account(*troubled(bench), LIMIT)
    assert render_account(*troubled(bench), LIMIT) == first
