"""The same code compared with itself: how often it alarms here, and what it could see."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_carbon.core.compare.estimate import Estimate, sigmas_needed, smallest_visible_change
from pytest_carbon.core.compare.growth_rule import DEFAULT_ALLOWED, GrowthRule, confirmed, large_enough
from pytest_carbon.core.compare.pair_estimate import estimate_pairs
from pytest_carbon.core.compare.screen import Screen
from pytest_carbon.core.report.run_measurements import RunMeasurements

WHOLE = ""
SPLITS = 20


@dataclass(frozen=True, slots=True)
class SelfComparison:
    """What one feature, or the whole suite (``""``), looked like. ``suggested`` is a limit on growth, as a ratio.

    ``sigma`` is of a log ratio; ``smallest`` a ratio. None where too little was seen at full speed.
    """

    name: str
    tests: int
    comparisons: int
    false_alarms: int
    sigma: float | None
    smallest: float | None
    suggested: float | None


def compare_with_itself(runs: Sequence[RunMeasurements], features: Sequence[str]) -> list[SelfComparison]:
    """Compare runs of the same code: the whole suite, and every feature that is large enough.

    The runs are split in two again and again, and each half is taken for the base of the other, as a
    confirmation does. Where they are too few to block, what they would block on is a false alarm. The same runs
    give the same answer.
    """
    tests = runs[0].tests
    units = {WHOLE: set(tests)}
    for feature in features:
        names = {nodeid for nodeid, own in runs[0].features.items() if own == feature and nodeid in tests}
        if large_enough(len(names), math.fsum(tests[n].reference_j for n in names)):
            units[feature] = names
    return [_unit(name, names, runs, len(units) - 1 if name else 0) for name, names in units.items()]


def _unit(name: str, nodeids: set[str], runs: Sequence[RunMeasurements], features: int) -> SelfComparison:
    rule = GrowthRule(DEFAULT_ALLOWED, sigmas_needed(features))
    same = {nodeid: nodeid for nodeid in nodeids}
    half = len(runs) // 2
    draw = random.Random(name)  # noqa: S311 (a draw that can be repeated is the point)
    alarms = compared = 0
    sigmas = []
    for _ in range(SPLITS):
        mixed = draw.sample(list(runs), 2 * half)
        base, head = mixed[:half], mixed[half:]
        result = estimate_pairs(base, head, same, nodeids)
        if isinstance(result, Estimate):
            compared += 1
            sigmas.append(max(result.sigma, abs(result.change)))
            said = confirmed(base, head, same, nodeids, rule, most=half)
            alarms += said.state == "costlier" or (said.state == "could not tell" and (said.change or 0.0) > 0)
    if not compared:
        return SelfComparison(name, len(nodeids), 0, 0, None, None, None)
    sigma = math.sqrt(math.fsum(s * s for s in sigmas) / len(sigmas))
    screen = Screen(runs[0], runs[1:], same).estimate(nodeids)
    seen = max(sigma, screen.sigma) if isinstance(screen, Estimate) else sigma
    smallest = smallest_visible_change(DEFAULT_ALLOWED, seen, rule.z)
    suggested = max(DEFAULT_ALLOWED, math.ceil(100 * math.expm1(rule.z * seen)) / 100)
    return SelfComparison(name, len(nodeids), compared, alarms, sigma, smallest, suggested)
