"""How much costlier each holder's tests have become, and which tests must be measured in turns to be sure."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import median

from pytest_carbon.core.budget.budget import Budget, holder_name
from pytest_carbon.core.budget.spending import share_of
from pytest_carbon.core.compare.clean_costs import RAN_TO_THEIR_END, costs_by_feature
from pytest_carbon.core.compare.estimate import sigmas_needed
from pytest_carbon.core.compare.growth_rule import DEFAULT_ALLOWED, LEAST_BASELINE, TOO_SMALL
from pytest_carbon.core.compare.match_tests import match_tests
from pytest_carbon.core.judge.baseline_comparison import BaselineComparison
from pytest_carbon.core.judge.hidden_costs import (
    OUTSIDE,
    UNCOMPARED,
    UNMATCHED_MARGIN,
    MeasuredTotals,
    TotalFinding,
    UncomparedWork,
)
from pytest_carbon.core.judge.ran_tests import broken_tests_text, sum_of
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.policy.labels_to_payers import payers_of_labels
from pytest_carbon.core.quantities import format_energy
from pytest_carbon.core.records.ledger_records import parse_time
from pytest_carbon.core.records.run_entry import environment_digest
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.core.verdict.verdict import ChangeTotals, Growth

TREND_RUNS = 13
"""The trend of a verdict has so many runs of the default branch."""
LEAST_SELFTEST_COMPARISONS = 20
"""A self-test counts from so many comparisons."""
MOVED_WORK = f"the same tests are cheaper, but {OUTSIDE}"
TOO_SMALL_WORDS, TOO_NOISY_WORDS = "too small", "too noisy"
"""Why growth is not judged: the holder has too few tests, or the growth that would be seen is far above its limit."""
BEGINNING_WORDS = ("no base", "too few runs")
"""Why growth is not judged: the ledger is too young to compare with."""


@dataclass(frozen=True)
class HolderGrowth:
    """One comparison with the base, asked for the growth of each holder of a budget."""

    comparison: BaselineComparison

    @cached_property
    def why_advisory(self) -> str:
        """Why growth is only advisory, as a sentence; empty with a good self-test here, and once the beginning is over.

        What a change brings, such as another package, or a base that is lost, does not make it a beginning again.
        """
        if not self.comparison.is_beginning:
            return ""
        inputs = self.comparison.inputs
        own = environment_digest(inputs.report.machine.fingerprint)
        for test in inputs.selftests:
            if test.fingerprint == own and test.comparisons >= LEAST_SELFTEST_COMPARISONS and not test.false_alarms:
                return ""
        return (
            f"growth only warns until the ledger has {LEAST_BASELINE} runs of {inputs.default_branch}, or until "
            "pytest-carbon selftest finds no false alarm here"
        )

    def features_of(self, budget: Budget) -> set[str] | None:
        """Return the features whose tests are the holder's; None for all tests.

        A feature that pays because a label names it, and that has no tests in this run, answers for the whole suite.
        """
        if budget.team is not None:
            return set(budget.children)
        if budget.feature is None:
            return None
        inputs = self.comparison.inputs
        labelled = budget.feature in payers_of_labels(inputs.source.labels, inputs.policy)
        return None if labelled and budget.feature not in inputs.tests_by_feature else {budget.feature}

    def tests_of(self, budget: Budget) -> set[str]:
        """Return the tests of this run that are the holder's."""
        return self.comparison.tests_of(self.features_of(budget))

    def trend_of(self, budget: Budget) -> tuple[float, ...]:
        """Return the reference joules of the holder's tests in the last runs of the default branch, and in this run.

        Tests count for their own feature, whoever pays for a run, as in what the holder used in this run.
        """
        return tuple(sum_of(joules, self.features_of(budget)) for joules in self._trend_j)

    @cached_property
    def _trend_j(self) -> Sequence[Mapping[str, float]]:
        runs = sorted(self.comparison.other_runs, key=lambda run: (parse_time(run.started), run.run))
        return [costs_by_feature(run) for run in (*runs[-TREND_RUNS:], self.comparison.inputs.head)]

    def growth_of(self, budget: Budget) -> Growth:
        """Return how much costlier the holder's tests are than on the base."""
        features, allowed = self.features_of(budget), budget.growth or 0.0
        growth = self.comparison.growth_of(features, budget.growth, self._sigmas_for(budget))
        if growth.per_run_j is not None:
            outside_j = self._share_of_outside(budget) * self._uncompared.more_outside_j
            growth = replace(growth, per_run_j=growth.per_run_j + outside_j)
        if growth.state not in ("no change", "cheaper"):
            return growth
        hidden = broken_tests_text(self.comparison, features, allowed) or self._totals.little_compared_text(features)
        if not hidden and self._uncompared.judge(features, self._share_of_outside(budget), allowed):
            hidden = self._uncompared_text
        hidden = hidden or self._moved_work_text(budget, growth)
        if not hidden:
            return growth
        adds_j = growth.per_run_j if growth.per_run_j and growth.per_run_j > 0 else None  # a saving is not sure
        return replace(
            growth,
            state="could not tell",
            why=hidden,
            change=None,
            low=None,
            high=None,
            smallest=None,
            per_run_j=adds_j,
        )

    def may_excuse(self, budget: Budget, growth: Growth) -> bool:
        """Return whether the holder's growth may excuse a budget or a limit per run that is exceeded.

        Only then is it known what a change adds: all new tests of the holder ran to their end, and the work outside of
        tests took no more than usual, or less more than the tests save.
        """
        tests, matching = self.comparison.inputs.head.tests, self.comparison.matching
        new = matching.new & self.tests_of(budget) if matching else frozenset[str]()
        ended = all(tests[nodeid].outcome in RAN_TO_THEIR_END for nodeid in new if nodeid in tests)
        return ended and not self._adds_outside(budget, growth)

    def totals_like_base(self, budget: Budget, growth: Growth) -> ChangeTotals | None:
        """Return the totals of the holder's tests if the growth is not known, and yet they cost what the base does.

        One run of the base is enough, and any number of tests. All that ran counts, whatever came of it: new tests
        take no more than those that are gone, and neither all tests nor the work outside of tests take more than the
        base's runs do. No test that the base ran to its end, and no new one, stops early here.
        """
        inputs, head, features = self.comparison.inputs, self.comparison.inputs.head, self.features_of(budget)
        measured_in_turns = inputs.pairs is not None and not growth.why.startswith(TOO_SMALL)
        if growth.state not in ("no base", "could not tell") or inputs.missing_parts or measured_in_turns:
            return None
        runs = self.comparison.comparable_runs or self.comparison.other_runs
        runs = [run for run in runs if run.selection == head.selection]
        outside_j = [run.outside_j for run in runs if run.outside_j is not None]
        if not runs or len(outside_j) < len(runs) or head.outside_j is None:
            return None
        matching = match_tests(head, runs[0])
        was = {**matching.comparable, **{nodeid: nodeid for nodeid in matching.changed}}
        for nodeid in _tests_of(head, features):
            ended_before = nodeid not in was or runs[0].tests[was[nodeid]].outcome in RAN_TO_THEIR_END
            if ended_before and head.tests[nodeid].outcome not in RAN_TO_THEIR_END:
                return None
        here_j, *of_base_j = (_sum_j(run, _tests_of(run, features)) for run in (head, *runs))
        new_j = _sum_j(head, _tests_of(head, features) & matching.new)
        gone_j = _sum_j(runs[0], _tests_of(runs[0], features) & matching.gone)
        base_j = median(of_base_j)
        more_outside_j = head.outside_j - _most_of_base(outside_j)
        if new_j > gone_j or here_j > _most_of_base(of_base_j) or more_outside_j > DEFAULT_ALLOWED * base_j:
            return None
        return ChangeTotals(base_j, here_j, len(matching.new), len(matching.gone), 0, new_j, gone_j, 0.0)

    def _adds_outside(self, budget: Budget, growth: Growth) -> bool:
        """Return whether the work outside of tests took more than usual by more than the holder's tests save.

        All of it counts, whoever's tests use it: it is not told for whom it was done.
        """
        more_j = self._uncompared.more_outside_j
        if more_j <= DEFAULT_ALLOWED * growth.totals.base_j:
            return False
        counted_j = self._share_of_outside(budget) * more_j
        return growth.per_run_j is None or growth.per_run_j - counted_j + more_j >= 0

    def _moved_work_text(self, budget: Budget, growth: Growth) -> str:
        """Say that the work outside of tests took more than the tests save that are cheaper; empty if it did not."""
        if growth.state != "cheaper" or not self._adds_outside(budget, growth):
            return ""
        more_j = self._uncompared.more_outside_j
        return (
            f"{MOVED_WORK} took {format_energy(more_j)} of reference energy more than on the base, which is more than "
            "they save"
        )

    @property
    def _uncompared_text(self) -> str:
        """What took more than on the base, as a sentence: the work outside of tests alone, if nothing else can have."""
        more_j = self._uncompared.more_outside_j
        if self._uncompared.has_other_tests or not more_j:
            return UNCOMPARED
        return f"{OUTSIDE} took {format_energy(more_j)} of reference energy more than on the base"

    def _share_of_outside(self, budget: Budget) -> float:
        """Return the holder's share of the work outside of tests: what it pays here, or its part on the base."""
        features, sizes_j = self.features_of(budget), self.comparison.sizes_on_base
        if features is None:
            return 1.0
        whole_j = math.fsum(joules for _, joules in sizes_j.values())
        own_j = math.fsum(joules for name, (_, joules) in sizes_j.items() if name in features)
        return max(share_of(budget, self.comparison.inputs.own_entry), own_j / whole_j if whole_j else 0.0)

    def total_of(self, budget: Budget, growth: Growth) -> TotalFinding | None:
        """Return what the total of the holder says, if its growth is not known or not confirmed."""
        if growth.state not in ("could not tell", "suspicious"):
            return None
        features, allowed = self.features_of(budget), budget.growth or 0.0
        if growth.why.startswith(TOO_SMALL):
            return self._totals.judge_small(features, allowed)
        total = self._totals.judge(features, allowed)
        if total is not None and total.surely:
            return total
        share, in_doubt = self._share_of_outside(budget), not growth.why.startswith((UNCOMPARED, OUTSIDE))
        return self._uncompared.judge(features, share, allowed, in_doubt=in_doubt) or total

    @cached_property
    def _totals(self) -> MeasuredTotals:
        return MeasuredTotals(self.comparison)

    @cached_property
    def _uncompared(self) -> UncomparedWork:
        return UncomparedWork.of_comparison(self.comparison)

    def why_not_judged(self, growth: Growth) -> str:
        """Return in few words why there is no answer on growth, or a blind one; empty if there is an answer."""
        comparison = self.comparison
        if growth.change is not None:
            return TOO_NOISY_WORDS if growth.is_blind else ""
        if growth.why.startswith(TOO_SMALL):
            return TOO_SMALL_WORDS
        if growth.why != comparison.why_no_base:
            return "new" if growth.state == "no base" else "not clear"
        if comparison.inputs.missing_parts:
            return "parts are missing"
        if comparison.lost_runs is not None:
            return "the base is lost"
        if comparison.environment_differences:
            return "other environment"
        return BEGINNING_WORDS[1 if comparison.other_runs else 0]

    def is_clear(self, budget: Budget) -> bool:
        """Return whether more runs would not change the answer of the holder's growth rule; true without a rule."""
        if budget.growth is None:
            return True
        return self.comparison.growth_is_clear(self.features_of(budget), budget.growth, self._sigmas_for(budget))

    def _sigmas_for(self, budget: Budget) -> float:
        return sigmas_needed() if _is_repository(budget) else self._sigmas_below_repository

    @cached_property
    def _sigmas_below_repository(self) -> float:
        """Return how many sigmas the growth of a feature or team must reach: more sigmas if more of them are judged."""
        inputs = self.comparison.inputs
        judged = [b for b in inputs.policy.budgets if b.growth is not None and not _is_repository(b)]
        return sigmas_needed(sum(not self.comparison.too_small_text(self.features_of(b)) for b in judged))


