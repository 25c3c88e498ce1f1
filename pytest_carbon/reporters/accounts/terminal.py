"""Accounts as tables for the terminal."""

from __future__ import annotations

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from pytest_carbon.core.accounts.text import tables
from pytest_carbon.core.accounts.text.advice_lines import first_action
from pytest_carbon.core.accounts.text.change_sentence import changed_most
from pytest_carbon.core.accounts.values.account import Account, Accounts
from pytest_carbon.core.escape import visible
from pytest_carbon.core.report_lines import BAR_CELLS, bar
from pytest_carbon.reporters.run.terminal import NARROW, labelled_text, render_parts
from pytest_carbon.reporters.verdict.terminal import Column, fit_table

MOST_ROWS, MOST_WHY = 40, 2
_STYLES = {"ok": "green", "watch": "green", "at risk": "yellow", "critical": "bold red", "exhausted": "bold red"}
_WORD_CELLS = 18


def render(accounts: Accounts, *, width: int, colour: bool) -> str:
    """Return a single account in full, or a table of several, at most ``width`` cells wide."""
    if len(accounts.accounts) == 1:
        parts = _one_account(accounts.accounts[0], accounts.made, max(width, NARROW))
    else:
        parts = _all_accounts(accounts, max(width, NARROW))
    for cells in tables.objectives_table(accounts.objectives, accounts.made).rows:
        name, holder, measure, target, _, now, projected, state = cells
        text = f"{name} ({holder}, {measure}): {target}; now {now}, projected {projected}: {state}"
        parts.append(labelled_text("objective", text, "bold", _WORD_CELLS))
    parts += [labelled_text("note", note, "yellow", _WORD_CELLS) for note in accounts.notes]
    return render_parts(parts, width=width, colour=colour)


def _all_accounts(accounts: Accounts, width: int) -> list[RenderableType]:
    lines = [tables.account_line(account, accounts.made) for account in accounts.accounts[:MOST_ROWS]]
    styles = [_STYLES.get(line.state, "dim") for line in lines]
    bars = ["" if line.share is None else bar(line.share).ljust(BAR_CELLS) for line in lines]
    table = fit_table(
        [
            Column("feature", [visible(line.label) for line in lines]),
            Column("", bars, rank=2, styles=styles),
            Column("budget used", [line.used for line in lines]),
            Column("state", [line.state for line in lines], styles=styles),
            Column("exhausted", [line.exhausted for line in lines], rank=1),
            Column("this month", [line.month for line in lines], rank=3),
        ],
        width,
    )
    more = len(accounts.accounts) - len(lines)
    rest = [Text(f"and {more} more; see one with: pytest-carbon summary --feature NAME", style="dim")] if more else []
    return [Text(visible(accounts.accounts[0].sentence), style="bold"), "", table, *rest, "", *_why_and_what(accounts)]


def _why_and_what(accounts: Accounts) -> list[RenderableType]:
    """Return why the first account changed, and others most, what to do first, and where to read on; if it is known."""
    first = accounts.accounts[0]
    why = first.change.sentence if first.change is not None else ""
    what = first_action(first)
    more = "pytest-carbon summary --feature NAME; pytest-carbon advise" if why or what else ""
    others = [
        ("", f"{tables.label(own)}: {sentence}", "")
        for own, sentence in changed_most(accounts.accounts[1:MOST_ROWS], MOST_WHY)
    ]
    lines = [("why", why, ""), *others, ("do first", what, "green"), ("more", more, "dim")]
    parts: list[RenderableType] = [labelled_text(word, text, style, _WORD_CELLS) for word, text, style in lines if text]
    return [*parts, ""] if parts else []


def _one_account(account: Account, made: str, width: int) -> list[RenderableType]:
    parts: list[RenderableType] = [Text(visible(account.sentence), style="bold"), ""]
    if account.change is not None:
        parts += [Text(visible(account.change.sentence)), ""]
    consumers = [" ".join(line) for line in tables.consumer_lines(account)]
    parts += [labelled_text("top consumer", line, "yellow", _WORD_CELLS) for line in consumers]
    if top := first_action(account):
        parts.append(labelled_text("do first", top, "green", _WORD_CELLS))
    facts = tables.budget_facts(account, made)
    parts += [labelled_text(term.lower(), text, label_cells=_WORD_CELLS) for term, text in facts]
    for table in tables.account_tables(account, made)[bool(account.standing) :]:
        parts += ["", _table(table, width)]
    parts.append("")
    return [*parts, *(labelled_text("note", text, label_cells=_WORD_CELLS) for text in tables.coverage_lines(account))]


def _table(table: tables.TextTable, width: int) -> Table:
    columns = zip(table.titles, zip(*table.rows, strict=True), strict=True)
    return fit_table(
        [Column(title.lower(), cells, rank=number) for number, (title, cells) in enumerate(columns)], width
    )
