"""The screen: one run against many runs of the default branch.

The screen looks at log ratios of reference energy, test by test, over clean observations only. Tests that ran at
about the same time share their noise, so the spread over tests says nothing about the error. The error comes from the
same code compared with itself: each run of the baseline against the others. The same runs tell how much these tests
slow with the machine, beyond what reference energy is corrected by.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple, cast

from pytest_carbon.core.compare.clean_costs import clean_logs, full_speed_of_runs, median_of_sorted, usual_cost
from pytest_carbon.core.compare.estimate import LEAST_TESTS, Estimate, Prior, TooFewClean, bias_of, sigma_of
from pytest_carbon.core.compare.noise.learnt_sensitivity import Sensitivity, learn, less_usual
from pytest_carbon.core.compare.noise.noisy_tests import NoisyTests, is_noisy, set_aside
from pytest_carbon.core.compare.robust_mean import robust_mean
from pytest_carbon.core.energy.reference_energy import CLEAN_RATIO, NEARLY_CLEAN_RATIO
from pytest_carbon.core.model import LEAST_AT_FULL_SPEED
from pytest_carbon.core.records.run_measurements import RunMeasurements

SCREEN_COVERAGE = LEAST_AT_FULL_SPEED
NEARLY_COVERAGE = 0.80
"""The least share that must be seen near full speed if too little was seen at full speed. On a calm machine a few slow
probes, each standing for a tenth of a second, would otherwise hide a suite of one second. A noisy machine does not
reach this share."""
SCREEN_PRIOR = Prior(4.0, 0.03)

_PerTest = list[float | None]
"""A value for every test, in one fixed order; None where the value is unknown."""


class Screen:
    """One run against the runs of the default branch: prepared once, then asked for many sets of tests.

    ``matched`` maps a test of the head to that of the base; ``usual_j`` is ``usual_cost(baseline)``. With a baseline
    of one run the error is the prior's, counted once for either side.
    """

    def __init__(
        self,
        head: RunMeasurements,
        baseline: Sequence[RunMeasurements],
        matched: Mapping[str, str],
        usual_j: Mapping[str, float] | None = None,
    ) -> None:
        self._runs = head, baseline
        self._full = full_speed_of_runs([head, *baseline])
        usual_j = usual_cost(baseline) if usual_j is None else usual_j
        self._matched = {nodeid: was for nodeid, was in matched.items() if was in usual_j}
        self._index = {nodeid: index for index, nodeid in enumerate(self._matched)}
        self._cost_j = [usual_j[was] for was in self._matched.values()]

    @cached_property
    def _clean(self) -> _LogRatios:
        return self._log_ratios(CLEAN_RATIO)

    @cached_property
    def _nearly_clean(self) -> _LogRatios:
        return self._log_ratios(NEARLY_CLEAN_RATIO)

    @cached_property
    def _noisy(self) -> frozenset[str]:
        """The head's tests that are noisy by the runs of the baseline alone: a head cannot make its tests noisy."""
        _, baseline = self._runs
        logs = [clean_logs(run, full_speed_of_runs(baseline)) for run in baseline]
        return frozenset(n for n, was in self._matched.items() if is_noisy([own[was] for own in logs if was in own]))

    def without_noisy(self, nodeids: Collection[str]) -> tuple[Collection[str], NoisyTests]:
        """Return those of the tests that can be judged, and what was set aside."""
        cost_j = {nodeid: self._cost_j[self._index[nodeid]] for nodeid in nodeids if nodeid in self._index}
        return set_aside(self._noisy, nodeids, cost_j)

    def _log_ratios(self, clean: float) -> _LogRatios:
        head, baseline = self._runs
        head_logs = clean_logs(head, self._full, clean)
        base_logs = [clean_logs(run, self._full, clean).get for run in baseline]
        of_head: _PerTest = []
        rows: list[_PerTest] = []
        unknown: _PerTest = [None] * len(baseline)
        for nodeid, was in self._matched.items():
            base = [get(was) for get in base_logs]
            clean_base = sorted([value for value in base if value is not None])
            own = head_logs.get(nodeid) if len(clean_base) >= min(2, len(baseline)) else None
            of_head.append(None if own is None else own - median_of_sorted(clean_base))
            rows.append(_against_others(base, clean_base) if len(clean_base) > 2 else unknown)
        return _LogRatios(of_head, list(zip(*rows, strict=True)))

    @cached_property
    def _speeds(self) -> Sequence[_PerTest]:
        """The log slowdown of each test: in the head, and in each run of the baseline."""
        head, baseline = self._runs
        return [
            _log_slowdowns(head, self._matched),
            *(_log_slowdowns(run, self._matched.values()) for run in baseline),
        ]

    def _indices(self, nodeids: Collection[str]) -> list[int]:
        return sorted(self._index[nodeid] for nodeid in nodeids if nodeid in self._index)

    def estimate(self, nodeids: Collection[str]) -> Estimate | TooFewClean:
        """Return the change of these tests; its error is how far the baseline's runs are from each other.

        If too little was seen at full speed, but nearly all of it close to full speed, the latter is compared.
        """
        indices = self._indices(nodeids)
        clean = self._estimate(self._clean, indices, SCREEN_COVERAGE)
        if isinstance(clean, Estimate):
            return clean
        nearly = self._estimate(self._nearly_clean, indices, NEARLY_COVERAGE)
        return nearly if isinstance(nearly, Estimate) else clean

    def _estimate(self, ratios: _LogRatios, indices: Sequence[int], least_coverage: float) -> Estimate | TooFewClean:
        seen = [index for index in indices if ratios.head[index] is not None]
        whole_j = math.fsum(self._cost_j[index] for index in indices)
        coverage = math.fsum(self._cost_j[index] for index in seen) / whole_j if whole_j else 0.0
        if len(seen) < LEAST_TESTS:
            return TooFewClean(coverage, len(seen))
        pick = itemgetter(*indices)
        cost_j: tuple[float, ...] = pick(self._cost_j)
        change = _mean(pick(ratios.head), cost_j, least_coverage * whole_j)
        if change is None:
            return TooFewClean(coverage, len(seen))
        own, *of_baseline = self._slowdowns(ratios, indices)
        observed = self._observed(ratios, indices, of_baseline)
        learnt = _learn(observed)
        errors = [error - learnt.elasticity * slowdown for slowdown, error in observed]
        bias = bias_of(SCREEN_PRIOR, errors)
        sides = 2 if len(ratios.baseline) == 1 else 1
        sigma = math.hypot(sigma_of(SCREEN_PRIOR, errors, bias) * math.sqrt(sides), learnt.sigma * own)
        return Estimate(change - bias - learnt.elasticity * own, sigma, coverage, len(seen))

    def sensitivity(self, nodeids: Collection[str]) -> Sensitivity:
        """Return what the baseline tells of how these tests slow with the machine."""
        indices = self._indices(nodeids)
        if not indices:
            return _learn(())
        of_baseline = self._slowdowns(self._clean, indices)[1:]
        return _learn(self._observed(self._clean, indices, of_baseline))

    def _observed(
        self, ratios: _LogRatios, indices: Sequence[int], slowdowns: Sequence[float]
    ) -> list[tuple[float, float]]:
        """Return the slowdown of each run of the baseline, and its change against the others, if enough was seen."""
        cost_j = [self._cost_j[index] for index in indices]
        least_j = SCREEN_COVERAGE * math.fsum(cost_j)
        means = [_mean([run[index] for index in indices], cost_j, least_j) for run in ratios.baseline]
        return [(slowdown, error) for slowdown, error in zip(slowdowns, means, strict=True) if error is not None]

    def _slowdowns(self, ratios: _LogRatios, indices: Sequence[int]) -> list[float]:
        """Return the log slowdowns of the head and of each run of the baseline, less what is usual in the baseline."""
        seen = [ratios.head, *ratios.baseline]
        means = [
            self._mean_speed(speeds, [index for index in indices if changes[index] is not None])
            for speeds, changes in zip(self._speeds, seen, strict=True)
        ]
        return less_usual(means)

    def _mean_speed(self, speeds: _PerTest, indices: Sequence[int]) -> float | None:
        cost_j = self._cost_j
        known = [(speed * cost_j[index], cost_j[index]) for index in indices if (speed := speeds[index]) is not None]
        whole_j = math.fsum([cost for _, cost in known])
        return math.fsum([speed for speed, _ in known]) / whole_j if whole_j else None


