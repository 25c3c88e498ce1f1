"""Accounts as GitHub's Markdown: the body of one holder's issue, that of the index, and all in one file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from pytest_carbon.core import escape
from pytest_carbon.core.accounts.text import tables as view
from pytest_carbon.core.accounts.text.mermaid_chart import draw_chart
from pytest_carbon.core.accounts.text.tables import TextTable
from pytest_carbon.core.accounts.values.account import Account, Accounts
from pytest_carbon.core.verdict.wording import TEXT_CELLS, shorten
from pytest_carbon.reporters.verdict.markdown import EscapedMarkdown, template


@dataclass(frozen=True, slots=True)
class Links:
    """Where readers are sent, where it is known: ``method`` is a page on how all is measured.

    ``accounts`` is where each holder's account is by name, as a URL or as ``#12``, and ``index`` that of all. A pull
    request is always ``#12``, which GitHub makes a link.
    """

    method: str = ""
    index: str = ""
    accounts: Mapping[str, str] = field(default_factory=dict)


NO_LINKS = Links()


class _Layout(NamedTuple):
    """How much is told of a holder."""

    months_shown: int
    details: bool
    chart: bool = True


_LAYOUTS = (
    _Layout(13, details=True),
    _Layout(6, details=True),
    _Layout(6, details=False),
    _Layout(3, details=False, chart=False),
)
_ROW_LIMITS = (None, 450, 400, 350, 300, 250, 200, 150, 100, 70, 50, 30, 20, 10, 3)


def render_account(account: Account, accounts: Accounts, limit_chars: int, links: Links = NO_LINKS) -> str:
    """Return what one holder's issue says, in at most ``limit_chars`` characters, which are at least 3,000.

    Months and details are left out where it would be longer, and that is said. What comes from outside is escaped.
    """
    text = ""
    for form in _LAYOUTS:
        text = template("account.md.j2").render(_account_values(account, accounts, form, links))
        if len(text) <= limit_chars:
            break
    return text


def render_index(accounts: Accounts, limit_chars: int, links: Links = NO_LINKS) -> str:
    """Return what the issue on all holders says, in at most ``limit_chars`` characters, which are at least 3,000.

    The least full are left out where it would be longer, and that is said.
    """
    text = ""
    for rows in _ROW_LIMITS:
        text = template("account-index.md.j2").render(_index_values(accounts, rows, links))
        if len(text) <= limit_chars:
            break
    return text


def render_all(accounts: Accounts, links: Links = NO_LINKS) -> str:
    """Return the index and every account as one text, with all there is to tell."""
    parts = [f"# Carbon budgets\n\n{template('account-index.md.j2').render(_index_values(accounts, None, links))}"]
    once = replace(accounts, method=())
    for account in accounts.accounts:
        title = escape.markdown(view.label(account))
        text = template("account.md.j2").render(_account_values(account, once, _LAYOUTS[0], links))
        parts.append(f"## {title}\n\n{text}")
    return "\n".join(parts)


def _account_values(account: Account, accounts: Accounts, form: _Layout, links: Links) -> dict[str, Any]:
    made = accounts.made
    months = view.months_table(account)
    tables = [
        ("By month", TextTable(months.titles, [_without_line_breaks(row) for row in months.rows[: form.months_shown]])),
        ("", view.intensities_table(account.intensities)),
    ]
    return {
        "sentence": shorten(account.sentence, TEXT_CELLS),
        "causes": [
            (what, EscapedMarkdown(name) if what == "Pull request" else name, told)
            for what, name, told in view.consumer_lines(account)
        ],
        "facts": TextTable(("Budget", ""), view.budget_facts(account, made)),
        "picture": draw_chart(account, made) if form.chart else None,
        "tables": [(title, table) for title, table in tables if table.rows],
        "details": _details(account, accounts) if form.details else [],
        "short": form != _LAYOUTS[0],
        "more": _footer_links(links),
    }


def _details(account: Account, accounts: Accounts) -> list[tuple[str, Sequence[str], TextTable | None]]:
    """Return the folded parts that have something to tell: a title of our words, and its lines or table."""
    made = accounts.made
    found: list[tuple[str, Sequence[str], TextTable | None]] = [
        ("Pull requests that cost most", (), _link_pulls(view.pulls_table(account.cost_most, made))),
        ("Pull requests that saved most", (), _link_pulls(view.pulls_table(account.saved_most, made))),
        ("What came to nothing", (), view.waste_table(account.wasted)),
        ("How complete and how sure this is", view.coverage_lines(account), None),
        ("How it is measured", accounts.method, None),
    ]
    return [part for part in found if part[1] or (part[2] and part[2].rows)]


def _link_pulls(table: TextTable) -> TextTable:
    """Let the number of each pull request be a link."""
    return TextTable(table.titles, [(EscapedMarkdown(number), *cells) for number, *cells in table.rows])


def _without_line_breaks(row: Sequence[str]) -> list[str]:
    """Return cells in which no number is parted from its unit."""
    return [EscapedMarkdown(re.sub(r"(?<=\d) ", "&nbsp;", escape.markdown(cell))) for cell in row]


def _footer_links(links: Links) -> str:
    told = [f"[All budgets]({links.index})"] if links.index.startswith("http") else []
    told += [f"All budgets: {links.index}"] if links.index.startswith("#") else []
    told += [f"[How it is measured]({links.method})"] if links.method else []
    return EscapedMarkdown(" · ".join(told))


def _index_values(accounts: Accounts, rows: int | None, links: Links) -> dict[str, Any]:
    shown = accounts.accounts[:rows]
    found = view.index_table(shown, accounts.made)
    named = [_linked_name(account, links) for account in shown]
    objectives = view.objectives_table(accounts.objectives, accounts.made)
    return {
        "sentences": [shorten(one.sentence, TEXT_CELLS) for one in accounts.accounts if one.level == "repository"],
        "holders": TextTable(
            found.titles,
            [(name, *_without_line_breaks(cells)) for name, (_, *cells) in zip(named, found.rows, strict=True)],
        ),
        "left_out": len(accounts.accounts) - len(shown),
        "objectives": TextTable(objectives.titles, objectives.rows[:rows]),
        "notes": [shorten(note, TEXT_CELLS) for note in accounts.notes[:rows]],
        "method": accounts.method,
        "more": _footer_links(links),
    }


def _linked_name(account: Account, links: Links) -> str:
    """Return a holder's name, with a link to its account where there is one."""
    name, link = escape.markdown(view.label(account)), links.accounts.get(account.name, "")
    return EscapedMarkdown(f"{name} {link}" if link.startswith("#") else f"[{name}]({link})" if link else name)
