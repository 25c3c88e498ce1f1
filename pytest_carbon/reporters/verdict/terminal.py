"""A verdict, or the status of all budgets, as tables for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from pytest_carbon.core.escape import visible
from pytest_carbon.core.report_lines import BAR_CELLS, bar
from pytest_carbon.core.verdict import evidence_lines, growth_place, holder_lines
from pytest_carbon.core.verdict.verdict import HolderVerdict, State, Verdict
from pytest_carbon.core.verdict.wording import NO_LIMIT, NOT_JUDGED, STATE_WORDS, shorten, verdict_word
from pytest_carbon.reporters.run.terminal import NARROW, WIDE, labelled_text, render_parts

TOP = 20
_LEAST_NAME_CELLS = 12
_WORD_CELLS = max(len(word) for word in STATE_WORDS.values())
_STYLES: dict[State, str] = {
    "pass": "green",
    "warn": "yellow",
    "fail": "bold red",
    "overridden": "cyan",
    "inconclusive": "yellow",
    "not-measured": "yellow",
    "error": "bold red",
}


_UNJUDGED = "dim"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table. If columns do not fit, the highest ``rank`` is left out first; rank 0 always stays."""

    title: str
    cells: Sequence[str]
    rank: int = 0
    justify: Literal["left", "right"] = "left"
    styles: Sequence[str] = ()

    @property
    def cells_wide(self) -> int:
        """Return the width of the widest cell, the title included."""
        return max(cell_len(text) for text in (self.title, *self.cells))


def render(verdict: Verdict, *, width: int, colour: bool) -> str:
    """Return the verdict as text, at most ``width`` cells wide, with ANSI colours if ``colour``."""
    lines = holder_lines.holder_lines(verdict)
    headline = f"Carbon budget: {verdict_word(verdict)}. {visible(f'{verdict.sentence} {verdict.advisory}'.rstrip())}"
    parts: list[RenderableType] = [
        Text(headline, style="bold yellow" if verdict.judges_nothing else f"bold {_STYLES[verdict.state]}")
    ]
    if lines:
        parts += ["", _holders_table(lines[:TOP], max(width, NARROW))]
        parts += [Text(holder_lines.rest_text(lines[TOP:]), style="dim")] if lines[TOP:] else []
    parts.append("")
    todo = evidence_lines.next_steps(verdict)
    parts += [
        labelled_text("what to do" if n == 1 else "", f"{n}. {text}", "bold", _WORD_CELLS)
        for n, text in enumerate(todo, 1)
    ]
    parts += [""] if todo else []
    parts += [
        labelled_text("not judged", reason, "yellow", _WORD_CELLS)
        for reason in evidence_lines.not_judged(verdict)[:TOP]
    ]
    for state, reason in evidence_lines.reasons(verdict)[:TOP]:
        parts.append(labelled_text(STATE_WORDS[state], reason, _STYLES[state], _WORD_CELLS))
    parts += [labelled_text(word, text, label_cells=_WORD_CELLS) for word, text in growth_place.growth_lines(verdict)]
    parts += [
        labelled_text("new policy", text, "yellow", _WORD_CELLS)
        for text in evidence_lines.policy_changes(verdict)[:TOP]
    ]
    parts += [labelled_text(word, text, label_cells=_WORD_CELLS) for word, text in evidence_lines.evidence(verdict)]
    parts += _legend("of its tests in the last runs, this one last", [line.trend for line in lines], width)
    parts += [labelled_text("note", note, "yellow", _WORD_CELLS) for note in evidence_lines.notes(verdict)]
    return render_parts(parts, width=width, colour=colour)


def _legend(of_what: str, trends: Sequence[str], width: int) -> list[RenderableType]:
    """Say what a trend shows, where there is one and room for it."""
    text = f"reference energy {of_what}; each row has its scale"
    return [labelled_text("trend", text, label_cells=_WORD_CELLS)] if any(trends) and width >= WIDE else []


def _holders_table(lines: Sequence[holder_lines.HolderLine], width: int) -> Table:
    states = [_UNJUDGED if line.word in (NOT_JUDGED, NO_LIMIT) else _STYLES[line.state] for line in lines]
    return fit_table(
        [
            Column("holder", [visible(line.label) for line in lines]),
            Column("state", [line.word for line in lines], styles=states),
            Column("this run", [line.value for line in lines], justify="right"),
            Column("", [line.bounds for line in lines], rank=5),
            Column("", [_bar(line.share) for line in lines], rank=3, styles=states),
            Column("budget used", [line.used for line in lines]),
            Column("", [line.budget_state for line in lines], rank=1, styles=states),
            Column("change", [line.change for line in lines], justify="right"),
            Column("", [line.change_bounds for line in lines], rank=2),
            Column("trend", [line.trend for line in lines], rank=4),
        ],
        width,
    )


def render_budgets(judged: Sequence[HolderVerdict], notes: Sequence[str], *, width: int, colour: bool) -> str:
    """Return the status of every budget, why its use changed, and the notes.

    The text is at most ``width`` cells wide, with ANSI colours if ``colour``.
    """
    lines = holder_lines.budget_lines(judged)
    below: list[RenderableType] = [
        labelled_text(line.label, line.cause, label_cells=_WORD_CELLS) for line in lines if line.cause
    ]
    below += _legend("that it paid for in the last runs", [line.trend for line in lines], width)
    below += [labelled_text("note", note, "yellow", _WORD_CELLS) for note in notes]
    if not lines:
        return render_parts(
            ['No budget over a window is set: add limit = "120 g" to a budget of the policy.', *below],
            width=width,
            colour=colour,
        )
    states = [_STYLES[line.state] for line in lines]
    table = fit_table(
        [
            Column("holder", [visible(line.label) for line in lines]),
            Column("", [_bar(line.share) for line in lines], rank=2, styles=states),
            Column("budget used", [line.used for line in lines]),
            Column("left", [line.remaining for line in lines], justify="right"),
            Column("state", [line.budget_state for line in lines], styles=states),
            Column("exhausted", [line.exhausted for line in lines]),
            Column("burn rate", [line.burn for line in lines], rank=1),
            Column("", [line.burn_time for line in lines], rank=3),
            Column("window's end", [line.forecast for line in lines], rank=4),
            Column("trend", [line.trend for line in lines], rank=5),
        ],
        max(width, NARROW),
    )
    return render_parts([table, *(["", *below] if below else [])], width=width, colour=colour)


def _bar(share: float | None) -> str:
    return "" if share is None else bar(share).ljust(BAR_CELLS)


def fit_table(columns: Sequence[Column], width: int) -> Table:
    """Lay out the columns that are not empty and fit beside the first column, which may be cut to 24 cells."""
    shown = [column for column in columns if any(column.cells)]
    while (room := width - sum(column.cells_wide + 1 for column in shown[1:])) < min(shown[0].cells_wide, 24):
        last = max(shown, key=lambda column: column.rank)
        if last.rank == 0:
            break
        shown.remove(last)
    room = max(room, _LEAST_NAME_CELLS)
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    for column in shown:
        table.add_column(column.title, justify=column.justify, no_wrap=True)
    names = [shorten(name, room) for name in shown[0].cells]
    for row, name in enumerate(names):
        table.add_row(Text(name), *(Text(c.cells[row], style=c.styles[row] if c.styles else "") for c in shown[1:]))
    return table
