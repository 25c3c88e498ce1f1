"""What is told of one holder, of runs and of tests -> tables of text for the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pytest_carbon.core.accounts.findings.test_costs import TestCostTrend
from pytest_carbon.core.accounts.text import tables
from pytest_carbon.core.accounts.values.account import Account, Month, PullCost
from pytest_carbon.core.accounts.values.wording import amount_of_limit, month_text
from pytest_carbon.core.model import Range
from pytest_carbon.core.quantities import Kind, format_amount, format_energy, format_mass
from pytest_carbon.core.report.ledger_records import Entry, Override, parse_time
from pytest_carbon.core.verdict import wording as words
from pytest_carbon.core.verdict.wording import UNKNOWN, least_share_text
from pytest_carbon.reporters.site.page_tables import MOST_CELLS, Cell, PageTable, spread

_MOST_PAYERS = 3


def _mass(mass_g: float | None) -> str:
    return UNKNOWN if mass_g is None else format_amount(mass_g, "mass")


def months_table(account: Account) -> PageTable:
    """Return grams by month and scope, the newest first, with what they took of the budget."""
    columns = (("Month", "tight"), ("Grams", "n"), ("Scope 2", "n"), ("Scope 3", "n"), ("Scope not known", "n"),
               ("Budget used", "n"), ("Change", "n"), ("Runs", "n"), ("Pull requests", "n"))  # fmt: skip
    kind = account.standing.kind if account.standing else "mass"
    rows: list[list[str | Cell]] = [
        [
            Cell(month_text(month.month), "" if month.over else "so far"),
            *_month_grams(month),
            _of_budget(month, kind),
            "" if month.change is None else f"{words.distinct_percent(month.change, 1, [0.0])} %",
            Cell(str(month.runs), f"{month.unknown_runs} not known" if month.unknown_runs else ""), str(month.pulls),
        ]
        for month in reversed(account.months)
    ]  # fmt: skip
    return PageTable("Located grams of CO2e, with the range they are known within.", columns, rows)


def _of_budget(month: Month, kind: Kind) -> Cell:
    if not month.budget:
        return Cell("")
    if month.consumed is None:
        return Cell(UNKNOWN)
    used = least_share_text(month.consumed / month.budget, month.uncounted_runs)
    return Cell(used, amount_of_limit(month.consumed, month.budget, kind))


def _month_grams(month: Month) -> list[str | Cell]:
    if month.emissions_g is None:
        return [UNKNOWN if month.runs else "no runs", "", "", ""]
    return [Cell(*spread(month.emissions_g)), _mass(month.scope_2_g), _mass(month.scope_3_g), _mass(month.unscoped_g)]


def pulls_table(found: Sequence[PullCost], address: str, caption: str) -> PageTable:
    """Return pull requests of the repository at an address: what their own runs took, and what they add to a window."""
    columns = (("Pull request", "tight"), ("Its own runs", "n"), ("Adds to a window", "n"), ("Runs", "n"),
               ("Merged", "tight"))  # fmt: skip
    rows: list[list[str | Cell]] = [
        [_pull(one.pr, address), _mass(one.sunk_g), tables.recurring_text(one), str(one.runs), one.merged or "no"]
        for one in found
    ]
    return PageTable(caption, columns, rows)


def waste_table(account: Account) -> PageTable:
    """Return the grams of runs that came to nothing."""
    wasted = account.wasted
    columns = (("Runs that came to nothing", "text"), ("Runs", "n"), ("Grams", "n"))
    rows: list[list[str | Cell]] = [
        ["Cancelled", str(wasted.cancelled_runs), _mass(wasted.cancelled_g)],
        ["Superseded by a newer commit", str(wasted.superseded_runs), _mass(wasted.superseded_g)],
        ["Run again", str(wasted.rerun_runs), _mass(wasted.rerun_g)],
    ]
    unknown = (
        f" The grams of {words.count_text(wasted.unknown_runs, 'run')} are not known." if wasted.unknown_runs else ""
    )
    return PageTable(f"Runs of the window; each stands once.{unknown}", columns, rows)


def intensities_table(account: Account) -> PageTable:
    """Return the software carbon intensity by functional unit."""
    columns = (("Grams for", "text"), ("Grams", "n"), ("Rests on", "n"))
    rows: list[list[str | Cell]] = [
        [f"One {one.per}", Cell(*spread(one.emissions_g)), str(one.count)] for one in account.intensities
    ]
    return PageTable("Software Carbon Intensity (SCI), by functional unit.", columns, rows)


def consumer_lines(account: Account) -> list[str]:
    """Say which single causes took a large part of the budget."""
    found = []
    for one in account.causes:
        who = (
            f"Pull request {one.name}"
            if one.kind == "pull request"
            else f"The job {words.shorten(one.name, MOST_CELLS) or 'without a name'}"
        )
        grams = "" if one.emissions_g is None else f" and {format_mass(one.emissions_g)}"
        found.append(
            f"{who} took {words.share_text(one.share)} of the budget, with {words.count_text(one.runs, 'run')}{grams}."
        )
    return found


def override_lines(found: Sequence[Override]) -> list[str]:
    """Say which overrides are in force: how much, why, by whom and until when."""
    return [
        f"{format_amount(one.amount, one.kind)} until {one.expires[:10]}, "
        + (f"for #{one.pr}, " if one.pr else "")
        + f"asked for by {one.author}, approved by {one.approver}: {words.shorten(one.reason, words.TEXT_CELLS)}"
        for one in found
    ]


def tests_table(found: Sequence[TestCostTrend], caption: str) -> PageTable:
    """Return the tests that cost most."""
    columns = (("Test", "test"), ("Each run", "n"), ("Of all tests", "n"), ("Runs", "n"), ("Feature", "name"))
    rows: list[list[str | Cell]] = [
        [
            _test_name(one),
            format_amount(one.per_run_j, "reference"),
            words.share_text(one.share),
            str(one.runs),
            one.feature or "",
        ]
        for one in found
    ]
    return PageTable(caption, columns, rows)


def risen_table(found: Sequence[TestCostTrend], caption: str) -> PageTable:
    """Return the tests that have come to cost more."""
    columns = (
        ("Test", "test"),
        ("Before", "n"),
        ("Now", "n"),
        ("Change", "n"),
        ("More each run", "n"),
        ("Feature", "name"),
    )
    rows: list[list[str | Cell]] = [
        [
            _test_name(one), format_amount(one.older_j, "reference"), format_amount(one.newer_j, "reference"),
            f"{words.distinct_percent(one.newer_j / one.older_j - 1, 0)} %" if one.older_j else "from nothing",
            format_amount(one.increase_j, "reference"), one.feature or "",
        ]
        for one in found if one.older_j is not None and one.newer_j is not None
    ]  # fmt: skip
    return PageTable(caption, columns, rows)


def _test_name(cost: TestCostTrend) -> str:
    return words.shorten(cost.nodeid, words.TEST_CELLS)


def runs_table(found: Sequence[Entry], address: str) -> PageTable:
    """Return runs as they are in the ledger."""
    columns = (("Run", "name"), ("Of", "name"), ("Paid by", "text"), ("Energy", "n"), ("Grams", "n"), ("Tests", "n"),
               ("Machine", "name"))  # fmt: skip
    return PageTable(
        "Times are in UTC. A share that is not 100 % stands beside who pays it.",
        columns,
        [_run_cells(one, address) for one in found],
    )


def _pull(number: int, address: str) -> Cell:
    return Cell(f"#{number}", href=f"{address}/pull/{number}" if address else "")


def _run_cells(run: Entry, address: str) -> list[str | Cell]:
    ended = f", {run.conclusion}" if run.conclusion and run.conclusion != "success" else ""
    payers = sorted(run.shares.items(), key=lambda share: (-share[1], share[0]))
    paid = [
        name if share == 1 else f"{words.shorten(name, MOST_CELLS)} {words.share_text(share)}" for name, share in payers
    ]
    more = f" and {len(paid) - _MOST_PAYERS} more" if len(paid) > _MOST_PAYERS else ""
    where = Cell(words.shorten(run.branch or "", MOST_CELLS) or UNKNOWN) if run.pr is None else _pull(run.pr, address)
    return [
        Cell(
            f"{parse_time(run.started):%Y-%m-%d %H:%M}",
            words.shorten(" ".join(part for part in (run.run, run.job) if part), MOST_CELLS) + ended,
        ),
        replace(where, small=(run.commit or "")[:9]),
        ", ".join(paid[:_MOST_PAYERS]) + more,
        _energy(run),
        _grams(run),
        str(run.tests),
        Cell(words.shorten(run.machine, MOST_CELLS), ", ".join(part for part in (run.method, run.runner) if part)),
    ]


def _energy(run: Entry) -> Cell:
    if run.energy_j is None:
        return Cell(UNKNOWN)
    if run.energy_low_j is None or run.energy_high_j is None:
        return Cell(format_energy(run.energy_j))
    return Cell(*words.amount_with_range(Range(run.energy_j, run.energy_low_j, run.energy_high_j), "energy"))


def _grams(run: Entry) -> Cell:
    if run.emissions_g is None:
        return Cell(UNKNOWN)
    assumed = " grid assumed" if run.grid_assumed else ""
    if run.emissions_low_g is None or run.emissions_high_g is None:
        return Cell(format_mass(run.emissions_g) + assumed)
    text, bounds = words.amount_with_range(Range(run.emissions_g, run.emissions_low_g, run.emissions_high_g), "mass")
    return Cell(text + assumed, bounds)
