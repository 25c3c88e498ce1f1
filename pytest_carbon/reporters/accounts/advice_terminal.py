"""The advice of each holder as text for the terminal."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from pytest_carbon.core.accounts.text.advice_lines import AdviceLine, advice_headline, advice_lines, settled_lines
from pytest_carbon.core.accounts.values.account import Accounts
from pytest_carbon.core.escape import visible
from pytest_carbon.reporters.run.terminal import labelled_text, render_parts

_WORD_CELLS = 9


def render(accounts: Accounts, *, width: int, colour: bool) -> str:
    """Return the advice of all holders, at most ``width`` cells wide."""
    parts: list[RenderableType] = []
    for account in accounts.accounts:
        parts += [Text(visible(advice_headline(account)), style="bold"), ""]
        for number, line in enumerate(advice_lines(account), 1):
            parts += [*_action(number, line), ""]
        parts += [labelled_text("settled", line.text, label_cells=_WORD_CELLS) for line in settled_lines(account)]
    return render_parts(parts, width=width, colour=colour)


def _action(number: int, line: AdviceLine) -> list[RenderableType]:
    facts = [("", f"{line.saves}; effort: {line.effort}; {line.id}"), ("because", line.evidence)]
    facts += [("where", line.where)] if line.where else []
    facts += [("write" if number == 0 else "", code) for number, code in enumerate(line.code)]
    facts += [("seen by", line.seen)]
    return [
        labelled_text(f"{number}.", line.action, "bold", _WORD_CELLS),
        *(labelled_text(word, text, label_cells=_WORD_CELLS) for word, text in facts),
    ]
