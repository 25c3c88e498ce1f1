"""Whether the figures of a report, or of a ledger's entry, add up, and whether any machine can have them.

A report comes from a process that ran the tests, so it may say anything. What the plugin writes adds up: rows to
totals, features to rows, reference energy to CPU time and probes. A report whose figures contradict each other was
changed, and is refused with both figures. A report that is forged without a contradiction is not found here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from math import fsum

from pytest_carbon.core.budget.budget import RunUse
from pytest_carbon.core.energy.reference_energy import (
    ELASTICITY,
    PROBE_REFERENCE_S,
    REFERENCE_J_PER_CPU_S,
    full_speed_of_run,
)
from pytest_carbon.core.model import OWN_WORK, UNATTRIBUTED, BudgetResult, FeatureUse, Row
from pytest_carbon.core.quantities import J_PER_KWH
from pytest_carbon.core.records.ledger_records import Entry
from pytest_carbon.core.report import Report, Totals

ROUNDING = 1e-4
"""Sums may differ by this share: figures have seven significant digits, slowdowns of probes have four."""
MOST_WATTS = 50_000.0
"""More than any machine takes: a server with eight of the largest accelerators takes some 15 kW."""
LEAST_J_PER_CPU_S = 0.01
"""Less than any CPU takes that runs Python: the smallest boards take 0.3 J for a second of CPU time."""
MOST_EMBODIED_G_PER_H = 10_000.0
"""More than any machine has: a server of ten tonnes CO2e that is used for four years has 290 g an hour."""
MOST_PUE = 10.0
CLOCKS_S = 1.0
"""Two clocks that are read one after the other, and the start of the run, may differ by so much (s)."""
_TINY = 1e-9
_MERGED_SPEEDS = 100.0  # merging scales probes to one machine, and keeps the reference energy that they had corrected
_PHASES = ("setup", "call", "teardown")
_OF_THE_RUN = ("energy_j", "low_j", "high_j", "operational_g", "embodied_g", "emissions_g", "emissions_low_g",
               "emissions_high_g")  # fmt: skip


def contradictions(report: Report) -> list[str]:
    """Return sentences on figures that contradict each other or that no machine can have; empty if all adds up."""
    tests = [row for row in report.rows if row.kind in ("test", "command")]
    return list(
        chain(
            _in_totals(report),
            _in_rows(report),
            _in_machine(report),
            _in_reference_energy(report),
            _in_features(report, tests) if report.totals.energy_j else (),
            _in_budgets(report),
            _in_pairs(report),
        )
    )


def _differ(first: float, second: float) -> bool:
    return abs(first - second) > ROUNDING * max(abs(first), abs(second)) + _TINY


def _exceeds(figure: float, most: float) -> bool:
    return figure > most * (1 + ROUNDING) + _TINY


def _is_merged(report: Report) -> bool:
    return "parts" in report.machine.fingerprint


def _parts(report: Report) -> int:
    parts = report.machine.fingerprint.get("parts", "1")
    return int(parts) if parts.isdecimal() and len(parts) < 4 else 1


def _in_totals(report: Report) -> Iterator[str]:
    totals = report.totals
    yield from _in_range("the energy", totals.low_j, totals.energy_j, totals.high_j, "J")
    yield from _in_range("the emissions", totals.emissions_low_g, totals.emissions_g, totals.emissions_high_g, "g")
    grid = report.grid.g_per_kwh
    yield from _in_range("the grid factor", grid.low, grid.central, grid.high, "g/kWh")
    unknown = [name for name in _OF_THE_RUN if getattr(totals, name) is None]
    if 0 < len(unknown) < len(_OF_THE_RUN):
        known = next(name for name in _OF_THE_RUN if name not in unknown)
        yield f"{known} is known and {unknown[0]} is not, but each follows from the other"
    elif not unknown:
        yield from _in_grams(totals, grid.central)


def _in_grams(totals: Totals, g_per_kwh: float) -> Iterator[str]:
    energy_j, operational_g = totals.energy_j or 0.0, totals.operational_g or 0.0
    both_g, whole_g = operational_g + (totals.embodied_g or 0.0), totals.emissions_g or 0.0
    if _differ(both_g, whole_g):
        yield f"operational and embodied emissions sum to {both_g:g} g, but the emissions are {whole_g:g} g"
    grid_g = energy_j * g_per_kwh / J_PER_KWH
    if _exceeds(grid_g, operational_g) or _exceeds(operational_g, MOST_PUE * grid_g):
        yield f"{energy_j:g} J on a grid of {g_per_kwh:g} g/kWh emit {grid_g:g} g, but {operational_g:g} g are stated"


def _in_range(what: str, low: float | None, central: float | None, high: float | None, unit: str) -> Iterator[str]:
    if central is None:
        return
    if (low is not None and _exceeds(low, central)) or (high is not None and _exceeds(central, high)):
        yield f"{what} is {central:g} {unit}, outside of its own range of {low:g} to {high:g} {unit}"


def _in_rows(report: Report) -> Iterator[str]:
    """Compare the sums of the rows with the totals; look at each row's phase, shares of fixtures and duration."""
    rows, totals = report.rows, report.totals
    rows_j = fsum(row.energy_j for row in rows if row.energy_j is not None)
    if totals.energy_j is not None and _differ(rows_j, totals.energy_j):
        yield f"the rows sum to {rows_j:g} J, but the total is {totals.energy_j:g} J"
    own_j = fsum(row.reference_j for row in rows if row.kind in OWN_WORK)
    if _differ(own_j, totals.reference_j):
        yield f"the rows of the run's own work sum to {own_j:g} J ref, but the total is {totals.reference_j:g} J ref"
    longest_s, fixtures_j, shared_j = report.run.duration_s * (1 + ROUNDING) + CLOCKS_S, 0.0, 0.0
    for row in rows:
        if row.kind == "test":
            if row.phase not in _PHASES or not row.nodeid:
                yield f"a test's row names the test {row.nodeid[:80]!r} and the phase {row.phase[:20]!r}"
            if row.amortised_j is not None and row.energy_j is not None:
                shared_j += row.amortised_j - row.energy_j
                if _exceeds(row.energy_j, row.amortised_j):
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
    if _exceeds(shared_j, fixtures_j):
        yield f"the tests' shares of fixtures sum to {shared_j:g} J, but the fixtures took {fixtures_j:g} J"


