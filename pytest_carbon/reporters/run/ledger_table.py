"""The runs of a ledger as a table for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import JustifyMethod, RenderableType
from rich.table import Table
from rich.text import Text

from pytest_carbon.core.escape import visible
from pytest_carbon.core.quantities import format_energy, format_mass
from pytest_carbon.core.records.ledger_records import Entry, parse_time
from pytest_carbon.core.report_lines import whole_percent
from pytest_carbon.core.verdict.wording import count_text
from pytest_carbon.reporters.run.terminal import labelled_text, render_parts

PAYERS = 2
"""The most features that are named as payers of a run."""


def render(where: str, entries: Sequence[Entry], notes: Sequence[str], *, width: int, colour: bool) -> str:
    """Return the table of the runs in the order of ``entries``, then the notes.

    ``where`` names the ledger. The text is at most ``width`` cells wide, with ANSI colours if ``colour``.
    """
    parts: list[RenderableType] = [Text(f"{count_text(len(entries), 'run')} in the {visible(where)}", style="bold")]
    if entries:
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="dim")
        rows = [_cells(entry) for entry in entries]
        for number, name in enumerate(("run", "started", "on", "energy", "CO2e", "paid by")):
            widest = max(len(cells[number]) for cells in rows) if name != "paid by" else None
            justify: JustifyMethod = "right" if name in ("energy", "CO2e") else "left"
            table.add_column(name, no_wrap=True, justify=justify, min_width=widest)
        for cells in rows:
            table.add_row(*(Text(cell) for cell in cells))
        parts += ["", table]
    parts += [labelled_text("note", note, "yellow") for note in notes]
    return render_parts(parts, width=width, colour=colour)


def _cells(entry: Entry) -> tuple[str, ...]:
    on = f"#{entry.pr}" if entry.pr is not None else entry.branch or ""
    shares = sorted(((share, name) for name, share in entry.shares.items() if share > 0), reverse=True)
    paid = [f"{name} {whole_percent(share)}" for share, name in shares[:PAYERS]]
    paid += [f"{len(shares) - PAYERS} more"] if len(shares) > PAYERS else []
    energy = "unknown" if entry.energy_j is None else format_energy(entry.energy_j)
    grams = "unknown" if entry.emissions_g is None else format_mass(entry.emissions_g)
    started = f"{parse_time(entry.started):%Y-%m-%d %H:%M}"
    return entry.id, started, visible(on)[:30], energy, grams, visible(", ".join(paid))
