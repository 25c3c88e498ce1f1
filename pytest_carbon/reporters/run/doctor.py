"""The doctor's findings and advice as text for the terminal."""

from __future__ import annotations

from rich.console import RenderableType
from rich.text import Text

from pytest_carbon.core.energy.diagnosis import Diagnosis
from pytest_carbon.reporters.run.terminal import labelled_text, render_parts


def render(findings: Diagnosis, *, width: int, colour: bool) -> str:
    """Return the findings as text, at most ``width`` cells wide."""
    parts: list[RenderableType] = [labelled_text(word, text, label_cells=13) for word, text in findings.details]
    if findings.network:
        parts += ["", Text("network", style="bold")]
        parts += [labelled_text(name, text, label_cells=17) for name, text in findings.network]
    parts += ["", Text("how to measure better", style="bold")]
    parts += [labelled_text(f"{number}.", text, label_cells=3) for number, text in enumerate(findings.advice, start=1)]
    if not findings.advice:
        parts.append("no advice: nothing better is known")
    return render_parts(parts, width=width, colour=colour)
