"""Whole issues as a product manager reads them, as they follow from a ledger and a policy."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options

from pytest_carbon.core.accounts.make_accounts import make_accounts
from pytest_carbon.core.accounts.values.account import Account, Accounts
from pytest_carbon.reporters.accounts.markdown import Links, render_account, render_all, render_index

EXPECTED = Path(__file__).parents[2] / "expected"
LIMIT = 60_000
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MONTHLY = (
    'window = "month"\n[features.checkout.budget]\nlimit = "{}"\nowners = ["@shop"]\n'
    '[features.search.budget]\nlimit = "50 g"\n'
)
TEAMS = MONTHLY.format("40 g") + (
    '[budget]\nlimit = "100 g"\n'
    '[teams.shop]\nfeatures = ["checkout"]\nbudget = { limit = "45 g" }\n'
    '[teams.web]\nfeatures = ["search"]\nbudget = { limit = "60 g" }\n'
    '[teams.base]\nfeatures = ["login"]\nbudget = { limit = "10 kJ" }\n[features.login]\n'
    '[[objectives]]\nname = "A third less"\nteam = "shop"\ntarget = "25 g"\nby = "2026-06-30"\n'
    '[[objectives]]\nname = "Light runs | <b>"\nowner = "@shop"\nmeasure = "per test run"\ntarget = "1.2 g"\n'
    'by = "2026-12-31"\n'
    '[[objectives]]\nname = "Room to spare"\nmeasure = "budget used"\ntarget = "80 %"\nby = 2026-04-30\n'
)
HOSTILE = "<!-- c --> | [x](javascript:1) @org/team #1\n\n# `"


def _ledger(bench: Any, days: int = 150, grams: float = 1.0) -> list[Any]:
    """Return a run of the default branch and one of a pull request a day; a week ago one made them costlier."""
    entries = []
    for ago in range(days, 0, -1):
        more = 1.25 if ago <= 7 else 1.0
        own = {"energy_j": 100.0 * more, "reference_j": 50.0 * more, "operational_g": 0.9 * grams * more,
               "embodied_g": 0.1 * grams, "emissions_low_g": 0.8 * grams * more, "emissions_high_g": 1.5 * grams * more,
               "job": "tests", "runner": "github-hosted", "wall_s": 600.0}  # fmt: skip
        pr, commit = 1000 - ago, f"{ago:040x}"
        entries.append(bench.entry(2 * ago, ago=ago * DAY, pr=pr, branch="topic", commit=f"{ago:039x}f", **own))
        entries.append(bench.entry(2 * ago + 1, ago=ago * DAY - HOUR, pr=pr, commit=commit, **own))
    return entries


def _accounts(bench: Any, policy: str, entries: Any, **parts: Any) -> Accounts:
    overrides, g_per_kwh = parts.get("overrides", ()), parts.get("g_per_kwh", 400.0)
    notes = parts.get("notes", ())
    return make_accounts(bench.policy(policy), tuple(entries), overrides, bench.now, g_per_kwh, "main", notes)


def _checkout(found: Accounts) -> tuple[Account, Accounts]:
    return next(one for one in found.accounts if one.name != "repository"), found


def _troubled(bench: Any) -> Any:
    """A run that was cancelled, one that was overtaken, one that was run again, one whose use is not known."""
    entries = _ledger(bench)
    entries[-3] = replace(entries[-3], conclusion="cancelled")
    overtaken = replace(entries[-2], id="overtaken", commit="c" * 40, wall_s=9000.0)
    again = replace(entries[-4], id="again", attempt=2, started=entries[-3].started)
    unknown = replace(entries[-6], id="unknown", energy_j=None, operational_g=None, embodied_g=None, runner="")
    assumed = replace(entries[-8], id="assumed", grid_assumed=True, method="counter", runner="self-hosted")
    order = sorted([*entries, overtaken, again, unknown, assumed], key=lambda entry: (entry.started, entry.id))
    override = bench.override(amount=4.0, reason="the release | cannot wait")
    return _checkout(_accounts(bench, MONTHLY.format("45 g"), order, overrides=[override]))


def _hostile(bench: Any) -> Any:
    policy = f'window = "quarter"\n[features.{json.dumps(HOSTILE)}.budget]\nlimit = "700 g"\nowners = ["@x|y"]\n'
    entries = [replace(entry, shares={HOSTILE: 1.0}, job="`|<b>", pr=None) for entry in _ledger(bench)]
    found = _accounts(bench, policy, entries, notes=["skipped: <script> | @everyone"])
    return next(one for one in found.accounts if one.name == HOSTILE), found


CASES: dict[str, Callable[[Any], tuple[Account, Accounts]]] = {
    "healthy": lambda bench: _checkout(_accounts(bench, MONTHLY.format("80 g"), _ledger(bench))),
    "at risk": _troubled,
    "exhausted": lambda bench: _checkout(_accounts(bench, MONTHLY.format("30 g"), _ledger(bench, 40))),
    "no data": lambda bench: _checkout(_accounts(bench, MONTHLY.format("80 g"), ())),
    "no budget": lambda bench: _checkout(_accounts(bench, "", _ledger(bench), g_per_kwh=None)),
    "hostile": _hostile,
}


def _teams(bench: Any) -> Accounts:
    entries = _ledger(bench, 150)
    entries = [replace(entry, shares={"checkout": 0.6, "search": 0.3, "gone": 0.1}) for entry in entries]
    return _accounts(bench, TEAMS, entries, notes=["skipped in the ledger: 2026/03/01/x.json: it is not whole JSON"])


@pytest.mark.parametrize("name", CASES)
def test_issue(bench: Any, name: str) -> None:
    """The whole text of a feature's issue."""
    text = render_account(*CASES[name](bench), LIMIT, Links("https://example.org/how", "#1"))
    assert text == (EXPECTED / f"account-{name.replace(' ', '-')}.md").read_text(encoding="utf-8")


