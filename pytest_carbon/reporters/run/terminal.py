"""A report as tables for the terminal, and the layout that all terminal texts share."""

from __future__ import annotations

import io
from collections.abc import Sequence

from rich.color import ColorSystem
from rich.console import Console, RenderableType
from rich.segment import Segment
from rich.table import Table
from rich.text import Text

from pytest_carbon.core import report_lines
from pytest_carbon.core.escape import visible, without_ci_commands
from pytest_carbon.core.report import Report
from pytest_carbon.core.verdict.wording import shorten
from pytest_carbon.reporters.run.headline import headline, parts_text

NARROW = 60
"""No text is laid out for fewer cells."""
UNLIMITED = 100_000
"""A pipe and a file have room for whole names, and break no word."""
WIDE = 100
"""From this width on, the table has a column of reference energy."""
_DIM_KINDS = frozenset({"tests", "fixtures", "collection", "idle", "background", "tool"})
_STATE_STYLES = {"pass": "green", "over, warning": "yellow", "over, fail": "bold red", "inconclusive": "yellow"}


def fitting_width(width: int, *, is_terminal: bool) -> int:
    """Return the width to lay a text out for: a pipe has none, whatever a tool such as tox has set as COLUMNS."""
    return width if is_terminal else UNLIMITED


def render(report: Report, *, top: int, width: int, colour: bool, where: str = "") -> str:
    """Return the report as text, at most ``width`` cells wide, with ANSI colours if ``colour``.

    ``where`` says where the report is, and the next step.
    """
    parts: list[RenderableType] = [
        Text(headline(report), style="bold"),
        *filter(None, [parts_text(report)]),
        "",
        _rows_table(report, top, max(width, NARROW)),
    ]
    if report.features:
        parts += ["", _features_table(report)]
    parts.append("")
    for result in report.budgets:
        if result.state in ("warn", "inconclusive") or (result.feature is None and result.state == "pass"):
            parts.append(labelled_text("budget", result.reason, "green" if result.state == "pass" else "yellow"))
    parts += [labelled_text(word, text) for word, text in report_lines.method_facts(report)]
    parts += [labelled_text("note", gap, "yellow") for gap in report.gaps]
    parts += [labelled_text("report", where)] if where else []
    return render_parts(parts, width=width, colour=colour)


def render_parts(parts: Sequence[RenderableType], *, width: int, colour: bool) -> str:
    """Return the text that rich prints for the parts, without blanks at line ends; plain text without ``colour``.

    No text of a part can command a terminal or a CI system: all tables of the terminal come through here.
    """
    console = Console(
        file=io.StringIO(),
        width=max(width, NARROW),
        force_terminal=colour,
        no_color=not colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    segments = (segment for part in parts for segment in console.render(part))
    text = "".join(_segment_text(segment, colour) for segment in segments if not segment.control)
    return without_ci_commands("".join(f"{line.rstrip()}\n" for line in text.splitlines()))


def _segment_text(segment: Segment, colour: bool) -> str:
    text = "\n".join(map(visible, segment.text.split("\n")))
    return segment.style.render(text, color_system=ColorSystem.STANDARD) if colour and segment.style else text


def labelled_text(label: str, text: str, style: str = "dim", label_cells: int = 10) -> Table:
    """Lay out a label and its text side by side; a long text is wrapped in its column."""
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style=style, no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(Text(f"{label:<{label_cells}}"), Text(visible(text)))  # releases of rich differ over min_width
    return grid


def _rows_table(report: Report, top: int, width: int) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    with_reference = width >= WIDE
    label_cells = max(20, width - (46 if with_reference else 36))
    table.add_column("where it went", max_width=label_cells, overflow="ellipsis", no_wrap=True)
    table.add_column("energy", justify="right", no_wrap=True)
    table.add_column("share", justify="right", no_wrap=True)
    table.add_column("", width=report_lines.BAR_CELLS, no_wrap=True)
    if with_reference:
        table.add_column("reference", justify="right", no_wrap=True, style="dim")
    table.add_column("", style="yellow", no_wrap=True)
    for line in report_lines.energy_lines(report, top):
        style = "dim" if line.kind in _DIM_KINDS else ""
        table.add_row(
            Text(shorten(visible(line.label), label_cells), style=style),
            line.energy,
            report_lines.whole_percent(line.share) if line.share is not None else "",
            Text(report_lines.bar(line.share) if line.share is not None else "", style="green"),
            *([line.reference] if with_reference else []),
            Text(visible(line.note)),
        )
    return table


def _features_table(report: Report) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    table.add_column("feature", no_wrap=True)
    table.add_column("tests", justify="right")
    table.add_column("share", justify="right", no_wrap=True)
    table.add_column("", width=report_lines.BAR_CELLS, no_wrap=True)
    table.add_column("energy", justify="right", no_wrap=True)
    table.add_column("CO2e", justify="right", no_wrap=True)
    table.add_column("budget per run", no_wrap=True)
    table.add_column("", no_wrap=True)
    for line in report_lines.feature_lines(report):
        table.add_row(
            Text(visible(line.name), style="dim" if not line.tests else ""),
            line.tests,
            report_lines.whole_percent(line.share),
            Text(report_lines.bar(line.share), style="green"),
            line.energy,
            line.emissions,
            Text(visible(line.budget)),
            Text(line.state, style=_STATE_STYLES.get(line.state, "")),
        )
    return table
