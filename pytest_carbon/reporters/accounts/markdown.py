"""Accounts as GitHub Markdown: one holder's issue, the index issue, or all accounts in one text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from pytest_carbon.core import escape
from pytest_carbon.core.accounts.text import tables
from pytest_carbon.core.accounts.text.advice_lines import AdviceLine, advice_lines, settled_lines
from pytest_carbon.core.accounts.text.bridge import change_table
from pytest_carbon.core.accounts.text.mermaid_chart import draw_chart
from pytest_carbon.core.accounts.text.tables import TextTable
from pytest_carbon.core.accounts.values.account import Account, Accounts
from pytest_carbon.core.advice.kinds import raised_cost
from pytest_carbon.core.verdict.wording import TEXT_CELLS, shorten
from pytest_carbon.reporters.markdown_templates import EscapedMarkdown, template


@dataclass(frozen=True, slots=True)
class Links:
    """Links of an account's text; an empty link is left out.

    ``method`` is the URL of a page on how the figures are made. ``index`` leads to the index of all holders,
    ``accounts`` to each holder's account by name; both are a URL or an issue such as ``#12``. A pull request is always
    written as ``#12``, which GitHub makes a link.
    """

    method: str = ""
    index: str = ""
    accounts: Mapping[str, str] = field(default_factory=dict)


NO_LINKS = Links()
MOST_ACTIONS = 5


class _Layout(NamedTuple):
    """How much of an account is shown; ``details`` are the folded sections, ``actions`` the most lines of advice."""

    months_shown: int
    details: bool
    chart: bool = True
    actions: int = MOST_ACTIONS


_LAYOUTS = (
    _Layout(13, details=True),
    _Layout(6, details=True),
    _Layout(6, details=False, actions=3),
    _Layout(3, details=False, chart=False, actions=0),
)
"""From complete to shortest; the first that fits is used."""
_ROW_LIMITS = (None, 450, 400, 350, 300, 250, 200, 150, 100, 70, 50, 30, 20, 10, 3)


def render_account(account: Account, accounts: Accounts, limit_chars: int, links: Links = NO_LINKS) -> str:
    """Return the text of one holder's issue, of at most ``limit_chars`` characters (at least 3,000).

    A longer text loses months, details and the chart, and says so. Every value is escaped.
    """
    text = ""
    for layout in _LAYOUTS:
        text = template("account.md.j2").render(_account_values(account, accounts, layout, links))
        if len(text) <= limit_chars:
            break
    return text


def render_index(accounts: Accounts, limit_chars: int, links: Links = NO_LINKS) -> str:
    """Return the text of the index issue, of at most ``limit_chars`` characters (at least 3,000).

    It has what would save the repository most. A longer text loses the holders with the least budget used, and says how
    many. Every value is escaped.
    """
    text = ""
    for rows in _ROW_LIMITS:
        text = template("account-index.md.j2").render(_index_values(accounts, rows, links, _repository_actions(rows)))
        if len(text) <= limit_chars:
            break
    return text


def render_all(accounts: Accounts, links: Links = NO_LINKS) -> str:
    """Return the index and every account as one complete text."""
    parts = [f"# Carbon budgets\n\n{template('account-index.md.j2').render(_index_values(accounts, None, links, 0))}"]
    without_method = replace(accounts, method=())
    for account in accounts.accounts:
        title = escape.markdown(tables.label(account))
        text = template("account.md.j2").render(_account_values(account, without_method, _LAYOUTS[0], links))
        parts.append(f"## {title}\n\n{text}")
    return "\n".join(parts)


def _account_values(account: Account, accounts: Accounts, layout: _Layout, links: Links) -> dict[str, Any]:
    made = accounts.made
    months = tables.months_table(account)
    rows = [_without_line_breaks(row) for row in months.rows[: layout.months_shown]]
    sections = [
        ("By month", TextTable(months.titles, rows)),
        ("", tables.intensities_table(account.intensities)),
    ]
    return {
        "sentence": shorten(account.sentence, TEXT_CELLS),
        "why": _why(account),
        "consumers": [
            (kind, EscapedMarkdown(name) if kind == "Pull request" else name, use)
            for kind, name, use in tables.consumer_lines(account)
        ],
        "facts": TextTable(("Budget", ""), tables.budget_facts(account, made)),
        "chart": draw_chart(account, made) if layout.chart else None,
        "advice": _linked_advice(account)[: layout.actions],
        "settled": settled_lines(account)[: layout.actions],
        "tables": [(title, table) for title, table in sections if table.rows],
        "details": _details(account, accounts) if layout.details else [],
        "short": layout != _LAYOUTS[0],
        "more": _footer_links(links),
    }


def _details(account: Account, accounts: Accounts) -> list[tuple[str, Sequence[str], TextTable | None]]:
    """Return the folded sections that have content, each with its title and either its lines or its table."""
    made = accounts.made
    sections: list[tuple[str, Sequence[str], TextTable | None]] = [
        ("Why it changed", (), _bridge_table(account)),
        ("Costliest pull requests", (), _link_pulls(tables.pulls_table(account.cost_most, made))),
        ("Pull requests with the largest savings", (), _link_pulls(tables.pulls_table(account.saved_most, made))),
        ("Wasted runs", (), tables.waste_table(account.wasted)),
        ("Data quality", tables.coverage_lines(account), None),
        ("How it is measured", accounts.method, None),
    ]
    return [(title, lines, table) for title, lines, table in sections if lines or (table and table.rows)]


def _why(account: Account) -> str:
    """Return why a month differs from the one before, empty if that is not known."""
    return _link_causes(shorten(account.change.sentence, TEXT_CELLS), account) if account.change else ""


def _bridge_table(account: Account) -> TextTable:
    titles, rows = change_table(account)
    return TextTable(titles, [(_link_causes(cause, account), grams) for cause, grams in rows])


def _linked_advice(account: Account) -> list[AdviceLine]:
    """Return the advice of a holder; GitHub makes links of the pull requests that raised its cost."""
    pulls = {own.id for own in account.advice if own.kind == raised_cost.KIND}
    return [
        line._replace(action=_link_causes(line.action, account)) if line.id in pulls else line
        for line in advice_lines(account)
    ]


def _link_causes(text: str, account: Account) -> str:
    """Return an escaped text in which GitHub makes links of the pull requests that changed the holder's grams."""
    escaped = escape.markdown(text)
    for term in account.change.terms if account.change else ():
        if term.pr is not None:
            shown = escape.markdown(f"by #{term.pr}").removeprefix("by ")
            escaped = re.sub(rf"{re.escape(shown)}(?!\d)", f"#{term.pr}", escaped)
    return EscapedMarkdown(escaped)