def _in_machine(report: Report) -> Iterator[str]:
    """Look for more power, CPU time or speed than a machine has; the rows of other machines have no known energy."""
    run, machine, totals = report.run, report.machine, report.totals
    duration_s = run.duration_s + CLOCKS_S
    here = [row for row in report.rows if row.energy_j is not None and row.kind in (*OWN_WORK, "tool")]
    cpu_s = fsum(row.cpu_s for row in here)
    if machine.vcpus and cpu_s > 1.1 * machine.vcpus * duration_s:
        yield f"{cpu_s:g} s of CPU time on {machine.vcpus} CPUs do not fit into a run of {run.duration_s:g} s"
    if totals.energy_j is not None:
        if totals.energy_j > MOST_WATTS * _parts(report) * duration_s:
            yield f"{totals.energy_j:g} J in {run.duration_s:g} s are more than any machine takes"
        if totals.energy_j + LEAST_J_PER_CPU_S < LEAST_J_PER_CPU_S * cpu_s:
            yield f"{totals.energy_j:g} J for {cpu_s:g} s of CPU time are less than any machine takes"
    if totals.embodied_g is not None and totals.embodied_g > MOST_EMBODIED_G_PER_H * _parts(report) * duration_s / 3600:
        yield f"{totals.embodied_g:g} g of embodied emissions in {run.duration_s:g} s are more than any machine has"
    for name in ("steal_ratio", "utilisation", "clean_share"):
        share = getattr(machine, name)
        if share is not None and share > 1.01:
            yield f"{name} is {share:g}, but a share is at most 1"
    workers = {row.worker for row in report.rows if row.kind == "test"}
    if len(workers) > run.workers:
        yield f"{len(workers)} workers have rows of tests, but the run had {run.workers}"


