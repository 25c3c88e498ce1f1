"""What tests cost, and which of the costs are clean: measured while the machine ran at full speed."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

from pytest_carbon.core.energy.reference_energy import CLEAN_RATIO
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.records.run_measurements import RunMeasurements

RAN_TO_THEIR_END = ("passed", "xpassed", "rerun")
"""The outcomes of tests that did all their work. A test that failed may have stopped before its costly part."""
LEAST_RUNS = 2
"""A test is compared with at least so many runs."""
LEAST_J = 1e-9
"""A test that took less (half a nanosecond of CPU time) was not measured."""


def full_speed_of_runs(runs: Iterable[RunMeasurements]) -> float | None:
    """Return the machine's full speed: the lower quartile of what the runs reached; None without a speed probe.

    Neither a single lucky probe nor a run that was slow from end to end sets the standard.
    """
    reached = sorted(run.full_speed for run in runs if run.full_speed is not None)
    return reached[(len(reached) - 1) // 4] if reached else None


def clean_logs(run: RunMeasurements, full: float | None, clean: float = CLEAN_RATIO) -> dict[str, float]:
    """Return the log of the reference joules of every test that ran to its end at full speed.

    A test is clean if its slowdown is at most ``clean`` times the full speed ``full``.
    """
    if full is None:
        return {}
    slowest = clean * full
    return {
        nodeid: math.log(joules)
        for nodeid, (joules, slowdown, outcome) in run.tests.items()
        if slowdown is not None and slowdown <= slowest and outcome in RAN_TO_THEIR_END and joules >= LEAST_J
    }


def usual_cost(runs: Sequence[RunMeasurements]) -> dict[str, float]:
    """Return the median reference joules of every test over the runs in which it ran to its end, clean or not."""
    return median_costs(costs_at_end(runs))


def is_new(
    features: Collection[str],
    names: Iterable[str],
    base: Iterable[RunMeasurements],
    costs_j: Mapping[str, Collection[float]],
) -> bool:
    """Return whether neither features nor their tests were in enough runs of the base to be compared with them.

    ``names`` are the tests' nodeids on the base, of whatever feature there; ``costs_j`` are its ``costs_at_end``.
    """
    if any(len(costs_j.get(name, ())) >= LEAST_RUNS for name in names):
        return False
    return sum(any(name in features for name in run.features.values()) for run in base) < LEAST_RUNS


def costs_by_feature(run: RunMeasurements, costs_j: Mapping[str, float] | None = None) -> dict[str, float]:
    """Return the sum of the costs of each feature's tests; without ``costs_j`` what they took in the run."""
    joules: dict[str, float] = {}
    taken = ((nodeid, test.reference_j) for nodeid, test in run.tests.items()) if costs_j is None else costs_j.items()
    for nodeid, cost_j in taken:
        feature = run.features.get(nodeid, UNATTRIBUTED)
        joules[feature] = joules.get(feature, 0.0) + cost_j
    return joules


def sizes_by_feature(run: RunMeasurements, usual_j: Mapping[str, float]) -> dict[str, tuple[int, float]]:
    """Return by feature how many tests of a run have a usual cost, and its sum; see ``usual_cost``."""
    costs_j: dict[str, list[float]] = {}
    for nodeid in run.tests.keys() & usual_j.keys():
        costs_j.setdefault(run.features.get(nodeid, UNATTRIBUTED), []).append(usual_j[nodeid])
    return {feature: (len(own_j), math.fsum(own_j)) for feature, own_j in costs_j.items()}


def median_costs(costs_j: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Return the median of every test's costs."""
    return {nodeid: median_of_sorted(sorted(joules)) for nodeid, joules in costs_j.items()}


def costs_at_end(runs: Sequence[RunMeasurements]) -> dict[str, list[float]]:
    """Return the reference joules of every test in each of the runs in which it ran to its end, clean or not."""
    costs: dict[str, list[float]] = {}
    for run in runs:
        for nodeid, (joules, _, outcome) in run.tests.items():
            if outcome in RAN_TO_THEIR_END and joules >= LEAST_J:
                costs.setdefault(nodeid, []).append(joules)
    return costs


def median_of_sorted(ordered: Sequence[float]) -> float:
    """Return the median of sorted values, at least one."""
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
