"""Did the tests of the default branch run here? A run that lost its tests has lost what it is judged by."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from statistics import median_low
from typing import TypeVar

from pytest_carbon.core.budget.budget import Budget, holder_phrase
from pytest_carbon.core.compare.clean_costs import RAN_TO_THEIR_END, usual_cost
from pytest_carbon.core.compare.growth_rule import DEFAULT_ALLOWED, LARGE_J, LARGE_TESTS, LEAST_BASELINE
from pytest_carbon.core.compare.match_tests import match_tests
from pytest_carbon.core.energy.feature_shares import feature_of_path
from pytest_carbon.core.judge.baseline_comparison import BaselineComparison
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.percentages import percent_text
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.core.verdict.verdict import Check
from pytest_carbon.core.verdict.wording import NAME_CELLS, TEST_CELLS, count_text, shorten

T = TypeVar("T", int, float)
LEAST_SHARE = 0.5
"""Less than this share of the base's tests, by number or by cost, does not speak for the whole. Changes that delete
more than half of a suite are rare, and somebody should look at them."""
UNCLAIMED = "but no feature claims them"
"""Why a feature has no tests here although they ran: the policy has lost its paths."""


@dataclass(frozen=True)
class RanTests:
    """The tests that ran here beside those of the default branch. A skipped test did not run.

    A parameter ``features`` names the features whose tests are meant; None means all tests.
    """

    comparison: BaselineComparison

    @cached_property
    def _base_runs(self) -> Sequence[RunMeasurements]:
        """The newest runs of the default branch, of this environment if there are any.

        Of these, the runs that chose the same tests, if it is a practice: a few runs of a part do not speak for all.
        """
        runs: Sequence[RunMeasurements] = self.comparison.comparable_runs or self.comparison.other_runs
        selection = self.comparison.inputs.head.selection
        same = [run for run in runs if run.selection == selection]
        return same if same and (not selection or len(same) >= LEAST_BASELINE) else runs

    @cached_property
    def why_nothing_ran(self) -> str:
        """A sentence that no test and no command ran, with what ran on the default branch; empty if something ran."""
        inputs = self.comparison.inputs
        if inputs.missing_parts or any(row.kind == "command" for row in inputs.report.rows):
            return ""
        if self._ran_here:
            return ""
        if inputs.why_not_measured:
            return f"nothing was measured: {inputs.why_not_measured}"
        skipped = count_text(len(inputs.head.tests), "test")
        here = f"no test ran here ({skipped} skipped)" if inputs.head.tests else "no test ran here"
        before = self._usual_count(None)
        return f"{here}, and {count_text(before, 'test')} ran on {inputs.default_branch}" if before else here

    def check(self, budget: Budget) -> Check | None:
        """Return an inconclusive check if a holder lost its tests, or most of them; None otherwise."""
        if self.comparison.inputs.missing_parts:
            return None
        features = {*budget.children, *filter(None, [budget.feature])} or None
        holder, branch = holder_phrase(budget.feature, budget.team), self.comparison.inputs.default_branch
        here, before = sum_of(self._ran_here, features), self._usual_count(features)
        if not here and (before or self.why_nothing_ran):
            unmeasured = bool(self.comparison.inputs.why_not_measured)
            why = f"nothing of {holder} was measured here" if unmeasured else f"no test of {holder} ran here"
            if before:
                why += f", and {count_text(before, 'test')} ran on {branch}"
            return self._lost(f"{why}, so its use is not known", features)
        large = features is None or before >= LARGE_TESTS
        if large and here < LEAST_SHARE * before:
            return self._lost(
                f"{count_text(here, 'test')} of {holder} ran here, and {before} on {branch}; "
                f"less than {percent_text(LEAST_SHARE)} does not speak for the whole",
                features,
            )
        kept_j, whole_j = (sum_of(joules, features) for joules in self._kept_j)
        if kept_j < LEAST_SHARE * whole_j and (large or whole_j - kept_j > LARGE_J):
            kept = kept_j / whole_j
            return self._lost(
                f"tests that take {percent_text(1 - kept)} of the energy of {holder} on {branch} did not run here to "
                f"their end; the other {percent_text(kept)} does not speak for the whole",
                features,
            )
        return None

    def _lost(self, why: str, features: Collection[str] | None) -> Check:
        """Return the check of a holder that lost tests; it names where they count now, and a run of chosen tests."""
        moved = self._moved(features)
        count = sum(moved.values())
        for name, tests in moved.most_common(1):
            more = "" if tests == count else f" and {count_text(len(moved) - 1, 'other feature')}"
            other = f"but for feature {shorten(name, NAME_CELLS)}{more}"
            why += (
                f"; {count_text(count, 'test')} of it ran here, {UNCLAIMED if set(moved) == {UNATTRIBUTED} else other}"
            )
        if self.comparison.inputs.is_part:
            why += "; this run chose a part of the tests, run all of them to be judged"
        return Check("tests", "inconclusive", why)

    def _moved(self, features: Collection[str] | None) -> Counter[str]:
        """How many tests that were of the features on the base ran here for each other feature."""
        if features is None or not self._base_runs:
            return Counter()
        head, base = self.comparison.inputs.head, self._usual_run
        before = self._features(base)
        now = (
            head.features.get(nodeid, UNATTRIBUTED)
            for nodeid in base.tests.keys() & head.tests.keys()
            if head.tests[nodeid].outcome != "skipped" and before.get(nodeid, UNATTRIBUTED) in features
        )
        return Counter(name for name in now if name not in features)

    def _usual_count(self, features: Collection[str] | None) -> int:
        """Return how many tests ran in the middle one of the base's runs."""
        return median_low([sum_of(ran, features) for ran in self._ran_on_base]) if self._ran_on_base else 0

    @cached_property
    def _ran_here(self) -> Mapping[str, int]:
        """How many tests of each feature ran in this run."""
        return self._count(self.comparison.inputs.head)

    @cached_property
    def _ran_on_base(self) -> Sequence[Mapping[str, int]]:
        """How many tests of each feature ran, in each of the base's runs."""
        return [self._count(run) for run in self._base_runs]

    def _count(self, run: RunMeasurements) -> Mapping[str, int]:
        features = self._features(run)
        ran = (nodeid for nodeid, test in run.tests.items() if test.outcome != "skipped")
        return Counter([features.get(nodeid, UNATTRIBUTED) for nodeid in ran])

    def _features(self, run: RunMeasurements) -> Mapping[str, str]:
        """Return the feature of every test of a run that has one.

        A test of the base is of the feature that it has here, if the policy's paths say so, too: the policy may have
        changed since. A marker or a policy of the change alone takes no test from its feature, and paths that claim
        no test of a feature any more leave it all that it had.
        """
        head = self.comparison.inputs.head
        differ = {n for n, own in run.features.items() if head.features.get(n, UNATTRIBUTED) != own}
        differ |= head.features.keys() - run.features.keys()
        now = {n: head.features.get(n, UNATTRIBUTED) for n in differ & run.tests.keys() & head.tests.keys()}
        by_policy = {n: self._feature_of_file(n.partition("::")[0]) or UNATTRIBUTED for n in now}
        moved = {n: feature for n, feature in now.items() if feature == by_policy[n]}
        unclaimed = {n for n in moved.keys() & run.features.keys() if moved[n] == UNATTRIBUTED}
        lost = {n for n in unclaimed if run.features[n] not in self._ran_here}
        return {**run.features, **{n: feature for n, feature in moved.items() if n not in lost}}

    @cached_property
    def _feature_of_file(self) -> Callable[[str], str | None]:
        paths = {name: feature.paths for name, feature in self.comparison.inputs.policy.features.items()}
        return cache(lambda path: feature_of_path(path, paths))

    @cached_property
    def _usual_run(self) -> RunMeasurements:
        """The newest run of the base with the middle number of tests."""
        counts = [sum_of(ran, None) for ran in self._ran_on_base]
        return self._base_runs[counts.index(median_low(counts))]

    @property
    def _usual_j(self) -> Mapping[str, float]:
        of_comparison = list(self._base_runs) == list(self.comparison.base_runs)
        return self.comparison.usual_j if of_comparison else usual_cost(self._base_runs)

    @cached_property
    def _kept_j(self) -> tuple[Mapping[str, float], Mapping[str, float]]:
        """The energy on the base, by feature: of the tests that ran here to their end, and of all tests.

        A test that both sides have counts with its cost on the base, so that cheaper tests are no loss. A new test
        counts with its cost here, because it may do the work of one that is gone.
        """
        kept: dict[str, float] = {}
        whole: dict[str, float] = {}
        if not self._base_runs:
            return kept, whole
        head, usual_j = self.comparison.inputs.head, self._usual_j
        usual = self._usual_run
        before, here = self._features(usual), self._features(head)
        for nodeid in usual.tests.keys() & usual_j.keys():
            feature = before.get(nodeid, UNATTRIBUTED)
            whole[feature] = whole.get(feature, 0.0) + usual_j[nodeid]
        matching = match_tests(head, usual)
        was = {**matching.comparable, **{nodeid: nodeid for nodeid in matching.changed}}
        for nodeid, test in head.tests.items():
            if test.outcome in RAN_TO_THEIR_END:
                name = was.get(nodeid)
                feature = (here.get(nodeid) if name is None else before.get(name)) or UNATTRIBUTED
                cost_j = test.reference_j if name is None else usual_j.get(name, 0.0)
                kept[feature] = kept.get(feature, 0.0) + cost_j
        return kept, whole


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


def sum_of(amounts: Mapping[str, T], features: Collection[str] | None) -> T:
    """Return the sum of the amounts of the features; None means all."""
    return sum(amounts.values() if features is None else (amounts.get(name, 0) for name in features))
