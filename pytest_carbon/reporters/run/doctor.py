"""The doctor's findings as text for the terminal."""

from __future__ import annotations

from rich.text import Text

from pytest_carbon.core.energy.doctor import Diagnosis
from pytest_carbon.reporters.run.terminal import labelled_text, render_parts


def render(findings: Diagnosis, *, width: int, colour: bool) -> str:
    """Return the findings as text, at most ``width`` cells wide."""
    parts: list[object] = [labelled_text(word, text, word_cells=13) for word, text in findings.details]
    parts += ["", Text("what would make it better", style="bold")]
    parts += [labelled_text(f"{number}.", text, word_cells=3) for number, text in enumerate(findings.advice, start=1)]
    if not findings.advice:
        parts.append("nothing that we know of")
    return render_parts(parts, width=width, colour=colour)
