"""Whether the figures of a report, or of a ledger's entry, add up, and whether any machine can have them.

A report comes from a process that ran the tests, so it may say anything. What the plugin writes adds up: rows to
totals, features to rows, reference energy to CPU time and probes. A report whose figures contradict each other was
changed, and is refused with both figures. A report that is forged without a contradiction is not found here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain
from math import fsum

from pytest_carbon.core.budget.budget import RunUse, own_feature_uses, run_use
from pytest_carbon.core.evidence.close_figures import ROUNDING, differ, exceeds
from pytest_carbon.core.evidence.counted_rows import count_contradictions
from pytest_carbon.core.evidence.feature_sums import feature_contradictions
from pytest_carbon.core.evidence.machine_limits import machine_contradictions, probe_contradictions
from pytest_carbon.core.evidence.row_speeds import speed_contradictions
from pytest_carbon.core.model import OWN_WORK, BudgetResult
from pytest_carbon.core.quantities import J_PER_KWH
from pytest_carbon.core.records.entry_figures import CLOCKS_S, out_of_range
from pytest_carbon.core.records.paired_runs import WORKING_TREE
from pytest_carbon.core.report import Report, Totals

MOST_PUE = 10.0
"""More than any data centre has: the worst have some 3."""
_PHASES = ("setup", "call", "teardown")
_OF_THE_RUN = ("energy_j", "low_j", "high_j", "operational_g", "embodied_g", "emissions_g", "emissions_low_g",
               "emissions_high_g")  # fmt: skip


def contradictions(report: Report) -> list[str]:
    """Return sentences on figures that contradict each other or that no machine can have; empty if all adds up."""
    return list(
        chain(
            _in_totals(report),
            _in_rows(report),
            machine_contradictions(report),
            probe_contradictions(report),
            speed_contradictions(report),
            count_contradictions(report),
            feature_contradictions(report),
            _in_budgets(report),
            _in_pairs(report),
        )
    )


def _in_totals(report: Report) -> Iterator[str]:
    totals = report.totals
    yield from out_of_range("the energy is", totals.low_j, totals.energy_j, totals.high_j, "J")
    yield from out_of_range(
        "the emissions are", totals.emissions_low_g, totals.emissions_g, totals.emissions_high_g, "g"
    )
    grid = report.grid.g_per_kwh
    yield from out_of_range("the grid factor is", grid.low, grid.central, grid.high, "g/kWh")
    unknown = [name for name in _OF_THE_RUN if getattr(totals, name) is None]
    if 0 < len(unknown) < len(_OF_THE_RUN):
        known = next(name for name in _OF_THE_RUN if name not in unknown)
        yield f"{known} is known and {unknown[0]} is not, but each follows from the other"
    elif not unknown:
        yield from _in_grams(totals, grid.central)


def _in_grams(totals: Totals, g_per_kwh: float) -> Iterator[str]:
    energy_j, operational_g = totals.energy_j or 0.0, totals.operational_g or 0.0
    both_g, whole_g = operational_g + (totals.embodied_g or 0.0), totals.emissions_g or 0.0
    if differ(both_g, whole_g):
        yield f"operational and embodied emissions sum to {both_g:g} g, but the emissions are {whole_g:g} g"
    grid_g = energy_j * g_per_kwh / J_PER_KWH
    if exceeds(grid_g, operational_g) or exceeds(operational_g, MOST_PUE * grid_g):
        yield f"{energy_j:g} J on a grid of {g_per_kwh:g} g/kWh emit {grid_g:g} g, but {operational_g:g} g are stated"


def _in_rows(report: Report) -> Iterator[str]:
    """Compare the sums of the rows with the totals; look at each row's phase, shares of fixtures and duration."""
    rows, totals = report.rows, report.totals
    rows_j = fsum(row.energy_j for row in rows if row.energy_j is not None)
    if totals.energy_j is not None and differ(rows_j, totals.energy_j):
        yield f"the rows sum to {rows_j:g} J, but the total is {totals.energy_j:g} J"
    own_j = fsum(row.reference_j for row in rows if row.kind in OWN_WORK)
    if differ(own_j, totals.reference_j):
        yield f"the rows of the run's own work sum to {own_j:g} J ref, but the total is {totals.reference_j:g} J ref"
    longest_s, fixtures_j, shared_j = report.run.duration_s * (1 + ROUNDING) + CLOCKS_S, 0.0, 0.0
    for row in rows:
        if row.kind == "test":
            if row.phase not in _PHASES or not row.nodeid:
                yield f"a test's row names the test {row.nodeid[:80]!r} and the phase {row.phase[:20]!r}"
            if row.amortised_j is not None and row.energy_j is not None:
                shared_j += row.amortised_j - row.energy_j
                if exceeds(row.energy_j, row.amortised_j):
                    yield f"{row.nodeid[:80]} took {row.energy_j:g} J, but with its fixtures {row.amortised_j:g} J"
        elif row.kind == "fixture":
            fixtures_j += row.energy_j or 0.0
        elif row.kind != "command":
            if row.feature or row.amortised_j is not None:
                yield f"a row of {row.kind} belongs to a feature, as only tests and commands do"
            continue
        if row.wall_s > longest_s:
            name, wall_s = row.nodeid[:80], row.wall_s
            yield f"{name} took {wall_s:g} s, longer than the whole run of {report.run.duration_s:g} s"
    if exceeds(shared_j, fixtures_j):
        yield f"the tests' shares of fixtures sum to {shared_j:g} J, but the fixtures took {fixtures_j:g} J"


