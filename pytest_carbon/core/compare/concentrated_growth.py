"""Growth that sits in a few tests: the mean of many tests' changes draws outliers in, the tests' total shows them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import NamedTuple

from pytest_carbon.core.compare.clean_costs import RAN_TO_THEIR_END, costs_at_end
from pytest_carbon.core.compare.growth_rule import LEAST_BASELINE, MOST_PAIRS, PAIRS_TO_BLOCK, GrowthFinding, GrowthRule
from pytest_carbon.core.percentages import percent_text
from pytest_carbon.core.records.run_measurements import RunMeasurements

CONCENTRATED_MARGIN = 0.25
"""So much must the cheapest total of the head be above the costliest of the base: a total is noisy by some per cent."""


class TotalChange(NamedTuple):
    """The change of the same tests' total as ratios: of the medians, and between the nearest and the farthest runs."""

    change: float
    low: float
    high: float
    tests: int


@dataclass(frozen=True)
class SameTests:
    """The tests that are the same in runs of base and head.

    ``base_j`` are the ``costs_at_end`` of so many ``base_runs``; ``matched`` maps a test of the head to that of the
    base.
    """

    base_j: Mapping[str, Sequence[float]]
    base_runs: int
    head: Sequence[RunMeasurements]
    matched: Mapping[str, str]

    @classmethod
    def of_runs(
        cls, base: Sequence[RunMeasurements], head: Sequence[RunMeasurements], matched: Mapping[str, str]
    ) -> SameTests:
        """Return the tests that are the same in these runs."""
        return cls(costs_at_end(base), len(base), head, matched)

    def total_change(self, nodeids: Collection[str], more_than: float = -1.0) -> TotalChange | None:
        """Return the change of the total of the tests that ran to their end in every run.

        None if there is none, or if its ``low`` is not ``more_than`` this. ``nodeids`` are tests of the head.
        """
        before_j = {n: self.base_j.get(self.matched[n], ()) for n in nodeids if n in self.matched}
        names = [n for n, costs_j in before_j.items() if len(costs_j) == self.base_runs]
        for run in self.head:
            names = [n for n in names if n in run.tests and run.tests[n].outcome in RAN_TO_THEIR_END]
        if not names or not self.head or not self.base_runs:
            return None
        after = [math.fsum([run.tests[n].reference_j for n in names]) for run in self.head]
        before: list[float] = []
        for run_number in range(self.base_runs):
            before.append(math.fsum([before_j[n][run_number] for n in names]))
            if min(after) / max(before) - 1 <= more_than:  # most often the first run shows it
                return None
        change, low, high = median(after) / median(before), min(after) / max(before), max(after) / min(before)
        return TotalChange(change - 1, low - 1, high - 1, len(names))


def find_concentrated_growth(
    finding: GrowthFinding,
    same: SameTests,
    rule: GrowthRule,
    nodeids: Collection[str],
) -> GrowthFinding:
    """Return the finding, or what the total says if it has surely grown where the finding sees no growth.

    One run with such a total is suspicious, so that base and head are measured in turns; pairs confirm it.
    """
    of_pairs, enough = finding.stage == "confirm", len(same.head) >= PAIRS_TO_BLOCK
    if finding.state not in ("no change", "cheaper", *(["could not tell"] if of_pairs and enough else [])):
        return finding
    if not of_pairs and same.base_runs < LEAST_BASELINE:
        return finding
    total = same.total_change(nodeids, more_than=max(rule.allowed, CONCENTRATED_MARGIN))
    if total is None:
        return _with_total(finding, same, rule, nodeids) if of_pairs else finding
    found = replace(finding, change=total.change, low=total.low, high=total.high, tests=total.tests, clear=False)
    if not of_pairs:
        return replace(found, state="suspicious", why="costlier together in one run, not confirmed")
    if not enough:
        why = f"costlier together in {len(same.head)} pairs, too few to be sure"
        return replace(found, state="could not tell", why=why)
    why = f"together, confirmed by {len(same.head)} pairs measured in turns"
    return replace(found, state="costlier", why=why, clear=True)


def _with_total(finding: GrowthFinding, same: SameTests, rule: GrowthRule, nodeids: Collection[str]) -> GrowthFinding:
    """Return a finding of pairs that says so if the total has grown by more than the finding's bounds.

    It could not tell, and more pairs are wanted, if the median total grew by as much as would be suspicious in one run.
    """
    total = same.total_change(nodeids, more_than=0.0)
    if total is None or finding.high is None or total.change <= finding.high:
        return finding
    more = f"all together took {percent_text(total.change)} more, because of few tests, which the answer draws in"
    found = replace(finding, why=f"{finding.why}; {more}")
    if total.low <= rule.allowed or total.change <= CONCENTRATED_MARGIN:
        return found
    return replace(found, state="could not tell", clear=len(same.head) >= MOST_PAIRS)
