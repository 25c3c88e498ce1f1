"""Whether the same tests have become costlier: the rule in two stages.

The screen asks one run against the default branch's last runs; it never blocks. What it cannot clear is
confirmed by measuring base and head in turns, pair by pair, until the answer is plain or the pairs are used up.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pytest_carbon.core.compare.estimate import (
    LEAST_TESTS,
    ONE_SIDED_95,
    Estimate,
    Unclear,
    smallest_visible_change,
    threshold,
)
from pytest_carbon.core.compare.pair_estimate import estimate_pairs
from pytest_carbon.core.energy.reference_energy import REFERENCE_J_PER_CPU_S
from pytest_carbon.core.percentages import percent_text
from pytest_carbon.core.report.run_measurements import RunMeasurements
from pytest_carbon.core.verdict.verdict import GrowthState, Stage

LEAST_PAIRS, MOST_PAIRS = 2, 7
PAIRS_TO_BLOCK = 5
"""Tests are called costlier when two looks in a row say so, the later at no fewer pairs than these; and cheaper,
which may let a change pass that a budget stops, at no fewer either."""
LARGE_J, LARGE_TESTS = 0.3 * REFERENCE_J_PER_CPU_S, 20
"""Smaller features (0.3 s of CPU time, 20 tests) are not judged by themselves: their noise is too large."""
TOO_SMALL = "too small to be judged by itself"
LEAST_BASELINE = 5
DEFAULT_ALLOWED = 0.05
"""What is looked for where the policy allows nothing in particular."""


@dataclass(frozen=True, slots=True)
class GrowthRule:
    """What growth is allowed (0.05 is 5 %), and how many sigmas one must reach; see ``comparison.strictness``."""

    allowed: float
    z: float


@dataclass(frozen=True, slots=True)
class GrowthFinding:
    """What one stage found. Changes are ratios (0.08 is 8 % more), None where nothing could be estimated.

    ``low`` and ``high`` are 95 % bounds; ``smallest`` is the smallest true change that would have been seen. What
    is not ``clear`` needs more runs before these tests can be called fine or costlier.
    """

    state: GrowthState
    stage: Stage
    change: float | None = None
    low: float | None = None
    high: float | None = None
    smallest: float | None = None
    coverage: float = 0.0
    tests: int = 0
    why: str = ""
    clear: bool = False


def large_enough(tests: int, reference_j: float) -> bool:
    """Return whether a feature is large enough to be judged by itself."""
    return tests >= LARGE_TESTS and reference_j >= LARGE_J


def screened(result: Estimate | Unclear, rule: GrowthRule) -> GrowthFinding:
    """Return what the screen says: clear where the tests are cheaper or surely within what is allowed."""
    if isinstance(result, Unclear):
        return _unclear(result, "screen")
    if result.change > threshold(rule.allowed, result.sigma, rule.z):
        return _finding("suspicious", "screen", result, rule, "costlier in one run")
    if _cheaper(result, rule):
        return _finding("cheaper", "screen", result, rule, "cheaper in one run", clear=True)
    clear = result.change + ONE_SIDED_95 * result.sigma < math.log1p(rule.allowed)
    why = "surely within what is allowed" if clear else "no change that can be seen in one run"
    return _finding("no change", "screen", result, rule, why, clear=clear)


def confirmed(
    base: Sequence[RunMeasurements],
    head: Sequence[RunMeasurements],
    matched: Mapping[str, str],
    nodeids: Collection[str],
    rule: GrowthRule,
    most: int = MOST_PAIRS,
    first: int = LEAST_PAIRS,
) -> GrowthFinding:
    """Return what the pairs measured so far say; it is clear when more pairs would not change the answer.

    Every number of pairs from ``first`` to ``most`` is a look; looks that saw too little count for nothing. Same
    pairs, same answer: the verdict can be made again from the file.
    """
    pairs = min(len(base), len(head), most)
    last: Estimate | Unclear = Unclear(0.0, 0)
    above = 0
    for count in range(first, pairs + 1):
        last = estimate_pairs(base[:count], head[:count], matched, nodeids)
        if isinstance(last, Unclear):
            continue
        limit = threshold(rule.allowed, last.sigma, rule.z)
        above = above + 1 if last.change > limit else 0
        if above and count >= PAIRS_TO_BLOCK and (count >= most or above >= 2):
            why = f"confirmed by {count} pairs measured in turns"
            return _finding("costlier", "confirm", last, rule, why, clear=True)
        enough = PAIRS_TO_BLOCK if _cheaper(last, rule) else LEAST_PAIRS + 1
        if not above and count >= enough and last.change + last.sigma < limit:
            return _not_costlier(last, rule, count, clear=True)
    if isinstance(last, Unclear):
        return _unclear(last, "confirm", clear=pairs >= most)
    if above or (_cheaper(last, rule) and pairs < PAIRS_TO_BLOCK):
        why = f"{'costlier' if above else 'cheaper'} in {pairs} pairs, too few to be sure"
        return _finding("could not tell", "confirm", last, rule, why)
    return _not_costlier(last, rule, pairs, clear=pairs >= most)


def _cheaper(result: Estimate, rule: GrowthRule) -> bool:
    return result.change < -threshold(0.0, result.sigma, rule.z)


def _not_costlier(last: Estimate, rule: GrowthRule, pairs: int, *, clear: bool) -> GrowthFinding:
    if _cheaper(last, rule):
        why = f"confirmed by {pairs} pairs measured in turns"
        return _finding("cheaper", "confirm", last, rule, why, clear=clear)
    return _finding("no change", "confirm", last, rule, f"in {pairs} pairs measured in turns", clear=clear)


def _finding(
    state: GrowthState, stage: Stage, estimate: Estimate, rule: GrowthRule, why: str, *, clear: bool = False
) -> GrowthFinding:
    low, high = estimate.bounds()
    return GrowthFinding(
        state,
        stage,
        math.expm1(estimate.change),
        math.expm1(low),
        math.expm1(high),
        smallest_visible_change(rule.allowed, estimate.sigma, rule.z),
        estimate.coverage,
        estimate.tests,
        why,
        clear,
    )


def _unclear(result: Unclear, stage: Stage, *, clear: bool = False) -> GrowthFinding:
    seen = f"{percent_text(result.coverage)} of these tests' cost" if result.tests else "none of these tests"
    why = f"{seen} could be seen while the machine ran at full speed"
    if 0 < result.tests < LEAST_TESTS:
        why = f"only {result.tests} of these tests could be seen at full speed; {LEAST_TESTS} are needed"
    return GrowthFinding("could not tell", stage, coverage=result.coverage, tests=result.tests, why=why, clear=clear)
