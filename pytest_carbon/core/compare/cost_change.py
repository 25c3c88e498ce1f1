"""How much costlier the same tests are: the screen of one run against many, and the confirmation by pairs.

Both look at log ratios of reference energy, test by test, over clean observations only: those whose speed
probes ran near the machine's full speed. Tests of one stretch of time share their noise, so that the spread
over tests says nothing about the error; it is learnt from the same code compared with itself.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate
from operator import itemgetter, mul
from statistics import NormalDist
from typing import NamedTuple, cast

from pytest_carbon.core.energy.reference_energy import CLEAN_RATIO, NEARLY_CLEAN_RATIO
from pytest_carbon.core.report.run_measurements import RunMeasurements

LEAST_TESTS = 5
SCREEN_COVERAGE = 0.40
NEARLY_COVERAGE = 0.80
"""How much must be seen near full speed where too little was seen at it: on a calm machine a few slow probes, which
stand for a tenth of a second each, would otherwise hide a suite of one second. On a noisy machine it is not reached."""
CONFIRM_COVERAGE = 0.50
SCREEN_PRIOR = (4.0, 0.03)
"""What is believed of the screen's error before any history: as much as 4 comparisons that were 3 % off."""
CONFIRM_PRIOR = (2.0, 0.02)
"""The same of a confirmation by pairs."""
LEAST_LOG = math.log(1.05)
"""No smaller growth is ever called one, whatever the policy allows."""
ALPHA = 0.01
ONE_SIDED_95 = NormalDist().inv_cdf(0.95)
TWO_SIDED_95 = NormalDist().inv_cdf(0.975)
LEAST_J = 1e-9
"""A test that took less (half a nanosecond of CPU time) was not measured."""
_MAD_TO_SIGMA = 1.4826
_IN_EARNEST = 0.3
"""A log ratio up to which no test is drawn in: what costs a third more counts in full. On recorded runs of a noisy
machine this costs 2 of 100 findings of a suite that grew by 10 %, and alarms no more often."""
_HEAVIEST = 10
"""No test has more than one part in so many of the weight."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A change of the same tests as a log ratio (0.095 is 10 % more), and the error it is known to.

    ``coverage`` is the share of the tests' cost that was seen clean on both sides; ``tests`` how many.
    """

    change: float
    sigma: float
    coverage: float
    tests: int

    def bounds(self) -> tuple[float, float]:
        """Return the 95 % bounds of the change, as log ratios."""
        return self.change - TWO_SIDED_95 * self.sigma, self.change + TWO_SIDED_95 * self.sigma


@dataclass(frozen=True, slots=True)
class Unclear:
    """Too little of the tests was seen at full speed; ``coverage`` as in Estimate."""

    coverage: float
    tests: int


def strictness(features: int = 0) -> float:
    """Return how many sigmas a growth must reach: that of the whole suite, or that of each of so many features.

    The whole may alarm once in 100 runs of the same code, its features together once in 200: they are smaller, and
    learn less of their own noise.
    """
    return NormalDist().inv_cdf(1 - ALPHA / (2 * features if features else 1))


def threshold(allowed: float, sigma: float, z: float) -> float:
    """Return the log ratio above which tests are called costlier; ``allowed`` is a ratio, 0.05 for 5 %."""
    return max(math.log1p(allowed), LEAST_LOG, z * sigma)


def smallest_seen(allowed: float, sigma: float, z: float) -> float:
    """Return the smallest true change, as a ratio, that would be called one 19 times in 20."""
    return math.expm1(threshold(allowed, sigma, z) + ONE_SIDED_95 * sigma)