def _most_of_base(joules: Sequence[float]) -> float:
    """Return what a run may take that costs no more than these runs of the base: the largest, within two bounds.

    A single run is noisy, so 5 % above their median is no more, and 25 % above is, whatever one costly run took.
    """
    usual_j = median(joules)
    return min(max(*joules, usual_j * (1 + DEFAULT_ALLOWED)), usual_j * (1 + UNMATCHED_MARGIN))


def _tests_of(run: RunMeasurements, features: Collection[str] | None) -> set[str]:
    return {nodeid for nodeid in run.tests if features is None or run.features.get(nodeid, UNATTRIBUTED) in features}


def _sum_j(run: RunMeasurements, nodeids: Collection[str]) -> float:
    return math.fsum(run.tests[nodeid].reference_j for nodeid in nodeids)


def _is_repository(budget: Budget) -> bool:
    return budget.feature is None and budget.team is None


def unclear_tests(inputs: VerdictInputs) -> dict[str, set[str]]:
    """Return by holder the tests whose growth rule this run alone could not clear: they must be measured in turns."""
    growth = HolderGrowth(BaselineComparison(replace(inputs, pairs=None)))
    unclear = {holder_name(b): growth.tests_of(b) for b in inputs.policy.budgets if not growth.is_clear(b)}
    return {name: tests for name, tests in unclear.items() if tests}


def pairs_are_enough(inputs: VerdictInputs) -> bool:
    """Return whether the pairs make every growth rule clear, so that no more pairs are needed."""
    growth = HolderGrowth(BaselineComparison(inputs))
    return all(growth.is_clear(budget) for budget in inputs.policy.budgets)