def _in_reference_energy(report: Report) -> Iterator[str]:
    """Compare reference energy with CPU time and probes, and the probes with the tool's CPU time and full speed."""
    slowdowns = [probe.slowdown for probe in report.probes]
    merged, full_speed = _is_merged(report), report.machine.full_speed
    expected = full_speed if merged else full_speed_of_run(report.probes)
    if (full_speed is None) != (not slowdowns) or _exceeds(
        abs((full_speed or 0.0) - (expected or 0.0)), 10 * ROUNDING * (expected or 0.0)
    ):
        yield f"the full speed is {_or_unknown(full_speed)}, but by the probes it is {_or_unknown(expected)}"
    last_s = max((probe.at_s for probe in report.probes), default=0.0)
    if last_s > report.run.duration_s + CLOCKS_S:
        yield f"a probe ran {last_s:g} s after the start of a run of {report.run.duration_s:g} s"
    tool_s = fsum(row.cpu_s for row in report.rows if row.kind == "tool")
    probes_s = fsum(slowdowns) * PROBE_REFERENCE_S
    if report.totals.energy_j is not None and not merged and probes_s > tool_s * (1 + 10 * ROUNDING) + 0.002:
        yield f"the probes took {probes_s:g} s of CPU time, but the tool took {tool_s:g} s"
    widen = _MERGED_SPEEDS if merged else 1 + 10 * ROUNDING
    least = REFERENCE_J_PER_CPU_S / (max(slowdowns, default=1.0) * widen) ** ELASTICITY
    most = REFERENCE_J_PER_CPU_S / (max(min(slowdowns, default=1.0), _TINY) / widen) ** ELASTICITY
    for row in report.rows:
        if not least * row.cpu_s - 1e-6 <= row.reference_j <= most * row.cpu_s + 1e-6 and _of_this_machine(row, report):
            name = row.nodeid[:80] or row.kind
            yield f"{name} took {row.cpu_s:g} s of CPU time, which at no speed of a probe are {row.reference_j:g} J ref"


def _of_this_machine(row: Row, report: Report) -> bool:
    """Return whether the probes of the report are those that corrected a row."""
    return row.energy_j is not None or report.totals.energy_j is None


def _or_unknown(figure: float | None) -> str:
    return "unknown" if figure is None else f"{figure:g}"


def _in_features(report: Report, tests: Sequence[Row]) -> Iterator[str]:
    """Compare the features with the rows of their tests and with the totals of a run of known energy."""
    uses, totals = report.features, report.totals
    named = {row.feature for row in tests if row.feature}
    if named != uses.keys() - {UNATTRIBUTED}:
        only = sorted(named ^ (uses.keys() - {UNATTRIBUTED}))
        yield f"the rows and the features do not name the same features: {', '.join(only)[:200]}"
        return
    if not uses:
        return
    for field, whole in (("share", 1.0), ("energy_j", totals.energy_j or 0.0), ("emissions_g", totals.emissions_g)):
        summed = fsum(getattr(use, field) for use in uses.values())
        if whole is not None and _differ(summed, whole):
            yield f"{field} of all features sums to {summed:g}, but the whole run has {whole:g}"
    own = {name: [row for row in tests if (row.feature or UNATTRIBUTED) == name] for name in uses}
    expected = _expected_energy(report, own)
    for name, use in uses.items():
        yield from (f"feature {name[:80]}: {what}" for what in _in_feature(use, own[name], expected[name], totals))