def test_index(bench: Any) -> None:
    """The whole text of the index: three teams, their features and their objectives."""
    links = Links(accounts={"checkout": "#7", "search": "https://example.org/search"})
    assert render_index(_teams(bench), LIMIT, links) == (EXPECTED / "account-index.md").read_text(encoding="utf-8")


def _rendered(text: str) -> str:
    rendered: str = cmarkgfm.github_flavored_markdown_to_html(text, options=Options.CMARK_OPT_UNSAFE)
    return rendered


def test_what_github_makes_of_a_hostile_name(bench: Any) -> None:
    """No element, link, comment or row comes from a name, an owner, a job or a note; the name reads as it is."""
    account, found = _hostile(bench)
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
    text = render_account(*_checkout(_accounts(bench, MONTHLY.format("12 g"), runs)), LIMIT)
    assert "⚠️ Pull request #77 alone took 42 % of the budget, in 5 runs." in text
    assert "⚠️ The job \\#&#8203;78 alone took 42 % of the budget, in 5 runs." in text
    assert "| #77 |" in text


def test_details_are_folded_below_the_third_table(bench: Any) -> None:
    """GitHub sees the figures first, then folded parts that all close; each picture has its line of text before it."""
    shown = _rendered(render_account(*_troubled(bench), LIMIT))
    first = shown.index("<details>")
    assert shown[:first].count("<table>") == 3
    assert shown.count("<details>") == shown.count("</details>") == 4
    assert re.search(r"<p>g CO2e by month: .*?</p>\s*<pre lang=\"mermaid\"", shown)


@pytest.mark.parametrize("limit", [3000, 4000, 5000, 8000])
def test_a_long_issue_is_cut_by_whole_rows(bench: Any, limit: int) -> None:
    """What does not fit is left out, which is said, and what is left is whole."""
    for told in (_troubled(bench), _hostile(bench)):
        text = render_account(*told, limit)
        assert len(text) <= limit
        assert ("Some rows are left out" in text) == (len(render_account(*told, LIMIT)) > limit)
        assert text.count("<details>") == text.count("</details>")
        assert text.startswith("**")


def test_a_long_index_is_cut_by_whole_rows(bench: Any) -> None:
    """Of 500 features the fullest stay, and how many have no line is said."""
    policy = "".join(f'[features.feature-{n:03}.budget]\nlimit = "{n + 10} g"\n' for n in range(500))
    entries = [bench.entry(n, shares={f"feature-{n:03}": 1.0}) for n in range(500)]
    found = _accounts(bench, policy, entries)
    text = render_index(found, 20_000)
    assert len(text) <= 20_000
    (more,) = re.findall(r"(\d+) more have no line here", text)
    lines = [line for line in text.splitlines() if line.startswith("| feature-")]
    assert len(lines) + 1 + int(more) == len(found.accounts)
    assert lines[0].startswith("| feature-000 | 10&nbsp;%: 1&nbsp;of 10&nbsp;g")
    assert "| feature-499 |" in render_index(found, 200_000)


def test_all_in_one_file(bench: Any) -> None:
    """A file has the index and every account, and says once how it is measured."""
    found = _teams(bench)
    text = render_all(found)
    assert text.count("\n## ") == len(found.accounts)
    assert text.count("How it is measured") == 1
    assert render_index(found, LIMIT).split("<details>")[0] in text


def test_nothing_changes_from_one_reading_to_the_next(bench: Any) -> None:
    """The same ledger gives the same text, and a minute later as well."""
    first = render_account(*_troubled(bench), LIMIT)
    assert render_account(*_troubled(bench), LIMIT) == first
