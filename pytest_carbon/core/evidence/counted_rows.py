"""Whether any CPU can have run the instructions that the reference energy of a report's rows comes from.

A report does not have the counts themselves: who can forge joules can forge counts. So they are held against the
instructions that the Action counted from outside, as far as the CPU time goes that the rows have of all, and against
what no CPU can have done.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import fsum

from pytest_carbon.core.energy.counted_work.instruction_counts import REFERENCE_J_PER_INSTRUCTION
from pytest_carbon.core.model import OWN_WORK
from pytest_carbon.core.records.entry_figures import CLOCKS_S
from pytest_carbon.core.report import BY_INSTRUCTIONS, Report

MOST_J_PER_CPU_S = 5e10 * REFERENCE_J_PER_INSTRUCTION
"""More than any CPU reaches: the fastest run 6e9 cycles a second, and up to eight instructions in each."""
LEAST_J_PER_CPU_S = 1e7 * REFERENCE_J_PER_INSTRUCTION
"""Less than a run of Python does, even on a small board, or if the kernel, which is not counted, takes most of the
time: a five-hundredth of the usual."""
_SHORT_S = 1.0
"""CPU time that is not long enough to say what is usual."""
OUTSIDE_SLACK_S, OUTSIDE_SLACK_RATIO = 1.0, 0.2
"""The start of pytest and the sidecar, which are counted outside only, run more instructions in a CPU second than tests
that wait for memory or the kernel."""


def has_counted_part(report: Report) -> bool:
    """Return whether the reference energy of a report, or of a part of a merged one, comes from instructions."""
    return any(value in report.machine.fingerprint.get(name, "").split(", ") for name, value in BY_INSTRUCTIONS.items())


def count_contradictions(report: Report) -> Iterator[str]:
    """Yield a sentence for more or fewer instructions than CPUs run in the CPU time, or a row's time, that is stated.

    Processes that the tests leave behind are counted in rows of tests, and their CPU time is of the background.
    """
    if not has_counted_part(report):
        return
    own = [row for row in report.rows if row.kind in OWN_WORK]
    own_j, own_s, all_s = (
        fsum(r.reference_j for r in own),
        fsum(r.cpu_s for r in own),
        fsum(r.cpu_s for r in report.rows),
    )
    if own_j > MOST_J_PER_CPU_S * (all_s + CLOCKS_S):
        yield f"{own_j:g} J ref by instructions are more than any CPU does in {all_s:g} s of CPU time"
    if own_s > _SHORT_S and own_j < LEAST_J_PER_CPU_S * own_s:
        yield f"{own_j:g} J ref by instructions are less than any CPU does in {own_s:g} s of CPU time"
    outside = report.outside
    if outside and outside.instructions is not None and outside.cpu_s and outside.only_pytest:
        counted_j = outside.instructions * REFERENCE_J_PER_INSTRUCTION
        per_s = counted_j / (outside.cpu_s + (outside.detached_cpu_s or 0.0))
        if per_s * own_s - own_j > per_s * (OUTSIDE_SLACK_S + OUTSIDE_SLACK_RATIO * own_s):
            yield (
                f"{own_j:g} J ref by instructions in {own_s:g} s of CPU time are less than was counted from outside: "
                f"{per_s:.3g} J ref a second"
            )
    if outside and outside.instructions is None and outside.cpu_s and outside.only_pytest:
        yield "its reference energy is by instructions, but this machine counted no instructions from outside"
    for row in own:
        most_j = MOST_J_PER_CPU_S * report.machine.vcpus * (row.wall_s + CLOCKS_S)
        if report.machine.vcpus and row.reference_j > most_j:
            yield (
                f"{row.nodeid[:80] or row.kind} took {row.wall_s:g} s, in which no {report.machine.vcpus} CPUs do "
                f"{row.reference_j:g} J ref"
            )
