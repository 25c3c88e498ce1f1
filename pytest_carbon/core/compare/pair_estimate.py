"""The estimate from pairs: base and head measured in turns, compared test by test over clean observations."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import median
from typing import NamedTuple

from pytest_carbon.core.compare.clean_costs import clean_logs, full_speed_of_runs, usual_cost
from pytest_carbon.core.compare.estimate import LEAST_TESTS, Estimate, Prior, TooFewClean, sigma_of
from pytest_carbon.core.compare.robust_mean import error_if_all_vary, error_of_mean, robust_mean
from pytest_carbon.core.records.run_measurements import RunMeasurements

PAIRS_COVERAGE = 0.50
"""The least share of the tests' cost that must be seen at full speed on both sides."""
HALVES_COVERAGE = 0.40
"""The least share for the comparison of one side with itself."""
PAIRS_PRIOR = Prior(2.0, 0.02)
UNKNOWN_VARIATION = 0.2
"""The log ratio by which a test's cost is taken to differ between halves that cannot be compared: a test that varies by
more is a noisy one."""
_OF_A_HALF = 2**-0.5
"""The error of tests that vary each by itself, in multiples of that of a half, which has half of the observations."""


class _Halves(NamedTuple):
    """The change from one half of a side's runs to the other, and the error that each test adds by itself."""

    change: float
    own_error: float


def estimate_pairs(
    base: Sequence[RunMeasurements],
    head: Sequence[RunMeasurements],
    matched: Mapping[str, str],
    nodeids: Collection[str],
) -> Estimate | TooFewClean:
    """Return the change of these tests from runs of base and head that were measured in turns.

    For each test, take the median clean cost of each side, over equally many observations, at least two. Beside slow
    runs there are fast ones: a process may be lucky with its memory, and up to one in four was 6 to 13 % faster with
    the same code. A minimum finds such a process on one side alone.

    The error is that of each side against itself, its odd runs against its even runs, and that of tests that vary each
    by itself, such as those that draw their examples: few costly ones decide the mean. The base alone tells how they
    vary, so that no change can make its own error wide; where too little of it was seen, they are taken to vary by
    ``UNKNOWN_VARIATION``.
    """
    full = full_speed_of_runs([*base, *head])
    pairs = {n: matched[n] for n in nodeids if n in matched}
    base = [_only(run, pairs.values()) for run in base]
    usual_j = usual_cost(base)
    cost_j = {n: usual_j[was] for n, was in pairs.items() if was in usual_j}
    base_logs = [clean_logs(run, full) for run in base]
    head_logs = [clean_logs(_only(run, pairs), full) for run in head]
    before = {n: [logs[matched[n]] for logs in base_logs if matched[n] in logs] for n in cost_j}
    after = {n: [logs[n] for logs in head_logs if n in logs] for n in cost_j}
    changes, coverage = _changes_of_medians(before, after, cost_j, 2)
    if len(changes) < LEAST_TESTS or coverage < PAIRS_COVERAGE:
        return TooFewClean(coverage, len(changes))
    change = robust_mean(list(changes.values()), [cost_j[n] for n in changes])
    of_base = _against_itself(base_logs, {n: matched[n] for n in cost_j}, cost_j)
    of_head = _against_itself(head_logs, {n: n for n in cost_j}, cost_j)
    sigma = sigma_of(PAIRS_PRIOR, [side.change for side in (of_base, of_head) if side])
    own_error = of_base.own_error if of_base else error_if_all_vary(UNKNOWN_VARIATION, [cost_j[n] for n in changes])
    return Estimate(change, math.hypot(sigma, _OF_A_HALF * own_error), coverage, len(changes))


def _only(run: RunMeasurements, nodeids: Iterable[str]) -> RunMeasurements:
    return replace(run, tests={n: run.tests[n] for n in nodeids if n in run.tests})


def _changes_of_medians(
    before: Mapping[str, Sequence[float]],
    after: Mapping[str, Sequence[float]],
    cost_j: Mapping[str, float],
    least_count: int,
) -> tuple[dict[str, float], float]:
    """Return the change of every test seen ``least_count`` times on both sides, and their share of the cost."""
    changes = {}
    for nodeid in cost_j:
        count = min(len(before[nodeid]), len(after[nodeid]))
        if count >= least_count:
            changes[nodeid] = median(after[nodeid][:count]) - median(before[nodeid][:count])
    whole_j = math.fsum(cost_j.values())
    return changes, math.fsum(cost_j[n] for n in changes) / whole_j if whole_j else 0.0


def _against_itself(
    runs: Sequence[Mapping[str, float]], names: Mapping[str, str], cost_j: Mapping[str, float]
) -> _Halves | None:
    """Compare a side's even runs with its odd runs; None if too little was seen."""
    halves = [
        {n: [logs[name] for logs in half if name in logs] for n, name in names.items()}
        for half in (runs[::2], runs[1::2])
    ]
    changes, coverage = _changes_of_medians(halves[0], halves[1], cost_j, 1)
    if len(changes) < LEAST_TESTS or coverage < HALVES_COVERAGE:
        return None
    each, weights = list(changes.values()), [cost_j[n] for n in changes]
    change = robust_mean(each, weights)
    return _Halves(change, error_of_mean(each, weights, change))
