"""Runs and tests as tables of text for the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_carbon.core.accounts.findings.test_costs import TestCostTrend
from pytest_carbon.core.model import Range
from pytest_carbon.core.quantities import format_amount, format_energy, format_mass
from pytest_carbon.core.records.ledger_records import Entry, parse_time
from pytest_carbon.core.verdict import wording as words
from pytest_carbon.core.verdict.wording import UNKNOWN
from pytest_carbon.reporters.site.page_tables import MOST_CELLS, Cell, PageTable, pull_cell

_MOST_PAYERS = 3


def costs_table(costs: Sequence[TestCostTrend], caption: str) -> PageTable:
    """Return tests with their cost per run."""
    columns = (("Test", "test"), ("Per run", "n"), ("Share of all tests", "n"), ("Runs", "n"), ("Feature", "name"))
    rows = [
        [
            _test_name(cost),
            format_amount(cost.per_run_j, "reference"),
            words.share_text(cost.share),
            str(cost.runs),
            cost.feature or "",
        ]
        for cost in costs
    ]
    return PageTable(caption, columns, rows)


def risen_table(costs: Sequence[TestCostTrend], caption: str) -> PageTable:
    """Return tests that became costlier, with their cost before and now."""
    columns = (("Test", "test"), ("Before", "n"), ("Now", "n"), ("Change", "n"), ("Increase per run", "n"),
               ("Feature", "name"))  # fmt: skip
    rows = [
        [
            _test_name(cost), format_amount(cost.older_j, "reference"), format_amount(cost.newer_j, "reference"),
            f"{words.distinct_percent(cost.newer_j / cost.older_j - 1, 0)} %" if cost.older_j else "from nothing",
            format_amount(cost.increase_j, "reference"), cost.feature or "",
        ]
        for cost in costs if cost.older_j is not None and cost.newer_j is not None
    ]  # fmt: skip
    return PageTable(caption, columns, rows)


def _test_name(cost: TestCostTrend) -> str:
    return words.shorten(cost.nodeid, words.TEST_CELLS)


def runs_table(runs: Sequence[Entry], address: str) -> PageTable:
    """Return runs as the ledger has them; ``address`` is the repository's URL, empty if not known."""
    columns = (("Run", "name"), ("For", "name"), ("Paid by", "text"), ("Energy", "n"), ("CO2e", "n"), ("Tests", "n"),
               ("Machine", "name"))  # fmt: skip
    caption = "Times are in UTC. A feature that pays for a part of the run has its share beside its name."
    return PageTable(caption, columns, [_run_cells(run, address) for run in runs])


def _run_cells(run: Entry, address: str) -> list[str | Cell]:
    conclusion = f", {run.conclusion}" if run.conclusion and run.conclusion != "success" else ""
    branch = Cell(words.shorten(run.branch or "", MOST_CELLS) or UNKNOWN)
    subject = branch if run.pr is None else pull_cell(run.pr, address)
    return [
        Cell(
            f"{parse_time(run.started):%Y-%m-%d %H:%M}",
            words.shorten(" ".join(part for part in (run.run, run.job) if part), MOST_CELLS) + conclusion,
        ),
        replace(subject, small=(run.commit or "")[:9]),
        _payers(run),
        _energy(run),
        _emissions(run),
        str(run.tests),
        Cell(words.shorten(run.machine, MOST_CELLS), ", ".join(part for part in (run.method, run.runner) if part)),
    ]


def _payers(run: Entry) -> str:
    """Return who pays for a run, the largest share first; only the first few are named."""
    names = [
        name if share == 1 else f"{words.shorten(name, MOST_CELLS)} {words.share_text(share)}"
        for name, share in sorted(run.shares.items(), key=lambda item: (-item[1], item[0]))
    ]
    more = f" and {len(names) - _MOST_PAYERS} more" if len(names) > _MOST_PAYERS else ""
    return ", ".join(names[:_MOST_PAYERS]) + more


def _energy(run: Entry) -> Cell:
    if run.energy_j is None:
        return Cell(UNKNOWN)
    if run.energy_low_j is None or run.energy_high_j is None:
        return Cell(format_energy(run.energy_j))
    return Cell(*words.amount_with_range(Range(run.energy_j, run.energy_low_j, run.energy_high_j), "energy"))


def _emissions(run: Entry) -> Cell:
    if run.emissions_g is None:
        return Cell(UNKNOWN)
    assumed = " grid assumed" if run.grid_assumed else ""
    if run.emissions_low_g is None or run.emissions_high_g is None:
        return Cell(format_mass(run.emissions_g) + assumed)
    text, bounds = words.amount_with_range(Range(run.emissions_g, run.emissions_low_g, run.emissions_high_g), "mass")
    return Cell(text + assumed, bounds)
