"""Compare the same code with itself: how many false alarms a limit on growth gives here, and what it can see."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_carbon.core.compare.concentrated_growth import SameTests, find_concentrated_growth
from pytest_carbon.core.compare.estimate import Estimate, sigmas_needed, smallest_visible_change
from pytest_carbon.core.compare.growth_rule import (
    DEFAULT_ALLOWED,
    GrowthRule,
    is_large_enough,
    judge_pairs,
    too_few_clean_text,
)
from pytest_carbon.core.compare.pair_estimate import estimate_pairs
from pytest_carbon.core.compare.screen_against_baseline import Screen
from pytest_carbon.core.records.run_measurements import RunMeasurements

WHOLE_SUITE = ""
SPLITS = 20
"""How often the runs are split into base and head."""


@dataclass(frozen=True, slots=True)
class SelfComparison:
    """One feature, or the whole suite (``""``), compared with itself.

    ``sigma`` is the spread of a log ratio. ``smallest`` is the smallest visible change and ``suggested`` a limit on
    growth, both ratios: what noise alone may show. The three are None if too little was seen at full speed, and ``why``
    says so.
    """

    name: str
    tests: int
    comparisons: int
    false_alarms: int
    sigma: float | None
    smallest: float | None
    suggested: float | None
    why: str = ""


def compare_with_itself(runs: Sequence[RunMeasurements], features: Sequence[str]) -> list[SelfComparison]:
    """Compare runs of the same code: the whole suite, and every feature that is large enough.

    The runs are split at random into a base and a head, ``SPLITS`` times, and compared as pairs. Any growth found is
    a false alarm, also if the pairs are too few to block. The same runs give the same answer.
    """
    tests = runs[0].tests
    groups = {WHOLE_SUITE: set(tests)}
    for feature in features:
        names = {nodeid for nodeid, own in runs[0].features.items() if own == feature and nodeid in tests}
        if is_large_enough(len(names), math.fsum(tests[n].reference_j for n in names)):
            groups[feature] = names
    return [_compare_group(name, names, runs, len(groups) - 1 if name else 0) for name, names in groups.items()]


def _compare_group(name: str, nodeids: set[str], runs: Sequence[RunMeasurements], features: int) -> SelfComparison:
    rule = GrowthRule(DEFAULT_ALLOWED, sigmas_needed(features))
    same = {nodeid: nodeid for nodeid in nodeids}
    half = len(runs) // 2
    draw = random.Random(name)  # noqa: S311 (the same draw every time)
    alarms = compared = 0
    sigmas = []
    why = ""
    for _ in range(SPLITS):
        mixed = draw.sample(list(runs), 2 * half)
        base, head = mixed[:half], mixed[half:]
        estimate = estimate_pairs(base, head, same, nodeids)
        if not isinstance(estimate, Estimate):
            why = too_few_clean_text(estimate)
        else:
            compared += 1
            sigmas.append(max(estimate.sigma, abs(estimate.change)))
            finding = judge_pairs(base, head, same, nodeids, rule, most_pairs=half)
            finding = find_concentrated_growth(finding, SameTests.of_runs(base, head, same), rule, nodeids)
            alarms += finding.state == "costlier" or (finding.state == "could not tell" and (finding.change or 0.0) > 0)
    if not compared:
        return SelfComparison(name, len(nodeids), 0, 0, None, None, None, why)
    sigma = math.sqrt(math.fsum(s * s for s in sigmas) / len(sigmas))
    screen = Screen(runs[0], runs[1:], same).estimate(nodeids)
    seen = max(sigma, screen.sigma) if isinstance(screen, Estimate) else sigma
    smallest = smallest_visible_change(DEFAULT_ALLOWED, seen, rule.sigmas)
    suggested = max(DEFAULT_ALLOWED, math.ceil(100 * math.expm1(rule.sigmas * seen)) / 100)
    return SelfComparison(name, len(nodeids), compared, alarms, sigma, smallest, suggested)
