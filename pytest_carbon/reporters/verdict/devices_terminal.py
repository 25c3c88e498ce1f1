"""What a change does to devices, as text for the terminal."""

from __future__ import annotations

from rich.text import Text

from pytest_carbon.core.devices import drop_lines as devices_view
from pytest_carbon.core.devices.judge_drops import DevicesVerdict, DropState
from pytest_carbon.core.escape import visible
from pytest_carbon.reporters.run.terminal import labelled_text, render_parts

TOP = 20
_WORD_CELLS = max(len(word) for word in devices_view.STATE_WORDS.values())
_STYLES: dict[DropState, str] = {
    "pass": "green",
    "overridden": "cyan",
    "inconclusive": "yellow",
    "warn": "yellow",
    "fail": "bold red",
}


def render(verdict: DevicesVerdict, *, width: int, colour: bool) -> str:
    """Return the verdict as text, at most ``width`` cells wide, with ANSI colours if ``colour``."""
    word, style = devices_view.STATE_WORDS[verdict.state], _STYLES[verdict.state]
    parts: list[object] = [
        Text(visible(f"Devices: {word}. {devices_view.headline(verdict)}"), style=f"bold {style}"),
        "",
    ]
    for line in devices_view.format_drops(verdict)[:TOP]:
        parts.append(
            labelled_text(
                devices_view.STATE_WORDS[line.state],
                f"{line.dropped} ({line.settings})",
                _STYLES[line.state],
                _WORD_CELLS,
            )
        )
        parts += [labelled_text("", text, word_cells=_WORD_CELLS) for text in (_sentence(line.strands), line.reason)]
        parts += [labelled_text("", _sentence(line.upstream), word_cells=_WORD_CELLS)] if line.upstream else []
        parts += [labelled_text("to keep it", text, "bold", _WORD_CELLS) for text in line.remedies]
    today = verdict.today
    out_of_date = [devices_view.stale_text(one, today) for one in verdict.changes.stale[:TOP]]
    parts += [labelled_text("old", text, "yellow", _WORD_CELLS) for text in out_of_date]
    parts += [labelled_text("note", text, word_cells=_WORD_CELLS) for text in devices_view.note_lines(verdict)[:TOP]]
    parts.append(labelled_text("facts", devices_view.facts_text(verdict), word_cells=_WORD_CELLS))
    return render_parts(parts, width=width, colour=colour)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
