"""The account of one holder as tables and lines of text for the pages."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_carbon.core.accounts.text import tables
from pytest_carbon.core.accounts.text.change_sentence import caused_text
from pytest_carbon.core.accounts.values.account import Account, Month, PullCost
from pytest_carbon.core.accounts.values.wording import amount_of_limit, month_text
from pytest_carbon.core.quantities import Kind, format_amount, format_mass
from pytest_carbon.core.records.ledger_records import Override
from pytest_carbon.core.verdict import wording as words
from pytest_carbon.core.verdict.wording import UNKNOWN, least_share_text
from pytest_carbon.reporters.site.page_tables import MOST_CELLS, Cell, PageTable, emissions_text, pull_cell


def _mass(mass_g: float | None) -> str:
    return UNKNOWN if mass_g is None else format_mass(mass_g)


def months_table(account: Account) -> PageTable:
    """Return emissions by month and scope, newest first, with the use of the budget."""
    columns = (("Month", "tight"), ("CO2e", "n"), ("Scope 2", "n"), ("Scope 3", "n"), ("Unknown scope", "n"),
               ("Budget used", "n"), ("Change", "n"), ("Runs", "n"), ("Pull requests", "n"))  # fmt: skip
    kind = account.standing.kind if account.standing else "mass"
    rows: list[list[str | Cell]] = [
        [
            Cell(month_text(month.month), "" if month.over else "so far"),
            *_month_emissions(month),
            _of_budget(month, kind),
            "" if month.change is None else f"{words.distinct_percent(month.change, 1, [0.0])} %",
            Cell(str(month.runs), f"{month.unknown_runs} not known" if month.unknown_runs else ""), str(month.pulls),
        ]
        for month in reversed(account.months)
    ]  # fmt: skip
    return PageTable(
        "Located emissions, each with the range of measuring: what machines and the grid leave open.", columns, rows
    )


def _of_budget(month: Month, kind: Kind) -> Cell:
    if not month.budget:
        return Cell("")
    if month.consumed is None:
        return Cell(UNKNOWN)
    used = least_share_text(month.consumed / month.budget, month.uncounted_runs)
    return Cell(used, amount_of_limit(month.consumed, month.budget, kind))


def _month_emissions(month: Month) -> list[str | Cell]:
    if month.emissions_g is None:
        return [UNKNOWN if month.runs else "no runs", "", "", ""]
    by_scope = (month.scope_2_g, month.scope_3_g, month.unscoped_g)
    return [Cell(*emissions_text(month.emissions_g)), *(_mass(mass_g) for mass_g in by_scope)]


def pulls_table(costs: Sequence[PullCost], address: str, caption: str) -> PageTable:
    """Return pull requests with their sunk and recurring costs; ``address`` is the repository's URL or empty."""
    columns = (("Pull request", "tight"), ("Own runs", "n"), ("Caused in", "name"), ("Adds per window", "n"),
               ("Runs", "n"), ("Merged", "tight"))  # fmt: skip
    rows: list[list[str | Cell]] = [
        [
            pull_cell(cost.pr, address),
            _mass(cost.sunk_g),
            caused_text(cost.caused_in, changed=cost.recurring_g is not None),
            tables.recurring_text(cost),
            str(cost.runs),
            cost.merged or "no",
        ]
        for cost in costs
    ]
    return PageTable(caption, columns, rows)


def waste_table(account: Account) -> PageTable:
    """Return the wasted runs and their emissions by reason."""
    wasted = account.wasted
    columns = (("Wasted runs", "text"), ("Runs", "n"), ("CO2e", "n"))
    rows = [
        ["Cancelled", str(wasted.cancelled_runs), _mass(wasted.cancelled_g)],
        ["Superseded by a newer commit", str(wasted.superseded_runs), _mass(wasted.superseded_g)],
        ["Run again", str(wasted.rerun_runs), _mass(wasted.rerun_g)],
    ]
    runs = words.count_text(wasted.unknown_runs, "run")
    unknown = f" The emissions of {runs} are not known." if wasted.unknown_runs else ""
    return PageTable(f"Runs of the window; each run is counted once.{unknown}", columns, rows)


def intensities_table(account: Account) -> PageTable:
    """Return the software carbon intensities by functional unit."""
    columns = (("Functional unit", "text"), ("CO2e per unit", "n"), ("Based on", "n"))
    rows: list[list[str | Cell]] = [
        [f"One {sci.per}", Cell(*emissions_text(sci.emissions_g)), words.count_text(sci.count, sci.per)]
        for sci in account.intensities
    ]
    return PageTable("Software Carbon Intensity (SCI), by functional unit.", columns, rows)


def consumer_lines(account: Account) -> list[str]:
    """Return a sentence on each top consumer of the budget."""
    lines = []
    for consumer in account.causes:
        job = f"The job {words.shorten(consumer.name, MOST_CELLS) or 'without a name'}"
        name = f"Pull request {consumer.name}" if consumer.kind == "pull request" else job
        grams = "" if consumer.emissions_g is None else f" ({format_mass(consumer.emissions_g)})"
        runs = words.count_text(consumer.runs, "run")
        lines.append(f"{name} alone used {words.share_text(consumer.share)} of the budget, in {runs}{grams}.")
    return lines


def override_lines(overrides: Sequence[Override]) -> list[str]:
    """Return a line on each override: how much, until when, by whom and why."""
    return [
        f"{format_amount(override.amount, override.kind)} until {override.expires[:10]}, "
        + (f"for #{override.pr}, " if override.pr else "")
        + f"requested by {override.author}, approved by {override.approver}: "
        + words.shorten(override.reason, words.TEXT_CELLS)
        for override in overrides
    ]
