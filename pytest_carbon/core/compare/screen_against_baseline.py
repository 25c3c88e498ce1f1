"""The screen: one run against many runs of the default branch.

The screen looks at log ratios of reference energy, test by test, over clean observations only. Tests that ran at
about the same time share their noise, so the spread over tests says nothing about the error. The error comes from the
same code compared with itself: each run of the baseline against the others. The same runs tell how much these tests
slow with the machine, beyond what reference energy is corrected by.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple, cast

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
_Pick = Callable[[Sequence[Any]], tuple[Any, ...]]
"""Takes the values of some of the tests."""


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
        rows = self._base_logs(full_speed_of_runs(baseline), CLEAN_RATIO)
        return frozenset(nodeid for nodeid, logs in zip(self._matched, rows, strict=True) if is_noisy(_known(logs)))

    def without_noisy(self, nodeids: Collection[str]) -> tuple[Collection[str], NoisyTests]:
        """Return those of the tests that can be judged, and what was set aside."""
        cost_j = {nodeid: self._cost_j[self._index[nodeid]] for nodeid in nodeids if nodeid in self._index}
        return set_aside(self._noisy, nodeids, cost_j)

    def _log_ratios(self, clean: float) -> _LogRatios:
        head, baseline = self._runs
        of_head: _PerTest = []
        rows: list[_PerTest] = []
        unknown: _PerTest = [None] * len(baseline)
        logs = map(clean_logs(head, self._full, clean).get, self._matched)
        for log, base in zip(logs, self._base_logs(self._full, clean), strict=True):
            clean_base = sorted(_known(base))
            own = log if len(clean_base) >= min(2, len(baseline)) else None
            of_head.append(None if own is None else own - median_of_sorted(clean_base))
            rows.append(_against_others(base, clean_base) if len(clean_base) > 2 else unknown)
        changes = [of_head, *zip(*rows, strict=True)]
        return _LogRatios(changes, [*map(self._weighed, self._speeds, changes)])

    def _weighed(self, speeds: _PerTest, changes: Sequence[float | None]) -> _WeighedSpeeds:
        """Return what makes the mean speed of the tests whose change is known; ``cost_j`` is 0 for the others."""
        tests = zip(self._cost_j, speeds, changes, strict=True)
        cost_j = [0.0 if speed is None or change is None else cost for cost, speed, change in tests]
        return _WeighedSpeeds(cost_j, [cost * (speed or 0.0) for cost, speed in zip(cost_j, speeds, strict=True)])

    def _base_logs(self, full: float | None, clean: float) -> Iterator[tuple[float | None, ...]]:
        """Yield for each test the logs of its clean costs in the runs of the baseline; see ``clean_logs``."""
        names = self._matched.values()
        return zip(*(map(clean_logs(run, full, clean).get, names) for run in self._runs[1]), strict=True)

    @cached_property
    def _speeds(self) -> Sequence[_PerTest]:
        """The log slowdown of each test: in the head, and in each run of the baseline."""
        head, baseline = self._runs
        return [
            _log_slowdowns(head, self._matched),
            *(_log_slowdowns(run, self._matched.values()) for run in baseline),
        ]

    def _pick(self, nodeids: Collection[str]) -> _Pick:
        """Return a function that takes the values of these tests, in one order, from a value for every test."""
        indices = sorted(self._index[nodeid] for nodeid in nodeids if nodeid in self._index)
        if len(indices) > 1:
            return itemgetter(*indices)
        return lambda values: tuple(values[index] for index in indices)

    def estimate(self, nodeids: Collection[str]) -> Estimate | TooFewClean:
        """Return the change of these tests; its error is how far the baseline's runs are from each other.

        If too little was seen at full speed, but nearly all of it close to full speed, the latter is compared.
        """
        pick = self._pick(nodeids)
        clean = self._estimate(self._clean, pick, SCREEN_COVERAGE)
        if isinstance(clean, Estimate):
            return clean
        nearly = self._estimate(self._nearly_clean, pick, NEARLY_COVERAGE)
        return nearly if isinstance(nearly, Estimate) else clean

    def _estimate(self, ratios: _LogRatios, pick: _Pick, least_coverage: float) -> Estimate | TooFewClean:
        changes, cost_j = pick(ratios.head), pick(self._cost_j)
        seen_j = [cost for cost, change in zip(cost_j, changes, strict=True) if change is not None]
        whole_j = math.fsum(cost_j)
        coverage = math.fsum(seen_j) / whole_j if whole_j else 0.0
        change = _mean(changes, cost_j, least_coverage * whole_j)
        if change is None:
            return TooFewClean(coverage, len(seen_j))
        own, *of_baseline = ratios.slowdowns(pick)
        observed = self._observed(ratios, pick, of_baseline)
        learnt = _learn(observed)
        errors = [error - learnt.elasticity * slowdown for slowdown, error in observed]
        bias = bias_of(SCREEN_PRIOR, errors)
        sides = 2 if len(ratios.baseline) == 1 else 1
        sigma = math.hypot(sigma_of(SCREEN_PRIOR, errors, bias) * math.sqrt(sides), learnt.sigma * own)
        return Estimate(change - bias - learnt.elasticity * own, sigma, coverage, len(seen_j))

    def sensitivity(self, nodeids: Collection[str]) -> Sensitivity:
        """Return what the baseline tells of how these tests slow with the machine."""
        pick = self._pick(nodeids)
        return _learn(self._observed(self._clean, pick, self._clean.slowdowns(pick)[1:]))

    def _observed(self, ratios: _LogRatios, pick: _Pick, slowdowns: Sequence[float]) -> list[tuple[float, float]]:
        """Return the slowdown of each run of the baseline, and its change against the others, if enough was seen."""
        cost_j = pick(self._cost_j)
        least_j = SCREEN_COVERAGE * math.fsum(cost_j)
        means = [_mean(pick(changes), cost_j, least_j) for changes in ratios.baseline]
        return [(slowdown, error) for slowdown, error in zip(slowdowns, means, strict=True) if error is not None]


class _WeighedSpeeds(NamedTuple):
    """Each test's cost, and its cost times the log of its slowdown."""

    cost_j: Sequence[float]
    slowdown_j: Sequence[float]

    def mean(self, pick: _Pick) -> float | None:
        """Return the mean log slowdown of some tests, by their cost; None if no test's is known."""
        whole_j = math.fsum(pick(self.cost_j))
        return math.fsum(pick(self.slowdown_j)) / whole_j if whole_j else None


