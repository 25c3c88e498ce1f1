"""Whether pairs that were measured in turns fit the run that they belong to, and the runs that the ledger has.

Pairs clear a change that one run made suspicious, so they lie in the report of that run. They were measured of the same
code on the same machine: tests that cost a multiple there, or here, were not the same work.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import fsum
from statistics import median

from pytest_carbon.core.energy.reference_energy import REFERENCE_J_PER_CPU_S
from pytest_carbon.core.quantities import format_energy
from pytest_carbon.core.records.run_measurements import RunMeasurements

DOUBTFUL_RATIO = 2.0
"""Equal work varies by some per cent, and with other caches or a test tool by some ten per cent; not by so much."""
IMPORTS_J = 0.3 * REFERENCE_J_PER_CPU_S
"""The first test of fewer tests also pays for imports that another test paid for in the whole run."""


def doubt_of_pairs(
    pairs: tuple[Sequence[RunMeasurements], Sequence[RunMeasurements]],
    matched: Mapping[str, str],
    nodeids: Collection[str],
    run: RunMeasurements,
    known: Sequence[RunMeasurements],
) -> str:
    """Return a sentence on why pairs that show no growth are no evidence for these tests; empty if they fit.

    ``pairs`` are the runs of base and head; ``matched`` maps a test of the head to that of the base. ``run`` is the run
    that they clear, and ``known`` are the base's runs in the ledger, the newest first, which may be none.
    """
    base, head = pairs
    here_j, there_j = _totals(_usual_j([run], nodeids), _usual_j(head, nodeids))
    if _is_far_above(here_j, there_j):
        return (
            f"these tests took {format_energy(here_j)} of reference energy in this run, but {format_energy(there_j)} "
            "where this change was measured in turns with its base; was it measured by another command?"
        )
    names = {matched[nodeid] for nodeid in nodeids}
    paired_j, before = _usual_j(base, names), (_usual_j(known, names), _usual_j(known[:1], names))
    there_j, here_j = min((_totals(paired_j, before_j) for before_j in before), key=lambda both: both[0] - both[1])
    if _is_far_above(there_j, here_j):
        return (
            f"the base's tests took {format_energy(there_j)} of reference energy where they were measured in turns, "
            f"but {format_energy(here_j)} in its last runs; was another base measured?"
        )
    return ""


def _is_far_above(one_j: float, other_j: float) -> bool:
    return one_j > DOUBTFUL_RATIO * other_j + IMPORTS_J


def _usual_j(runs: Sequence[RunMeasurements], nodeids: Collection[str]) -> dict[str, float]:
    """Return the median reference joules of each of the tests over the runs that have it."""
    costs_j: dict[str, list[float]] = {}
    for run in runs:
        for nodeid in run.tests.keys() & nodeids:
            costs_j.setdefault(nodeid, []).append(run.tests[nodeid].reference_j)
    return {nodeid: median(each_j) for nodeid, each_j in costs_j.items()}


def _totals(first_j: Mapping[str, float], second_j: Mapping[str, float]) -> tuple[float, float]:
    """Return the sums over the tests that both have."""
    both = sorted(first_j.keys() & second_j.keys())
    return fsum(first_j[nodeid] for nodeid in both), fsum(second_j[nodeid] for nodeid in both)