def _link_pulls(table: TextTable) -> TextTable:
    """Leave the number of each pull request unescaped, so that GitHub makes it a link."""
    return TextTable(table.titles, [(EscapedMarkdown(number), *cells) for number, *cells in table.rows])


def _without_line_breaks(row: Sequence[str]) -> list[str]:
    """Return cells in which no line breaks between a number and its unit."""
    return [EscapedMarkdown(re.sub(r"(?<=\d) ", "&nbsp;", escape.markdown(cell))) for cell in row]


def _footer_links(links: Links) -> str:
    parts = [f"[All budgets]({links.index})"] if links.index.startswith("http") else []
    parts += [f"All budgets: {links.index}"] if links.index.startswith("#") else []
    parts += [f"[How it is measured]({links.method})"] if links.method else []
    return EscapedMarkdown(" · ".join(parts))


def _repository_actions(rows: int | None) -> int:
    """Return how many actions an index of so many rows has."""
    return MOST_ACTIONS if rows is None else min(MOST_ACTIONS, rows // 20)


def _index_values(accounts: Accounts, rows: int | None, links: Links, actions: int) -> dict[str, Any]:
    whole = [account for account in accounts.accounts if account.level == "repository"]
    shown = accounts.accounts[:rows]
    index = tables.index_table(shown, accounts.made)
    names = [_linked_name(account, links) for account in shown]
    objectives = tables.objectives_table(accounts.objectives, accounts.made)
    return {
        "sentences": [shorten(account.sentence, TEXT_CELLS) for account in whole],
        "why": [why for account in whole if (why := _why(account))],
        "holders": TextTable(
            index.titles,
            [(name, *_without_line_breaks(cells)) for name, (_, *cells) in zip(names, index.rows, strict=True)],
        ),
        "advice": [line for account in whole for line in _linked_advice(account)][:actions],
        "settled": [line for account in whole for line in settled_lines(account)][:actions],
        "left_out": len(accounts.accounts) - len(shown),
        "objectives": TextTable(objectives.titles, objectives.rows[:rows]),
        "notes": [shorten(note, TEXT_CELLS) for note in accounts.notes[:rows]],
        "method": accounts.method,
        "more": _footer_links(links),
    }


def _linked_name(account: Account, links: Links) -> str:
    """Return a holder's name, with a link to its account if there is one."""
    name, link = escape.markdown(tables.label(account)), links.accounts.get(account.name, "")
    return EscapedMarkdown(f"{name} {link}" if link.startswith("#") else f"[{name}]({link})" if link else name)
