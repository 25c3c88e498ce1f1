"""A run in few words: the lines above its table and below, and the only line of a quiet pytest."""

from __future__ import annotations

import math

from pytest_carbon.core.model import UNATTRIBUTED, Row
from pytest_carbon.core.quantities import BOUND_DIGITS, format_energy, format_mass
from pytest_carbon.core.report import Report
from pytest_carbon.core.report_lines import OTHER_PROCESSES, duration, own_ranges

_WORST_FIRST = {"fail": "fail", "inconclusive": "inconclusive", "warn": "warning", "pass": "within limits per run"}
_OVER = ("fail", "warn")


def headline(report: Report) -> str:
    """Write in one line the run's own energy and grams, with the range of the grams."""
    energy_j, emissions_g = own_ranges(report)
    seconds = duration(report.run.duration_s)
    if energy_j is None or emissions_g is None:
        return f"{_unknown_energy(report)} in {seconds}"
    low, high = (format_mass(bound_g, BOUND_DIGITS) for bound_g in emissions_g[1:])
    grams = f"{format_mass(emissions_g.central)} CO2e (between {low} and {high})"
    return f"{format_energy(energy_j.central)} and {grams} in {seconds}"


def _unknown_energy(report: Report) -> str:
    return f"energy unknown; {format_energy(report.totals.reference_j)} of reference energy"


def parts_text(report: Report) -> str:
    """Say what the headline counts, and apart from it what other processes used; empty if the energy is unknown.

    What is not pytest-carbon's is the tests' (or the command's): also fixtures, imports, pytest and idle time.
    """
    own_j, others_j = report.own_energy_j, report.background_j
    if own_j is None:
        return ""
    tool_j = math.fsum(row.energy_j or 0.0 for row in report.rows if row.kind == "tool")
    whose = "the command" if any(row.kind == "command" for row in report.rows) else "tests"
    text = f"{whose} {format_energy(max(0.0, own_j - tool_j))}, pytest-carbon {format_energy(tool_j)}"
    others = f"; {OTHER_PROCESSES} used {format_energy(others_j)} more, which no budget counts"
    return text + (others if others_j else "")


def short_line(report: Report) -> str:
    """Write the run in one line: joules, grams, and the worst state of its limits per run.

    Only ``check`` judges growth and windows, so a run that holds its limits is not called a pass.
    """
    states = {result.state for result in report.budgets}
    state = next((word for state, word in _WORST_FIRST.items() if state in states), "no limit")
    energy_j, emissions_g = report.own_energy_j, report.own_emissions_g
    if energy_j is None or emissions_g is None:
        return f"carbon: {_unknown_energy(report)}; {state}"
    return f"carbon: {format_energy(energy_j)}, {format_mass(emissions_g)} CO2e, {state}"


def step_text(report: Report, *, has_policy: bool, has_ledger: bool, gated: bool = False, place: str = "") -> str:
    """Return the one next step that fits a run: begin a policy, look at the costliest test, keep the run, or judge it.

    A run that is ``gated`` is judged by somebody else, and one of a command alone has no tests to judge. ``place`` is
    where the report is, as a command takes it; empty for the usual place.
    """
    named = f" {place}" if place else ""
    if not has_policy:
        return "to begin a policy: pytest-carbon init"
    if over := next((result for result in report.budgets if result.state in _OVER), None):
        tests = [
            row for row in report.rows if row.kind == "test" and over.feature in (None, row.feature or UNATTRIBUTED)
        ]
        return _over_limit_text(tests, over.feature)
    if not has_ledger:
        return f"to keep this run: pytest-carbon ledger append{named}"
    of_tests = any(row.kind == "test" for row in report.rows)
    return f"to judge this run: pytest-carbon check{named}" if of_tests and not gated else ""


def _over_limit_text(rows: list[Row], feature: str | None) -> str:
    """Name the test that took most of what is over its limit; empty without tests."""
    joules: dict[str, float] = {}
    for row in rows:
        joules[row.nodeid] = joules.get(row.nodeid, 0.0) + (row.energy_j or 0.0)
    if not joules:
        return ""
    nodeid, most_j = max(joules.items(), key=lambda item: (item[1], item[0]))
    of = f"feature {feature}" if feature else "this run"
    return f"{of} is over its limit; begin with {nodeid}, which took most: {format_energy(most_j)}"
