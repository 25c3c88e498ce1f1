"""This run compared with its base: which runs are the base, what became of each test, and how much costlier tests got.

The base is either the last baseline runs in the same environment (``choose_baseline``), or the base side of pairs that
were measured in turns with this change.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from pytest_carbon.core.compare.changes_per_test import (
    changes_per_test,
    differing_fields,
    most_notable,
    total_changes,
    with_pairs,
)
from pytest_carbon.core.compare.clean_costs import LEAST_RUNS, costs_at_end, is_new, median_costs, sizes_by_feature
from pytest_carbon.core.compare.concentrated_growth import SameTests, find_concentrated_growth
from pytest_carbon.core.compare.growth_rule import (
    DEFAULT_ALLOWED,
    LEAST_BASELINE,
    TOO_SMALL,
    GrowthFinding,
    GrowthRule,
    is_large_enough,
    judge_pairs,
    judge_screen,
    name_noisy,
)
from pytest_carbon.core.compare.match_tests import Matching, match_tests, tests_moved_from
from pytest_carbon.core.compare.noise.noisy_tests import NoisyTests
from pytest_carbon.core.compare.screen_against_baseline import Screen
from pytest_carbon.core.evidence.pair_doubts import doubt_of_pairs
from pytest_carbon.core.judge.lost_base import find_lost_base, too_few_runs_text
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs, choose_baseline
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.quantities import format_energy
from pytest_carbon.core.records.ledger_records import parse_time
from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.records.paired_runs import fingerprint_differences
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.core.verdict.verdict import Base, Growth, TestChange


@dataclass(frozen=True)
class BaselineComparison:
    """The comparison of a run with its base, prepared once and asked for every holder.

    A parameter ``features`` names the features whose tests are meant; None means all tests.
    """

    inputs: VerdictInputs

    @cached_property
    def comparable_runs(self) -> tuple[RunMeasurements, ...]:
        """The baseline runs that this run is compared with, the newest first."""
        return choose_baseline(self.inputs.baseline, self.inputs.head)

    @cached_property
    def other_runs(self) -> list[RunMeasurements]:
        """The baseline without this run itself."""
        return [run for run in self.inputs.baseline if run.run != self.inputs.head.run]

    @cached_property
    def why_no_base(self) -> str:
        """The reason why there is no baseline, as a sentence; empty with a baseline."""
        if self.inputs.missing_parts:
            return self.inputs.missing_parts_text
        comparable, others = len(self.comparable_runs), len(self.other_runs)
        if comparable >= LEAST_BASELINE:
            return ""
        if self.lost_runs is not None:
            return self.lost_runs.seen
        return too_few_runs_text(self.inputs, comparable, others, self.environment_differences)

    @cached_property
    def lost_runs(self) -> LostRuns | None:
        """What shows that the ledger has lost runs; None for a whole ledger and for a beginning."""
        return find_lost_base(self.inputs, has_base=len(self.comparable_runs) >= LEAST_BASELINE)

    @property
    def is_beginning(self) -> bool:
        """Whether the ledger is still too young to compare with, and has lost nothing."""
        unknown = self.lost_runs or self.environment_differences or self.inputs.missing_parts
        return bool(self.why_no_base) and not unknown

    @cached_property
    def environment_differences(self) -> list[str]:
        """The fields in which the baseline's environments differ from this run's.

        Empty unless the baseline has enough runs and too few of them are comparable.
        """
        if len(self.other_runs) < LEAST_BASELINE or len(self.comparable_runs) >= LEAST_BASELINE:
            return []
        return sorted({field for run in self.other_runs for field in differing_fields(run, self.inputs.head)})

    @cached_property
    def paired_runs(self) -> tuple[list[RunMeasurements], list[RunMeasurements]]:
        """The paired runs of base and of head; none if the two sides were measured in different environments."""
        pairs = self.inputs.pairs
        if pairs is None or fingerprint_differences(pairs) or self.inputs.missing_parts:
            return [], []
        return pairs.measurements_of("base"), pairs.measurements_of("head")

    @cached_property
    def base(self) -> Base | None:
        """The base that this run is compared with; None without one."""
        pairs = self.inputs.pairs
        if self.paired_runs[0] and pairs is not None:
            why = f"measured in turns with this change on one machine, {len(self.paired_runs[0])} times each"
            return Base(self.inputs.default_branch, pairs.base, len(self.paired_runs[0]), None, why)
        if self.why_no_base:
            return None
        newest = self.comparable_runs[0]
        age_s = max(0.0, (self.inputs.now - parse_time(newest.started)).total_seconds())
        why = f"the last {len(self.comparable_runs)} runs of {self.inputs.default_branch} in the same environment"
        return Base(self.inputs.default_branch, newest.commit, len(self.comparable_runs), age_s, why)

    @cached_property
    def matching(self) -> Matching | None:
        """Which tests of the two sides are the same, new or gone; None without a base."""
        if not self.why_no_base:
            return match_tests(self.inputs.head, self.comparable_runs[0])
        base, head = self.paired_runs
        return match_tests(head[0], base[0]) if base and head else None

    @cached_property
    def base_names(self) -> Mapping[str, str]:
        """The nodeid on the base of every test of this run that is on both sides, also of one with other code."""
        matching = self.matching or Matching()
        return {**matching.comparable, **{nodeid: nodeid for nodeid in matching.changed}}

    @cached_property
    def screen(self) -> Screen | None:
        """The first stage: this one run against the comparable runs; None without enough of them."""
        if self.why_no_base or self.matching is None:
            return None
        return Screen(self.inputs.head, self.comparable_runs, self.matching.comparable, self.usual_j)

    @cached_property
    def noisy(self) -> NoisyTests:
        """The tests of this run that are set aside, because they vary too much by themselves on the base."""
        return self.screen.without_noisy(self.inputs.head.tests)[1] if self.screen else NoisyTests()

    @cached_property
    def _same_tests(self) -> tuple[SameTests, SameTests]:
        """The tests that are the same in the base's runs and this run, and on both sides of the pairs."""
        matched = self.matching.comparable if self.matching else {}
        base, head = self.paired_runs
        pairs = SameTests.of_runs(base, head, match_tests(head[0], base[0]).comparable if head else {})
        return SameTests(self.costs_at_end, len(self.base_runs), [self.inputs.head], matched), pairs

    @cached_property
    def costs_at_end(self) -> dict[str, list[float]]:
        """The reference joules of every test of the base in each of the runs in which it ran to its end."""
        return costs_at_end(self.base_runs)

    @cached_property
    def usual_j(self) -> dict[str, float]:
        """The usual reference joules of every test of the base."""
        return median_costs(self.costs_at_end)

    @property
    def base_runs(self) -> Sequence[RunMeasurements]:
        """The runs of the base whose tests are compared: the comparable runs, or without them those of the pairs."""
        return self.paired_runs[0] if self.why_no_base else self.comparable_runs

    def tests_of(self, features: Collection[str] | None) -> set[str]:
        """Return the tests of this run that belong to the features, or did so on the base: no marker hides a test."""
        if features is None:
            return set(self.inputs.head.tests)
        by_feature = (self.inputs.tests_by_feature, self._moved_tests)
        return set().union(*(tests.get(feature, set()) for tests in by_feature for feature in features))

    @cached_property
    def _moved_tests(self) -> Mapping[str, set[str]]:
        return tests_moved_from(self.inputs.head, self.base_runs[0], self.base_names) if self.base_names else {}

    def growth_is_clear(self, features: Collection[str] | None, allowed: float, sigmas: float) -> bool:
        """Return whether more runs would not change the answer for these tests."""
        return bool(self.too_small_text(features)) or self._finding(features, GrowthRule(allowed, sigmas)).clear

    def too_small_text(self, features: Collection[str] | None) -> str:
        """Say that tests are too small to be judged by themselves, with their size; empty if they are large enough.

        They are large enough if they were so on the base: a change cannot make them small to escape.
        """
        nodeids = set() if features is None else self.tests_of(features)
        size_j = math.fsum(self.inputs.head.tests[n].reference_j for n in nodeids)
        before = [self.sizes_on_base[name] for name in features or () if name in self.sizes_on_base and nodeids]
        large_before = is_large_enough(sum(tests for tests, _ in before), math.fsum(joules for _, joules in before))
        if features is None or large_before or is_large_enough(len(nodeids), size_j):
            return ""
        return f"{TOO_SMALL} ({len(nodeids)} tests, {format_energy(size_j)} of reference energy)"

    @cached_property
    def sizes_on_base(self) -> Mapping[str, tuple[int, float]]:
        """The number of tests of each feature on the base, and their usual reference joules."""
        return sizes_by_feature(self.base_runs[0], self.usual_j) if self.base_runs else {}

    def growth_of(self, features: Collection[str] | None, allowed: float | None, sigmas: float) -> Growth:
        """Return how much costlier the tests are than on the base."""
        rule = GrowthRule(allowed if allowed is not None else DEFAULT_ALLOWED, sigmas)
        finding = self._finding(features, rule)
        tests = self._changes_in(features)
        totals = total_changes(tests)
        same_j = math.fsum(t.base_j or 0.0 for t in tests if t.kind in ("same", "renamed"))
        sure = finding.state in ("costlier", "cheaper") and finding.change is not None
        per_run_j = (finding.change or 0.0) * same_j * sure + totals.new_j - totals.gone_j + totals.changed_j
        return Growth(
            state=finding.state,
            stage=finding.stage,
            change=finding.change,
            low=finding.low,
            high=finding.high,
            smallest=finding.smallest,
            allowed=allowed,
            coverage=finding.coverage,
            tests=finding.tests,
            totals=totals,
            per_run_j=None if self.matching is None else per_run_j,
            why=finding.why,
        )

    def _spoiled(self, nodeids: set[str]) -> str:
        """Say how a side misbehaved while these tests were measured in turns; empty if none did."""
        pairs = self.inputs.pairs
        if pairs is None or not (nodeids & set(pairs.selected_tests) or not pairs.selected_tests):
            return ""
        return pairs.spoiled

    def _finding(self, features: Collection[str] | None, rule: GrowthRule) -> GrowthFinding:
        nodeids = self.tests_of(features)
        spoiled = self._spoiled(nodeids)
        if spoiled:
            return GrowthFinding("could not tell", "none", why=spoiled)
        matching = self.matching
        if matching is None:
            unknown = not self.is_beginning
            return GrowthFinding("could not tell" if unknown else "no base", "none", why=self.why_no_base)
        if small := self.too_small_text(features):
            return GrowthFinding("could not tell", "none", why=small)
        names = (self.base_names[n] for n in nodeids if n in self.base_names)
        if features and not self.why_no_base and is_new(features, names, self.base_runs, self.costs_at_end):
            why = f"its tests are in fewer than {LEAST_RUNS} runs of {self.inputs.default_branch}"
            return GrowthFinding("no base", "none", why=why, clear=True)
        same, pairs = self._same_tests
        in_turns: GrowthFinding | None = None
        if measured := nodeids & pairs.matched.keys():
            judged, noisy = self.screen.without_noisy(measured) if self.screen else (measured, NoisyTests())
            finding = name_noisy(judge_pairs(*self.paired_runs, pairs.matched, judged, rule), noisy)
            finding = find_concentrated_growth(finding, pairs, rule, measured)
            if finding.state in ("no change", "cheaper"):
                known = () if self.why_no_base else self.comparable_runs
                doubt = doubt_of_pairs(self.inputs.head, known, pairs.head, pairs.matched, measured)
                return replace(finding, state="could not tell", why=doubt) if doubt else finding
            if finding.state != "could not tell" or self.screen is None:
                return finding
            in_turns = replace(finding, why=f"base and head were measured in turns, and {finding.why}")
        if self.screen is None:
            return GrowthFinding(
                "could not tell", "none", why=self.why_no_base or "the pairs did not measure these tests"
            )
        judged, noisy = self.screen.without_noisy(nodeids)
        finding = name_noisy(judge_screen(self.screen.estimate(judged), rule), noisy)
        finding = find_concentrated_growth(finding, same, rule, nodeids)
        return in_turns if in_turns and finding.state == "suspicious" else finding  # one run asks for what is done

    def _changes_in(self, features: Collection[str] | None) -> Sequence[TestChange]:
        if features is None:
            return self.test_changes
        return [test for feature in features for test in self._changes_by_feature.get(feature, ())]

    @cached_property
    def _changes_by_feature(self) -> Mapping[str, list[TestChange]]:
        out: dict[str, list[TestChange]] = {}
        for test in self.test_changes:
            out.setdefault(test.feature or UNATTRIBUTED, []).append(test)
        return out

    @cached_property
    def test_changes(self) -> list[TestChange]:
        """Every test of the two sides, with its change."""
        if self.matching is None:
            return []
        head = self.paired_runs[1] if self.why_no_base else [self.inputs.head]
        return changes_per_test(self.matching, self.base_runs, head, self.usual_j)

    def notable_tests(self, features: Collection[str]) -> tuple[TestChange, ...]:
        """Return at most 200 tests that are ``most_notable``; what was measured in turns counts, not this one run."""
        tests, (base, head) = self.test_changes, self.paired_runs
        if head:
            tests = with_pairs(tests, base, head, self._same_tests[1].matched)
        return most_notable(tests, features, {*self.noisy.names})