class _LogRatios(NamedTuple):
    """Log ratios test by test, with the speeds: of the head against the baseline, and then of each run of the baseline
    against the others.
    """

    changes: Sequence[Sequence[float | None]]
    speeds: Sequence[_WeighedSpeeds]

    @property
    def head(self) -> Sequence[float | None]:
        """Of the head."""
        return self.changes[0]

    @property
    def baseline(self) -> Sequence[Sequence[float | None]]:
        """Of each run of the baseline."""
        return self.changes[1:]

    def slowdowns(self, pick: _Pick) -> list[float]:
        """Return the log slowdowns of the head and of each run of the baseline, less what is usual in the baseline."""
        return less_usual([speeds.mean(pick) for speeds in self.speeds])


def _learn(observed: Sequence[tuple[float, float]]) -> Sensitivity:
    """Return the sensitivity after some observations, each as uncertain as they differ from each other."""
    return learn(observed, sigma_of(SCREEN_PRIOR, [error for _, error in observed]))


def _log_slowdowns(run: RunMeasurements, names: Collection[str]) -> _PerTest:
    tests = [run.tests.get(name) for name in names]
    return [math.log(test.slowdown) if test and test.slowdown else None for test in tests]


def _mean(changes: Sequence[float | None], cost_j: Sequence[float], least_j: float) -> float | None:
    """Return the robust mean of the known changes; None if they are of too few tests or of less than ``least_j``."""
    values, weights = _known(changes), cost_j
    if len(values) < len(changes):
        weights = [cost for cost, change in zip(cost_j, changes, strict=True) if change is not None]
    if len(values) < LEAST_TESTS or math.fsum(weights) < least_j:
        return None
    return robust_mean(values, weights)


def _known(values: Sequence[float | None]) -> Sequence[float]:
    if None in values:
        return [value for value in values if value is not None]
    return cast(Sequence[float], values)


def _against_others(values: Sequence[float | None], ordered: Sequence[float]) -> _PerTest:
    """Return each value less the median of the others; ``ordered`` are the known values sorted, at least three."""
    middle, odd = divmod(len(ordered), 2)
    if odd:
        before, own, after = ordered[middle - 1 : middle + 2]
        below, at, above = (own + after) / 2, (before + after) / 2, (before + own) / 2
        return [None if v is None else v - (below if v < own else above if v > own else at) for v in values]
    low, high = ordered[middle - 1 : middle + 1]
    return [None if v is None else v - (high if v <= low else low) for v in values]