def _in_budgets(report: Report) -> Iterator[str]:
    totals = report.totals
    as_judged = replace(report, outside=None)  # the command itself judges before the Action has counted from outside
    with_others = RunUse(totals.energy_j, totals.emissions_g, totals.reference_j)  # as older versions judged
    ways = ((run_use(as_judged), own_feature_uses(as_judged)), (with_others, report.features))
    for result in report.budgets:
        figures = []
        for whole, features in ways:
            use = features.get(result.feature) if result.feature is not None else None
            used = whole if result.feature is None else RunUse(0.0, 0.0, 0.0)
            used = RunUse(use.energy_j, use.emissions_g, use.reference_j) if use else used
            figures.append(used.amount(result.kind))
        yield from _in_budget(result, figures)


def _in_budget(result: BudgetResult, figures: Sequence[float | None]) -> Iterator[str]:
    holder = (result.feature or "the run")[:80]
    if result.used is None:
        return
    figure = figures[0]
    if figure is not None and all(own is not None and differ(result.used, own) for own in figures):
        yield f"the limit of {holder} was judged by {result.used:g}, but {holder} used {figure:g}"
    over = result.used > result.limit_value
    if result.state != "inconclusive" and over == (result.state == "pass") and differ(result.used, result.limit_value):
        yield f"the limit of {holder} is {result.state}, but {result.used:g} of {result.limit_value:g} were used"


def _in_pairs(report: Report) -> Iterator[str]:
    pairs = report.pairs
    if pairs is None:
        return
    runs = [run["figures"]["run"] for run in pairs["runs"]]
    twice = next((run for run in runs if runs.count(run) > 1), None)
    if twice is not None:
        yield f"the paired runs count the run {str(twice)[:80]} {runs.count(twice)} times"
    if report.run.id in runs:
        yield f"the paired runs count the run {report.run.id} itself"
    if pairs["head"] not in (WORKING_TREE, report.run.commit):
        own = (report.run.commit or "no commit")[:12]
        yield f"the pairs measured the head {pairs['head'][:12]}, but the run is of {own}"
    for run in pairs["runs"]:
        commit, side = run["figures"]["commit"], run["side"]
        if commit is not None and commit != pairs[side]:
            yield f"a paired run of the {side} {pairs[side][:12]} is of commit {commit[:12]}"
