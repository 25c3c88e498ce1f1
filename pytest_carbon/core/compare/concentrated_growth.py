"""Growth that sits in a few tests: the mean of many tests' changes draws outliers in, the tests' total shows them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from statistics import median
from typing import NamedTuple

from pytest_carbon.core.compare.clean_costs import RAN_TO_THEIR_END
from pytest_carbon.core.compare.growth_rule import LEAST_BASELINE, PAIRS_TO_BLOCK, GrowthFinding, GrowthRule
from pytest_carbon.core.records.run_measurements import RunMeasurements

CONCENTRATED_MARGIN = 0.25
"""So much must the cheapest total of the head be above the costliest of the base: a total is noisy by some per cent."""


class TotalChange(NamedTuple):
    """The change of the same tests' total as ratios: of the medians, and between the nearest and the farthest runs."""

    change: float
    low: float
    high: float
    tests: int


def total_change(
    base: Sequence[RunMeasurements],
    head: Sequence[RunMeasurements],
    matched: Mapping[str, str],
    nodeids: Collection[str],
) -> TotalChange | None:
    """Return the change of the total of the tests that ran to their end in every run; None if there is none of them.

    ``matched`` maps a test of the head to that of the base; ``nodeids`` are tests of the head.
    """
    ended_head, ended_base = _ended_in_all(head), _ended_in_all(base)
    same = [(n, matched[n]) for n in nodeids if n in ended_head and matched.get(n) in ended_base]
    after = [math.fsum(run.tests[n].reference_j for n, _ in same) for run in head]
    before = [math.fsum(run.tests[was].reference_j for _, was in same) for run in base]
    if not same or not after or not before or min(before) <= 0:
        return None
    return TotalChange(
        median(after) / median(before) - 1, min(after) / max(before) - 1, max(after) / min(before) - 1, len(same)
    )


def _ended_in_all(runs: Sequence[RunMeasurements]) -> set[str]:
    names = [{nodeid for nodeid, test in run.tests.items() if test.outcome in RAN_TO_THEIR_END} for run in runs]
    return set.intersection(*names) if names else set()


def find_concentrated_growth(
    finding: GrowthFinding,
    base: Sequence[RunMeasurements],
    head: Sequence[RunMeasurements],
    matched: Mapping[str, str],
    rule: GrowthRule,
    nodeids: Collection[str],
) -> GrowthFinding:
    """Return the finding, or what the total says if it has surely grown where the finding sees no growth.

    One run with such a total is suspicious, so that base and head are measured in turns; pairs confirm it.
    """
    of_pairs, enough = finding.stage == "confirm", len(head) >= PAIRS_TO_BLOCK
    if finding.state not in ("no change", "cheaper", *(["could not tell"] if of_pairs and enough else [])):
        return finding
    total = total_change(base, head, matched, nodeids) if of_pairs or len(base) >= LEAST_BASELINE else None
    if total is None or total.low <= max(rule.allowed, CONCENTRATED_MARGIN):
        return finding
    found = replace(finding, change=total.change, low=total.low, high=total.high, tests=total.tests, clear=False)
    if not of_pairs:
        return replace(found, state="suspicious", why="costlier together in one run, not confirmed")
    if not enough:
        why = f"costlier together in {len(head)} pairs, too few to be sure"
        return replace(found, state="could not tell", why=why)
    why = f"together, confirmed by {len(head)} pairs measured in turns"
    return replace(found, state="costlier", why=why, clear=True)
