"""Whether pairs that were measured in turns fit the run that they belong to, and the runs that the ledger has.

Pairs clear a change that one run made suspicious, so they lie in the report of that run. Noise makes no run take twice
as much as usual, so pairs cannot clear that. They may have been measured by another command than the run, without
coverage or in one of three jobs: so the run is held against runs of the ledger, which were measured as it was, and only
without them against the pairs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import fsum
from statistics import median

from pytest_carbon.core.energy.reference_energy import REFERENCE_J_PER_CPU_S
from pytest_carbon.core.quantities import format_energy
from pytest_carbon.core.records.run_measurements import RunMeasurements

DOUBTFUL_RATIO = 2.0
IMPORTS_J = 0.3 * REFERENCE_J_PER_CPU_S
"""The first test of fewer tests also pays for imports that another test paid for in the whole run."""


def doubt_of_pairs(
    run: RunMeasurements,
    known: Sequence[RunMeasurements],
    head: Sequence[RunMeasurements],
    matched: Mapping[str, str],
    nodeids: Collection[str],
) -> str:
    """Return a sentence on why pairs that show no growth are no evidence for these tests; empty if they fit.

    ``run`` is the run that they clear. ``known`` are the base's runs in the ledger, the newest first, if it has any;
    ``head`` are the pairs' runs of the head. ``matched`` maps a test of the head to that of the base.
    """
    if not known:
        here_j, there_j = _totals(_usual_j([run], nodeids), _usual_j(head, nodeids))
        there = "where they were measured in turns with the base"
    else:
        now_j = {matched[nodeid]: joules for nodeid, joules in _usual_j([run], nodeids).items()}
        before = (
            _totals(now_j, _usual_j(runs, now_j)) for runs in (known, known[:1])
        )  # it may just have become dearer
        here_j, there_j = min(before, key=lambda both: both[0] - both[1])
        there = "in the last runs of the base, which contradicts the pairs"
    if here_j <= DOUBTFUL_RATIO * there_j + IMPORTS_J:
        return ""
    both = f"{format_energy(here_j)} of reference energy in this run, but {format_energy(there_j)} {there}"
    return f"these tests took {both}; measure this change again"


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