def full_speed(runs: Iterable[RunMeasurements]) -> float | None:
    """Return the machine's full speed: the lower quartile of what the runs reached. None without a probe.

    A single lucky probe sets no standard, and a run that was slow from end to end none either.
    """
    reached = sorted(run.full_speed for run in runs if run.full_speed is not None)
    return reached[(len(reached) - 1) // 4] if reached else None


def clean_logs(run: RunMeasurements, full: float | None, clean: float = CLEAN_RATIO) -> dict[str, float]:
    """Return the log of the reference joules of every test that passed and was seen at full speed."""
    if full is None:
        return {}
    slowest = clean * full
    return {
        nodeid: math.log(joules)
        for nodeid, (joules, slowdown, outcome) in run.tests.items()
        if slowdown is not None and slowdown <= slowest and outcome == "passed" and joules >= LEAST_J
    }


def robust_mean(changes: Sequence[float], weights: Sequence[float]) -> float:
    """Return the weighted mean of log ratios, with no test above a tenth of the weight, and outliers drawn in.

    Ten tests or fewer weigh the same. Outliers are those beyond two weighted median absolute deviations, and beyond
    what a test may differ by in earnest: growth that sits in a few tests must not be taken for noise.
    """
    cut = _cut(weights)
    if max(changes) - min(changes) <= _IN_EARNEST:  # none is drawn in, wherever the middle is
        return math.fsum(map(mul, changes, cut)) / math.fsum(cut)
    order = sorted(range(len(changes)), key=changes.__getitem__)
    values, capped = [changes[place] for place in order], [cut[place] for place in order]
    middle = values[_half(capped)]
    reach = max(_IN_EARNEST, _noise([abs(value - middle) for value in values], capped))
    low, high = middle - reach, middle + reach
    first, end = bisect_left(values, low), bisect_right(values, high)
    inside = math.fsum(map(mul, values[first:end], capped[first:end]))
    return (math.fsum(capped[:first]) * low + inside + math.fsum(capped[end:]) * high) / math.fsum(capped)


def _noise(away: Sequence[float], weights: Sequence[float]) -> float:
    """Return two weighted median absolute deviations, or less where they are surely below what counts in earnest."""
    reach = 2 * _MAD_TO_SIGMA
    least = 2 * math.fsum(map(mul, away, weights)) / math.fsum(weights)  # half are no farther than twice the mean
    if reach * least < _IN_EARNEST:
        return 0.0
    nearest = sorted(range(len(away)), key=away.__getitem__)
    return reach * away[nearest[_half([weights[place] for place in nearest])]]


def _cut(weights: Sequence[float]) -> Sequence[float]:
    """Return the weights with the heaviest cut, so that none is above its part of what then remains."""
    if max(weights) * _HEAVIEST <= math.fsum(weights):
        return weights
    ordered = sorted(weights, reverse=True)
    cap = max(ordered[-1], min(math.fsum(ordered[cut:]) / (_HEAVIEST - cut) for cut in range(_HEAVIEST)))
    return [min(weight, cap) for weight in weights]


def _half(weights: Sequence[float]) -> int:
    """Return the place at which half of the weight is reached, whatever the order of the tests did to rounding."""
    half = math.fsum(weights) / 2 * (1 - 1e-9)
    return bisect_left(list(accumulate(weights)), half)


def _sigma(prior: tuple[float, float], errors: Sequence[float], bias: float = 0.0) -> float:
    count, sigma = prior
    return math.sqrt((count * sigma**2 + math.fsum((e - bias) ** 2 for e in errors)) / (count + len(errors)))


def _bias(prior: tuple[float, float], errors: Sequence[float]) -> float:
    """Return by how much the same code looks costlier than itself, believed the more the more runs show it.

    Noise adds to what a test costs more often than it takes from it: one run is above the median of many.
    """
    return math.fsum(errors) / (prior[0] + len(errors))


_Column = list[float | None]
"""A figure for every test, in one order; None where there is none."""


# -- the screen --------------------------------------------------------------------------------------------


class Screen:
    """One run against the runs of the default branch, prepared once and asked for many sets of tests.

    ``matched`` maps a test of the head to that of the base; ``usual_j`` is ``usual_cost(baseline)``. Against a
    baseline of one run nothing is known of the error but what is believed of it beforehand, once for either side.
    """

    def __init__(
        self,
        head: RunMeasurements,
        baseline: Sequence[RunMeasurements],
        matched: Mapping[str, str],
        usual_j: Mapping[str, float] | None = None,
    ) -> None:
        self._runs = head, baseline
        self._full = full_speed([head, *baseline])
        usual_j = usual_cost(baseline) if usual_j is None else usual_j
        self._matched = {nodeid: was for nodeid, was in matched.items() if was in usual_j}
        self._place = {nodeid: place for place, nodeid in enumerate(self._matched)}
        self._cost_j = [usual_j[was] for was in self._matched.values()]

    @cached_property
    def _clean(self) -> _Changes:
        return self._changes(CLEAN_RATIO)

    @cached_property
    def _nearly(self) -> _Changes:
        return self._changes(NEARLY_CLEAN_RATIO)

    def _changes(self, clean: float) -> _Changes:
        head, baseline = self._runs
        ours = clean_logs(head, self._full, clean)
        theirs = [clean_logs(run, self._full, clean).get for run in baseline]
        change: _Column = []
        rows: list[_Column] = []
        unknown: _Column = [None] * len(baseline)
        for nodeid, was in self._matched.items():
            base = [get(was) for get in theirs]
            known = sorted([value for value in base if value is not None])
            own = ours.get(nodeid) if len(known) >= min(2, len(baseline)) else None
            change.append(None if own is None else own - _median(known))
            rows.append(_against_others(base, known) if len(known) > 2 else unknown)
        return _Changes(change, list(zip(*rows, strict=True)))

    def estimate(self, nodeids: Collection[str]) -> Estimate | Unclear:
        """Return the change of these tests; its error is how far the baseline's runs are from each other.

        Where too little was seen at full speed, but nearly all of it close to it, that is taken instead.
        """
        places = sorted(self._place[nodeid] for nodeid in nodeids if nodeid in self._place)
        found = self._estimate(self._clean, places, SCREEN_COVERAGE)
        if isinstance(found, Estimate):
            return found
        nearly = self._estimate(self._nearly, places, NEARLY_COVERAGE)
        return nearly if isinstance(nearly, Estimate) else found

    def _estimate(self, changes: _Changes, places: Sequence[int], least: float) -> Estimate | Unclear:
        seen = [place for place in places if changes.head[place] is not None]
        whole_j = math.fsum(self._cost_j[place] for place in places)
        coverage = math.fsum(self._cost_j[place] for place in seen) / whole_j if whole_j else 0.0
        if len(seen) < LEAST_TESTS:
            return Unclear(coverage, len(seen))
        pick = itemgetter(*places)
        cost_j: tuple[float, ...] = pick(self._cost_j)
        change = _mean(pick(changes.head), cost_j, least * whole_j)
        if change is None:
            return Unclear(coverage, len(seen))
        own = [_mean(pick(column), cost_j, SCREEN_COVERAGE * whole_j) for column in changes.baseline]
        errors = [error for error in own if error is not None]
        bias = _bias(SCREEN_PRIOR, errors)
        sigma = _sigma(SCREEN_PRIOR, errors, bias)
        return Estimate(change - bias, sigma * (math.sqrt(2) if len(own) == 1 else 1.0), coverage, len(seen))


class _Changes(NamedTuple):
    """Log ratios test by test: of the head against the baseline, and of each of its runs against the others."""

    head: _Column
    baseline: Sequence[Sequence[float | None]]


def _mean(column: Sequence[float | None], cost_j: Sequence[float], least_j: float) -> float | None:
    """Return the robust mean of what is known of a column; None if that is too little."""
    if None in column:
        pairs = [(change, cost) for change, cost in zip(column, cost_j, strict=True) if change is not None]
        changes, weights = [change for change, _ in pairs], [cost for _, cost in pairs]
    else:
        changes, weights = list(cast(Sequence[float], column)), list(cost_j)
    if len(changes) < LEAST_TESTS or math.fsum(weights) < least_j:
        return None
    return robust_mean(changes, weights)


def usual_cost(runs: Sequence[RunMeasurements]) -> dict[str, float]:
    """Return the median reference joules of every test over the runs in which it passed."""
    seen: dict[str, list[float]] = {}
    for run in runs:
        for nodeid, (joules, _, outcome) in run.tests.items():
            if outcome == "passed" and joules >= LEAST_J:
                seen.setdefault(nodeid, []).append(joules)
    return {nodeid: _median(sorted(figures)) for nodeid, figures in seen.items()}


def _median(ordered: Sequence[float]) -> float:
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _against_others(values: _Column, ordered: Sequence[float]) -> _Column:
    """Return each value less the median of the others; ``ordered`` are those that are known, at least three."""
    middle, odd = divmod(len(ordered), 2)
    if odd:
        before, own, after = ordered[middle - 1 : middle + 2]
        below, at, above = (own + after) / 2, (before + after) / 2, (before + own) / 2
        return [None if v is None else v - (below if v < own else above if v > own else at) for v in values]
    low, high = ordered[middle - 1 : middle + 1]
    return [None if v is None else v - (high if v <= low else low) for v in values]


# -- the confirmation --------------------------------------------------------------------------------------


def confirm(
    base: Sequence[RunMeasurements],
    head: Sequence[RunMeasurements],
    matched: Mapping[str, str],
    nodeids: Collection[str],
) -> Estimate | Unclear:
    """Return the change of these tests from runs of base and head that were measured in turns.

    For each test it is the least of its clean observations on each side, as many on the one as on the other
    (a minimum over more is lower), and at least two. The error is that of each side against itself, odd runs
    against even ones.
    """
    full = full_speed([*base, *head])
    pairs = {n: matched[n] for n in nodeids if n in matched}
    base = [_only(run, pairs.values()) for run in base]
    usual_j = usual_cost(base)
    cost_j = {n: usual_j[was] for n, was in pairs.items() if was in usual_j}
    theirs = [clean_logs(run, full) for run in base]
    ours = [clean_logs(_only(run, pairs), full) for run in head]
    before = {n: [logs[matched[n]] for logs in theirs if matched[n] in logs] for n in cost_j}
    after = {n: [logs[n] for logs in ours if n in logs] for n in cost_j}
    changes, coverage = _least(before, after, cost_j, 2)
    if len(changes) < LEAST_TESTS or coverage < CONFIRM_COVERAGE:
        return Unclear(coverage, len(changes))
    change = robust_mean(list(changes.values()), [cost_j[n] for n in changes])
    errors = [_against_itself(theirs, {n: matched[n] for n in cost_j}, cost_j)]
    errors.append(_against_itself(ours, {n: n for n in cost_j}, cost_j))
    sigma = _sigma(CONFIRM_PRIOR, [error for error in errors if error is not None])
    return Estimate(change, sigma, coverage, len(changes))


def _only(run: RunMeasurements, nodeids: Iterable[str]) -> RunMeasurements:
    return replace(run, tests={n: run.tests[n] for n in nodeids if n in run.tests})


def _least(
    before: Mapping[str, Sequence[float]], after: Mapping[str, Sequence[float]], cost_j: Mapping[str, float], need: int
) -> tuple[dict[str, float], float]:
    changes = {}
    for nodeid in cost_j:
        count = min(len(before[nodeid]), len(after[nodeid]))
        if count >= need:
            changes[nodeid] = min(after[nodeid][:count]) - min(before[nodeid][:count])
    whole_j = math.fsum(cost_j.values())
    return changes, math.fsum(cost_j[n] for n in changes) / whole_j if whole_j else 0.0


def _against_itself(
    runs: Sequence[Mapping[str, float]], names: Mapping[str, str], cost_j: Mapping[str, float]
) -> float | None:
    halves = [
        {n: [logs[name] for logs in half if name in logs] for n, name in names.items()}
        for half in (runs[::2], runs[1::2])
    ]
    changes, coverage = _least(halves[0], halves[1], cost_j, 1)
    if len(changes) < LEAST_TESTS or coverage < SCREEN_COVERAGE:
        return None
    return robust_mean(list(changes.values()), [cost_j[n] for n in changes])
