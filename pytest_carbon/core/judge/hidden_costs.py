"""Costs that the same tests do not show: of tests that did not pass here, and of tests without a match on the base."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pytest_carbon.core.compare.clean_costs import RAN_TO_THEIR_END
from pytest_carbon.core.compare.growth_rule import DEFAULT_ALLOWED, LEAST_BASELINE
from pytest_carbon.core.compare.match_tests import match_tests
from pytest_carbon.core.judge.baseline_comparison import BaselineComparison
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.percentages import percent_text
from pytest_carbon.core.quantities import format_energy
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.core.verdict.wording import TEST_CELLS, count_text, shorten

LEAST_MATCHED = 0.5
"""The same tests speak for a holder if they take this share of its cost on the base."""
UNMATCHED_MARGIN, DOUBTFUL_MARGIN = 0.25, 1.0
"""A total may be so much above the costliest run of the base before it fails: a single run is noisy by some per cent.
On a slowed machine, on another machine or with other versions the same tests cost more, but not twice as much."""


def broken_tests_text(comparison: BaselineComparison, features: Collection[str] | None, allowed: float) -> str:
    """Say which tests did not pass here, although most runs of the base pass them, if their cost could hide a growth.

    Empty if they take no larger share of the base's cost than the growth that is ``allowed``.
    """
    if comparison.matching is None:
        return ""
    head, usual_j, was = comparison.inputs.head, comparison.usual_j, comparison.base_names
    nodeids = comparison.tests_of(features)
    open_ones = [n for n in nodeids if head.tests[n].outcome not in RAN_TO_THEIR_END and was.get(n) in usual_j]
    if not open_ones:
        return ""
    costs = {n: usual_j[was[n]] for n in nodeids if was.get(n) in usual_j}
    broken = [n for n in open_ones if 2 * len(comparison.costs_at_end[was[n]]) > len(comparison.base_runs)]
    whole = math.fsum(costs.values())
    share = math.fsum(costs[n] for n in broken) / whole if whole else 0.0
    if share <= max(allowed, DEFAULT_ALLOWED):
        return ""
    costliest = min(broken, key=lambda n: (-costs[n], n))
    more = f" and {count_text(len(broken) - 1, 'more test')}" if len(broken) > 1 else ""
    return (
        f"{shorten(costliest, TEST_CELLS)}{more} passed on the base and did not pass here, and took "
        f"{percent_text(share)} of its cost"
    )


@dataclass(frozen=True, slots=True)
class TotalFinding:
    """A total above the range of the base: the numbers as the end of a sentence, and whether it is surely above."""

    text: str
    surely: bool


@dataclass(frozen=True)
class MeasuredTotals:
    """The totals of this run beside those of the base's runs that chose the same tests, for each holder."""

    comparison: BaselineComparison

    def judge(self, features: Collection[str] | None, allowed: float) -> TotalFinding | None:
        """Compare the total of a holder's tests (``features``; None: all tests) with the largest of the base's runs.

        Ask only where the growth is not known or not confirmed. If the same tests speak for the holder, their total
        counts, and noise or another environment is in doubt. Return None if the total is not above by more than the
        ``allowed`` growth, and with fewer than 5 runs of the base.
        """
        runs = self._runs
        if self.comparison.inputs.missing_parts or len(runs) < LEAST_BASELINE:
            return None
        matched = _sum(self._matched_j[1], features) >= LEAST_MATCHED * _sum(self._all_j[1], features)
        total, *of_base = (_sum(joules, features) for joules in (self._matched_j if matched else self._all_j))
        largest = max(of_base)
        if not 0 < largest * (1 + max(allowed, DEFAULT_ALLOWED)) < total:
            return None
        in_doubt = matched or bool(self.comparison.environment_differences)
        margin = max(allowed, DOUBTFUL_MARGIN if in_doubt else UNMATCHED_MARGIN)
        text = (
            f"{'the same' if matched else 'its'} tests together took {format_energy(total)} of reference energy, and "
            f"at most {format_energy(largest)} in {count_text(len(runs), 'run')} of "
            f"{self.comparison.inputs.default_branch} ({percent_text(total / largest - 1)} more)"
        )
        if total <= largest * (1 + margin):
            return TotalFinding(text, surely=False)
        return TotalFinding(f"{text}; up to {percent_text(margin)} more may be noise", surely=True)

    def little_compared_text(self, features: Collection[str] | None) -> str:
        """Say that the same tests are too small a part of a holder to speak for it; empty if they are large enough."""
        whole, compared = (_sum(joules, features) for joules in self._usual_j)
        if not whole or compared >= LEAST_MATCHED * whole:
            return ""
        return f"only {percent_text(compared / whole)} of its cost on the base is of tests that are the same here"

    @cached_property
    def _usual_j(self) -> tuple[Mapping[str, float], Mapping[str, float]]:
        """The usual joules of the base's tests by feature: of all, and of those that are the same here."""
        comparison = self.comparison
        if comparison.matching is None or not comparison.base_runs:
            return {}, {}
        usual_j, same = comparison.usual_j, comparison.matching.comparable
        head = {n: usual_j[was] for n, was in same.items() if was in usual_j}
        return _add_by_feature(comparison.base_runs[0], usual_j), _add_by_feature(comparison.inputs.head, head)

    @cached_property
    def _runs(self) -> Sequence[RunMeasurements]:
        elsewhere = self.comparison.environment_differences
        runs = self.comparison.other_runs if elsewhere else self.comparison.comparable_runs
        same = [run for run in runs if run.selection == self.comparison.inputs.head.selection]
        return same or [run for run in runs if not run.selection]  # a part can only cost less than the whole

    @cached_property
    def _all_j(self) -> Sequence[Mapping[str, float]]:
        """The joules of all tests by feature: of this run, then of each run of the base."""
        return [_by_feature(run, run.tests) for run in (self.comparison.inputs.head, *self._runs)]

    @cached_property
    def _matched_j(self) -> Sequence[Mapping[str, float]]:
        """As ``_all_j``, of the tests that both sides have with the same code and that ran to their end here."""
        head, runs = self.comparison.inputs.head, self._runs
        pairs = match_tests(head, runs[0]).comparable.items()
        matched = {now: was for now, was in pairs if head.tests[now].outcome in RAN_TO_THEIR_END}
        before = set(matched.values())
        return [_by_feature(head, matched), *(_by_feature(run, before) for run in runs)]


def _by_feature(run: RunMeasurements, names: Collection[str]) -> Mapping[str, float]:
    return _add_by_feature(run, {n: test.reference_j for n, test in run.tests.items() if n in names})


def _add_by_feature(run: RunMeasurements, costs_j: Mapping[str, float]) -> Mapping[str, float]:
    joules: dict[str, float] = {}
    for nodeid, cost_j in costs_j.items():
        feature = run.features.get(nodeid, UNATTRIBUTED)
        joules[feature] = joules.get(feature, 0.0) + cost_j
    return joules


def _sum(joules: Mapping[str, float], features: Collection[str] | None) -> float:
    return math.fsum(joules.values() if features is None else (joules.get(name, 0.0) for name in features))