def _expected_energy(report: Report, own: Mapping[str, Sequence[Row]]) -> dict[str, tuple[float, bool]]:
    """Return for each feature the joules that follow from the rows, and whether they are exact or the least.

    A run's energy outside of its tests goes to the features in proportion to their tests, part by part. So for merged
    parts the sum of the rows is the least.
    """
    tests_j = {name: fsum(_amortised_j(row) for row in rows) for name, rows in own.items()}
    whole_j, total_j = fsum(tests_j.values()), report.totals.energy_j or 0.0
    background_j = fsum(row.energy_j or 0.0 for row in report.rows if row.kind == "background")
    exact = sum(row.kind == "idle" for row in report.rows) == 1 and not _is_merged(report)
    scale = (total_j - background_j) / whole_j if exact and whole_j else 1.0
    expected = {name: energy_j * scale for name, energy_j in tests_j.items()}
    if UNATTRIBUTED in expected:
        expected[UNATTRIBUTED] += background_j if whole_j else total_j
    return {name: (energy_j, exact) for name, energy_j in expected.items()}


def _amortised_j(row: Row) -> float:
    return (row.energy_j if row.amortised_j is None else row.amortised_j) or 0.0


def _in_feature(
    use: FeatureUse, rows: Sequence[Row], expected: tuple[float, bool], totals: Totals
) -> Iterator[str]:
    energy_j, exact = expected
    if _differ(use.share, use.energy_j / (totals.energy_j or 1.0)):
        yield f"its share is {use.share:g}, but it has {use.energy_j:g} J of {totals.energy_j:g} J"
    if _exceeds(energy_j, use.energy_j) or (exact and _differ(energy_j, use.energy_j)):
        yield f"by its rows it used {'' if exact else 'at least '}{energy_j:g} J, but it has {use.energy_j:g} J"
    reference_j = fsum(row.reference_j for row in rows)
    if _differ(reference_j, use.reference_j):
        yield f"its rows sum to {reference_j:g} J ref, but it has {use.reference_j:g} J ref"
    count = len({row.nodeid for row in rows})
    if count != use.tests:
        yield f"it has the rows of {count} tests, but states {use.tests}"


def _in_budgets(report: Report) -> Iterator[str]:
    totals = report.totals
    whole = RunUse(totals.energy_j, totals.emissions_g, totals.reference_j)
    for result in report.budgets:
        use = report.features.get(result.feature) if result.feature is not None else None
        figures = whole if result.feature is None else RunUse(0.0, 0.0, 0.0)
        figures = RunUse(use.energy_j, use.emissions_g, use.reference_j) if use else figures
        yield from _in_budget(result, figures.amount(result.kind))


def _in_budget(result: BudgetResult, figure: float | None) -> Iterator[str]:
    holder = (result.feature or "the run")[:80]
    if result.used is None:
        return
    if figure is not None and _differ(result.used, figure):
        yield f"the limit of {holder} was judged by {result.used:g}, but {holder} used {figure:g}"
    over = result.used > result.limit_value
    if result.state != "inconclusive" and over == (result.state == "pass") and _differ(result.used, result.limit_value):
        yield f"the limit of {holder} is {result.state}, but {result.used:g} of {result.limit_value:g} were used"


def _in_pairs(report: Report) -> Iterator[str]:
    runs = [run["figures"]["run"] for run in (report.pairs or {}).get("runs", ())]
    twice = next((run for run in runs if runs.count(run) > 1), None)
    if twice is not None:
        yield f"the paired runs count the run {str(twice)[:80]} {runs.count(twice)} times"


def entry_contradictions(entry: Entry) -> list[str]:
    """Return sentences on figures of a ledger's entry that contradict each other or that no machine can have."""
    found = [
        *_in_range("the energy", entry.energy_low_j, entry.energy_j, entry.energy_high_j, "J"),
        *_in_range("the emissions", entry.emissions_low_g, entry.emissions_g, entry.emissions_high_g, "g"),
    ]
    if entry.energy_j is not None and entry.wall_s is not None and entry.energy_j > MOST_WATTS * 1000 * (
        entry.wall_s + CLOCKS_S
    ):
        found.append(f"{entry.energy_j:g} J in {entry.wall_s:g} s are more than any machine takes")
    return found
