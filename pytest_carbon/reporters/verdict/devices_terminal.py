"""A devices verdict as text for the terminal."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from pytest_carbon.core.devices import dropped_support_lines
from pytest_carbon.core.devices.judge_drops import DevicesVerdict, DropState
from pytest_carbon.core.escape import visible
from pytest_carbon.reporters.run.terminal import labelled_text, render_parts

TOP = 20
"""The most drops, outdated releases and notes that are shown, each."""
_WORD_CELLS = max(len(word) for word in dropped_support_lines.STATE_WORDS.values())
_STYLES: dict[DropState, str] = {
    "pass": "green",
    "overridden": "cyan",
    "inconclusive": "yellow",
    "warn": "yellow",
    "fail": "bold red",
}


def render(verdict: DevicesVerdict, *, width: int, colour: bool) -> str:
    """Return the verdict as text, at most ``width`` cells wide, with ANSI colours if ``colour``."""
    word, style = dropped_support_lines.STATE_WORDS[verdict.state], _STYLES[verdict.state]
    parts: list[RenderableType] = [
        Text(visible(f"Devices: {word}. {dropped_support_lines.headline(verdict)}"), style=f"bold {style}"),
        "",
    ]
    for line in dropped_support_lines.format_drops(verdict)[:TOP]:
        parts.append(
            labelled_text(
                dropped_support_lines.STATE_WORDS[line.state],
                f"{line.dropped} ({line.settings})",
                _STYLES[line.state],
                _WORD_CELLS,
            )
        )
        parts += [
            labelled_text("", text, label_cells=_WORD_CELLS) for text in (f"The change {line.effect}.", line.reason)
        ]
        parts += [labelled_text("", _as_sentence(line.upstream), label_cells=_WORD_CELLS)] if line.upstream else []
        parts += [labelled_text("to keep it", text, "bold", _WORD_CELLS) for text in line.remedies]
    outdated = [dropped_support_lines.stale_text(release, verdict.today) for release in verdict.changes.stale[:TOP]]
    parts += [labelled_text("outdated", text, "yellow", _WORD_CELLS) for text in outdated]
    parts += [
        labelled_text("note", text, label_cells=_WORD_CELLS) for text in dropped_support_lines.note_lines(verdict)[:TOP]
    ]
    parts.append(labelled_text("facts", dropped_support_lines.facts_text(verdict), label_cells=_WORD_CELLS))
    return render_parts(parts, width=width, colour=colour)


def _as_sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
