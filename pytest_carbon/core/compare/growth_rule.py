"""Have the same tests become costlier? The rule has two stages.

The screen compares one run with the last runs of the default branch; it never blocks. Tests that the screen cannot
clear are confirmed: base and head are measured in turns, pair by pair, until the answer is clear or the pairs are used
up.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_carbon.core.compare.estimate import (
    LEAST_TESTS,
    ONE_SIDED_95,
    Estimate,
    TooFewClean,
    smallest_visible_change,
    threshold,
)
from pytest_carbon.core.compare.noise.noisy_tests import NoisyTests
from pytest_carbon.core.compare.pair_estimate import estimate_pairs
from pytest_carbon.core.energy.reference_energy import REFERENCE_J_PER_CPU_S
from pytest_carbon.core.percentages import percent_text
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.core.verdict.verdict import GrowthStage, GrowthState

LEAST_PAIRS, MOST_PAIRS = 2, 7
PAIRS_TO_BLOCK = 5
"""Tests are called costlier when two looks in a row say so, the later at this many pairs or more. They are called
cheaper at this many pairs or more, too, because that may let a change pass that a budget stops."""
LARGE_J, LARGE_TESTS = 0.3 * REFERENCE_J_PER_CPU_S, 20
"""Features below 0.3 s of CPU time or 20 tests are not judged by themselves: their noise is too large."""
TOO_SMALL = "too small to be judged by itself"
LEAST_BASELINE = 5
"""Runs of the default branch that the screen needs."""
DEFAULT_ALLOWED = 0.05
"""The allowed growth where the policy sets none."""


@dataclass(frozen=True, slots=True)
class GrowthRule:
    """The allowed growth (0.05 is 5 %), and how many sigmas a growth must reach; see ``estimate.sigmas_needed``."""

    allowed: float
    sigmas: float


@dataclass(frozen=True, slots=True)
class GrowthFinding:
    """The answer of one stage. Changes are ratios (0.08 is 8 % more), None where nothing could be estimated.

    ``low`` and ``high`` are the 95 % bounds of ``change``; ``smallest`` is the smallest true change that would have
    been seen. Without ``clear``, more runs are needed before these tests can be called fine or costlier.
    """

    state: GrowthState
    stage: GrowthStage
    change: float | None = None
    low: float | None = None
    high: float | None = None
    smallest: float | None = None
    coverage: float = 0.0
    tests: int = 0
    why: str = ""
    clear: bool = False


def is_large_enough(tests: int, reference_j: float) -> bool:
    """Return whether a feature is large enough to be judged by itself."""
    return tests >= LARGE_TESTS and reference_j >= LARGE_J


def judge_screen(result: Estimate | TooFewClean, rule: GrowthRule) -> GrowthFinding:
    """Return the answer of the screen; it is clear if the tests are cheaper or surely within the allowed growth."""
    if isinstance(result, TooFewClean):
        return _too_few_clean_finding(result, "screen")
    if result.change > threshold(rule.allowed, result.sigma, rule.sigmas):
        return _finding("suspicious", "screen", result, rule, "costlier in one run, not confirmed")
    if _is_cheaper(result, rule):
        return _finding("cheaper", "screen", result, rule, "cheaper in one run", clear=True)
    clear = result.change + ONE_SIDED_95 * result.sigma < math.log1p(rule.allowed)
    why = "the growth is within the limit" if clear else "no change visible in one run"
    return _finding("no change", "screen", result, rule, why, clear=clear)


def judge_pairs(
    base: Sequence[RunMeasurements],
    head: Sequence[RunMeasurements],
    matched: Mapping[str, str],
    nodeids: Collection[str],
    rule: GrowthRule,
    most_pairs: int = MOST_PAIRS,
    first_look: int = LEAST_PAIRS,
) -> GrowthFinding:
    """Return the answer of the pairs measured so far; it is clear if more pairs would not change it.

    After each pair from ``first_look`` to ``most_pairs``, the answer is computed; each computation is a look. A look
    with too few clean tests is skipped. The same pairs give the same answer, so that a verdict can be made again from
    the file.
    """
    pairs = min(len(base), len(head), most_pairs)
    last: Estimate | TooFewClean = TooFewClean(0.0, 0)
    above = 0
    for count in range(first_look, pairs + 1):
        last = estimate_pairs(base[:count], head[:count], matched, nodeids)
        if isinstance(last, TooFewClean):
            continue
        limit = threshold(rule.allowed, last.sigma, rule.sigmas)
        above = above + 1 if last.change > limit else 0
        if above and count >= PAIRS_TO_BLOCK and (count >= most_pairs or above >= 2):
            why = f"confirmed by {count} pairs measured in turns"
            return _finding("costlier", "confirm", last, rule, why, clear=True)
        enough = PAIRS_TO_BLOCK if _is_cheaper(last, rule) else LEAST_PAIRS + 1
        if not above and count >= enough and last.change + last.sigma < limit:
            return _not_costlier(last, rule, count, clear=True)
    if isinstance(last, TooFewClean):
        return _too_few_clean_finding(last, "confirm", clear=pairs >= most_pairs)
    if above or (_is_cheaper(last, rule) and pairs < PAIRS_TO_BLOCK):
        why = f"{'costlier' if above else 'cheaper'} in {pairs} pairs, too few to be sure"
        return _finding("could not tell", "confirm", last, rule, why)
    return _not_costlier(last, rule, pairs, clear=pairs >= most_pairs)


def name_noisy(finding: GrowthFinding, noisy: NoisyTests) -> GrowthFinding:
    """Return the finding with the noisy tests named, which were not judged."""
    return replace(finding, why=f"{finding.why}; {noisy}") if noisy.names else finding


def _is_cheaper(result: Estimate, rule: GrowthRule) -> bool:
    return result.change < -threshold(0.0, result.sigma, rule.sigmas)


def _not_costlier(last: Estimate, rule: GrowthRule, pairs: int, *, clear: bool) -> GrowthFinding:
    if _is_cheaper(last, rule):
        why = f"confirmed by {pairs} pairs measured in turns"
        return _finding("cheaper", "confirm", last, rule, why, clear=clear)
    return _finding("no change", "confirm", last, rule, f"in {pairs} pairs measured in turns", clear=clear)


def _finding(
    state: GrowthState, stage: GrowthStage, estimate: Estimate, rule: GrowthRule, why: str, *, clear: bool = False
) -> GrowthFinding:
    low, high = estimate.bounds()
    return GrowthFinding(
        state,
        stage,
        math.expm1(estimate.change),
        math.expm1(low),
        math.expm1(high),
        smallest_visible_change(rule.allowed, estimate.sigma, rule.sigmas),
        estimate.coverage,
        estimate.tests,
        why,
        clear,
    )


def too_few_clean_text(result: TooFewClean) -> str:
    """Say why too little ran at full speed for an estimate."""
    if not result.tests:
        return "none of these tests ran with the same code at full speed on both sides"
    if result.tests < LEAST_TESTS:
        return f"only {result.tests} of these tests ran at full speed; {LEAST_TESTS} are needed"
    return f"the machine was at full speed for only {percent_text(result.coverage)} of these tests' cost"


def _too_few_clean_finding(result: TooFewClean, stage: GrowthStage, *, clear: bool = False) -> GrowthFinding:
    why = too_few_clean_text(result)
    return GrowthFinding("could not tell", stage, coverage=result.coverage, tests=result.tests, why=why, clear=clear)