class _LogRatios(NamedTuple):
    """Log ratios test by test: the head against the baseline, and each run of the baseline against the others."""

    head: _PerTest
    baseline: Sequence[Sequence[float | None]]


def _learn(observed: Sequence[tuple[float, float]]) -> Sensitivity:
    """Return the sensitivity after some observations, each as uncertain as they differ from each other."""
    return learn(observed, sigma_of(SCREEN_PRIOR, [error for _, error in observed]))


def _log_slowdowns(run: RunMeasurements, names: Collection[str]) -> _PerTest:
    tests = [run.tests.get(name) for name in names]
    return [math.log(test.slowdown) if test and test.slowdown else None for test in tests]


def _mean(changes: Sequence[float | None], cost_j: Sequence[float], least_j: float) -> float | None:
    """Return the robust mean of the known changes; None if they are of too few tests or of less than ``least_j``."""
    if None in changes:
        pairs = [(change, cost) for change, cost in zip(changes, cost_j, strict=True) if change is not None]
        values, weights = [change for change, _ in pairs], [cost for _, cost in pairs]
    else:
        values, weights = list(cast(Sequence[float], changes)), list(cost_j)
    if len(values) < LEAST_TESTS or math.fsum(weights) < least_j:
        return None
    return robust_mean(values, weights)


def _against_others(values: _PerTest, ordered: Sequence[float]) -> _PerTest:
    """Return each value less the median of the others; ``ordered`` are the known values sorted, at least three."""
    middle, odd = divmod(len(ordered), 2)
    if odd:
        before, own, after = ordered[middle - 1 : middle + 2]
        below, at, above = (own + after) / 2, (before + after) / 2, (before + own) / 2
        return [None if v is None else v - (below if v < own else above if v > own else at) for v in values]
    low, high = ordered[middle - 1 : middle + 1]
    return [None if v is None else v - (high if v <= low else low) for v in values]
