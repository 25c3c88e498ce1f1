"""Tables and key figures as values for the pages, and those that compare holders; templates only lay them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_carbon.core.accounts.text import tables
from pytest_carbon.core.accounts.values.account import Account, Objective
from pytest_carbon.core.accounts.values.wording import (
    amount_of_limit,
    day_text,
    month_name,
    month_text,
    split_rolling_window,
)
from pytest_carbon.core.budget.budget_status import BudgetStatus
from pytest_carbon.core.model import Range
from pytest_carbon.core.quantities import format_amount
from pytest_carbon.core.verdict import wording as words
from pytest_carbon.core.verdict.wording import UNKNOWN, remaining_text, used_share_text

_LEVELS = {"repository": "Whole repository", "team": "Team", "feature": "Feature"}
MOST_CELLS = 60
CALENDAR = ("month", "quarter")
DEFAULT_WINDOW = "28d"
"""The account of a holder without a budget covers this window."""
FORECAST_NEEDS = "a forecast needs a week with five runs"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its text, a smaller text below it, a link, a share to draw as a bar, a state to show as a sign."""

    text: str
    small: str = ""
    href: str = ""
    share: float | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class PageTable:
    """A table: its columns as title and class of carbon.css, and its rows, whose first cell is the row's heading."""

    caption: str
    columns: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[str | Cell]]


@dataclass(frozen=True, slots=True)
class KeyFigure:
    """A figure at a glance: its name, its value and a short explanation."""

    name: str
    value: str
    small: str = ""


def label(account: Account) -> str:
    """Return a holder's level and name; the repository has no name of its own."""
    return _LEVELS[account.level] + (f" {account.name}" if account.level != "repository" else "")


def window_name(account: Account) -> str:
    """Return the name of a budget's window: ``November``, ``Q4``, ``28 days``."""
    window = account.standing.window if account.standing else DEFAULT_WINDOW
    first = account.window_days[0]
    if window == "month":
        return month_name(first)
    if window == "quarter":
        return f"Q{(int(first[5:7]) + 2) // 3}"
    number, unit = split_rolling_window(window)
    return words.count_text(int(number), unit)


def key_figures(account: Account, made: str) -> list[KeyFigure]:
    """Return the key figures of an account."""
    status = account.standing
    if status is None:
        return _without_budget(account)
    if status.unmeasured:
        return [KeyFigure("Used", UNKNOWN, f"{words.count_text(status.unknown_runs, 'run')} of unknown use")]
    pace, time = words.burn_rate_text(status.burn)
    calendar = status.window in CALENDAR
    figures = [
        KeyFigure(
            "Used",
            used_share_text(status) if status.limit > 0 else "all of it",
            amount_of_limit(status.consumed, status.limit, status.kind),
        ),
        KeyFigure(
            "Left",
            remaining_text(status),
            f"in {window_name(account)}, {words.count_text(status.runs, 'run')} so far",
        ),
        KeyFigure(
            "Burn rate",
            pace or UNKNOWN,
            f"{time}; at 1x the budget lasts its window" if pace else "the window is too short for a burn rate",
        ),
        KeyFigure("At the window's end" if calendar else f"In the next {window_name(account)}", *_forecast(status)),
        KeyFigure("Exhausted", *_exhausted(account, status, made)),
    ]
    if status.debt > 0:
        debt = format_amount(status.debt, status.kind)
        figures.append(KeyFigure("Debt", debt, "from overrides, deducted from the limit"))
    return figures


def _without_budget(account: Account) -> list[KeyFigure]:
    months = [month for month in account.months if month.runs]
    if not months:
        return []
    month = months[-1]
    return [
        KeyFigure(month_text(month.month), *emissions_text(month.emissions_g)),
        KeyFigure("Runs", str(month.runs), words.count_text(month.pulls, "pull request")),
        KeyFigure("Budget", "none", "no limit to exceed"),
    ]


def emissions_text(emissions_g: Range | None) -> tuple[str, str]:
    """Return emissions with the digits that their range supports, and the range."""
    return words.amount_with_range(emissions_g, "mass") if emissions_g is not None else (UNKNOWN, "")


def _forecast(status: BudgetStatus) -> tuple[str, str]:
    text = words.forecast_text(status)
    return (text, "80 % likely, from how days differ") if text else (UNKNOWN, FORECAST_NEEDS)


def _exhausted(account: Account, status: BudgetStatus, made: str) -> tuple[str, str]:
    if status.exhausted_in_s is None:
        return "no", "not at the present pace"
    if account.exhausted_on is None:
        return "already", "nothing is left"
    if status.exhausted_in_s > 0:
        return f"about {day_text(account.exhausted_on, made)}", "at this pace"
    return f"since {day_text(account.exhausted_on, made)}", "nothing is left"


def pull_cell(number: int, address: str) -> Cell:
    """Return a pull request's number as ``#12``, with a link if the repository's ``address`` is known."""
    return Cell(f"#{number}", href=f"{address}/pull/{number}" if address else "")


def holders_table(accounts: Sequence[Account], links: Sequence[str], made: str, caption: str, level: str) -> PageTable:
    """Return one row per holder: the state in words, the budget used as a bar, and what is left."""
    columns = ((level, "name"), ("State", "state"), ("Used", "tight"), ("Left", "n"),
               ("Exhausted", ""), ("This month", "n"))  # fmt: skip
    return PageTable(caption, columns, [_holder_cells(a, link, made) for a, link in zip(accounts, links, strict=True)])


def _holder_cells(account: Account, link: str, made: str) -> list[str | Cell]:
    name = Cell(words.shorten(account.name, MOST_CELLS), words.shorten(", ".join(account.owners), MOST_CELLS), link)
    month = account.months[-1] if account.months else None
    grams = Cell(*emissions_text(month.emissions_g)) if month and month.runs else Cell("no runs")
    status = account.standing
    if status is None or status.unmeasured:
        return [name, tables.state_name(account), "", "", "", grams]
    return [
        name,
        Cell(status.state, state=status.state),
        Cell(
            used_share_text(status),
            amount_of_limit(status.consumed, status.limit, status.kind),
            share=status.used,
        ),
        Cell(remaining_text(status), f"in {window_name(account)}"),
        _exhausted(account, status, made)[0],
        grams,
    ]


def objectives_table(objectives: Sequence[Objective]) -> PageTable:
    """Return the objectives with their progress."""
    columns = (("Objective", "name"), ("Holder", "name"), ("Target", "n"), ("Now", "n"), ("Projected", "n"),
               ("By", "tight"), ("State", "tight"))  # fmt: skip
    rows = [
        [
            Cell(goal.name, goal.measure), goal.holder,
            *(tables.objective_value(goal, value) for value in (goal.target, goal.now, goal.projected)),
            goal.by, goal.state,
        ]
        for goal in objectives
    ]  # fmt: skip
    return PageTable("An objective is reached at or below its target.", columns, rows)
