"""What no machine can have: more power, CPU time or speed than there is, and less energy than work takes."""

from __future__ import annotations

from collections.abc import Iterator
from math import fsum

from pytest_carbon.core.energy.reference_energy import clean_share, full_speed_of_run, probe_cpu_s
from pytest_carbon.core.evidence.close_figures import ROUNDING, differ, exceeds
from pytest_carbon.core.model import OWN_WORK
from pytest_carbon.core.records.entry_figures import CLOCKS_S, MOST_WATTS
from pytest_carbon.core.report import Report

LEAST_J_PER_CPU_S = 0.01
"""Less than any CPU takes that runs Python: the smallest boards take 0.3 J for a second of CPU time."""
MOST_EMBODIED_G_PER_H = 10_000.0
"""More than any machine has: a server of ten tonnes CO2e that is used for four years has 290 g an hour."""
_SPEED_ROUNDING = 10 * ROUNDING
_CLEAN_SLACK = (-2 * _SPEED_ROUNDING, 2 * _SPEED_ROUNDING)


def is_merged(report: Report) -> bool:
    """Return whether a report says that it was merged from parts."""
    return "parts" in report.machine.fingerprint


def number_of_parts(report: Report) -> int:
    """Return how many parts a report says that it was merged from; 1 without parts."""
    parts = report.machine.fingerprint.get("parts", "1")
    return max(1, int(parts)) if parts.isdecimal() and len(parts) < 4 else 1


def machine_contradictions(report: Report) -> Iterator[str]:
    """Look for more power, CPU time or speed than a machine has; the rows of other machines have no known energy."""
    run, machine, totals = report.run, report.machine, report.totals
    duration_s = run.duration_s + CLOCKS_S
    here = [row for row in report.rows if row.energy_j is not None and row.kind in (*OWN_WORK, "tool")]
    cpu_s = fsum(row.cpu_s for row in here)
    if machine.vcpus and cpu_s > 1.1 * machine.vcpus * duration_s:
        yield f"{cpu_s:g} s of CPU time on {machine.vcpus} CPUs do not fit into a run of {run.duration_s:g} s"
    if totals.energy_j is not None:
        if totals.energy_j > MOST_WATTS * number_of_parts(report) * duration_s:
            yield f"{totals.energy_j:g} J in {run.duration_s:g} s are more than any machine takes"
        own_j = totals.energy_j - fsum(row.energy_j or 0.0 for row in report.rows if row.kind == "background")
        if own_j + LEAST_J_PER_CPU_S < LEAST_J_PER_CPU_S * cpu_s:
            yield f"{own_j:g} J for {cpu_s:g} s of CPU time are less than any machine takes"
    if (
        totals.embodied_g is not None
        and totals.embodied_g > MOST_EMBODIED_G_PER_H * number_of_parts(report) * duration_s / 3600
    ):
        yield f"{totals.embodied_g:g} g of embodied emissions in {run.duration_s:g} s are more than any machine has"
    for name in ("steal_ratio", "utilisation", "clean_share"):
        share = getattr(machine, name)
        if share is not None and share > 1.01:
            yield f"{name} is {share:g}, but a share is at most 1"
    workers = {row.worker for row in report.rows if row.kind == "test"}
    if len(workers) > run.workers:
        yield f"{len(workers)} workers have rows of tests, but the run had {run.workers}"


def probe_contradictions(report: Report) -> Iterator[str]:
    """Compare the probes with the full speed, the share near it, the run's duration and the tool's CPU time."""
    slowdowns = [probe.slowdown for probe in report.probes]
    merged, machine, full_speed = is_merged(report), report.machine, report.machine.full_speed
    expected = full_speed if merged else full_speed_of_run(report.probes)
    if (full_speed is None) != (not slowdowns) or differ(full_speed or 0.0, expected or 0.0, _SPEED_ROUNDING):
        yield f"the full speed is {_or_unknown(full_speed)}, but by the probes it is {_or_unknown(expected)}"
    if machine.clean_share is not None and expected and not merged:
        least, most = (clean_share(report.probes, slack) or 0.0 for slack in _CLEAN_SLACK)
        if exceeds(least, machine.clean_share) or exceeds(machine.clean_share, most):
            yield f"{machine.clean_share:.0%} of the probes are said to be at full speed, but {most:.0%} are"
    last_s = max((probe.at_s for probe in report.probes), default=0.0)
    if last_s > report.run.duration_s + CLOCKS_S:
        yield f"a probe ran {last_s:g} s after the start of a run of {report.run.duration_s:g} s"
    tool_s = fsum(row.cpu_s for row in report.rows if row.kind == "tool")
    probes_s = fsum(map(probe_cpu_s, report.probes))
    if report.totals.energy_j is not None and not merged and probes_s > tool_s * (1 + _SPEED_ROUNDING) + 0.002:
        yield f"the probes took {probes_s:g} s of CPU time, but the tool took {tool_s:g} s"


def _or_unknown(figure: float | None) -> str:
    return "unknown" if figure is None else f"{figure:g}"
