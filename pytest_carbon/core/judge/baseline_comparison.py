"""This run against its base: which runs that is, what became of every test, and how each holder has grown."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

from pytest_carbon.core.compare.cost_change import Screen, usual_cost
from pytest_carbon.core.compare.growth_rule import (
    DEFAULT_ALLOWED,
    LEAST_BASELINE,
    TOO_SMALL,
    Finding,
    Rule,
    confirmed,
    large_enough,
    screened,
)
from pytest_carbon.core.compare.match_tests import Matching, match
from pytest_carbon.core.compare.test_changes import changes_of, differing_fields, tally
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.quantities import format_energy
from pytest_carbon.core.report.ledger_records import moment, place_digest
from pytest_carbon.core.report.paired_runs import differing
from pytest_carbon.core.report.run_measurements import RunMeasurements
from pytest_carbon.core.verdict.verdict import MOST_TESTS, Base, Growth, TestChange
from pytest_carbon.core.verdict.wording import count

ENOUGH_COMPARISONS = 20


@dataclass(frozen=True)
class AgainstBase:
    """A case's comparison, prepared once and asked for every holder."""

    case: VerdictInputs

    @cached_property
    def alike(self) -> tuple[RunMeasurements, ...]:
        """The baseline's runs in this run's environment, newest first; of the same part of the suite, if enough are."""
        own = self.case.head
        alike = [r for r in self.case.baseline if r.fingerprint == own.fingerprint and r.run != own.run]
        same = [run for run in alike if run.selection == own.selection]
        return tuple(
            sorted(
                same if len(same) >= LEAST_BASELINE else alike,
                key=lambda run: (moment(run.started), run.run),
                reverse=True,
            )
        )

    @cached_property
    def why_not(self) -> str:
        """Say why the base cannot be compared with; empty if it can."""
        case = self.case
        if case.missing:
            return case.incomplete
        if len(self.alike) >= LEAST_BASELINE:
            return ""
        others = [run for run in case.baseline if run.run != case.head.run]
        if not others:
            return f"no run of {case.branch} is in the ledger yet"
        if self.elsewhere:
            return f"the runs of {case.branch} are from another environment, different in {', '.join(self.elsewhere)}"
        runs = count(len(self.alike), "run")
        return f"{case.branch} has {runs} like this one in the ledger, and {LEAST_BASELINE} are needed"

    @cached_property
    def elsewhere(self) -> list[str]:
        """The fields in which the base's environment differs, where that is why too few of its runs are alike."""
        others = [run for run in self.case.baseline if run.run != self.case.head.run]
        if len(others) < LEAST_BASELINE or len(self.alike) >= LEAST_BASELINE:
            return []
        return sorted({field for run in others for field in differing_fields(run, self.case.head)})

    @cached_property
    def paired(self) -> tuple[list[RunMeasurements], list[RunMeasurements]]:
        """The pairs' runs of base and of head; none where both sides were not measured alike."""
        pairs = self.case.pairs
        if pairs is None or differing(pairs) or self.case.missing:
            return [], []
        return pairs.figures_of("base"), pairs.figures_of("head")

    @cached_property
    def _matched_pairs(self) -> dict[str, str]:
        base, head = self.paired
        return match(head[0], base[0]).comparable if head else {}

    @cached_property
    def base(self) -> Base | None:
        """What this run is compared with; None if with nothing."""
        pairs = self.case.pairs
        if self.paired[0] and pairs is not None:
            why = f"measured in turns with this change on one machine, {len(self.paired[0])} times each"
            return Base(self.case.branch, pairs.base, len(self.paired[0]), None, why)
        if self.why_not:
            return None
        newest = self.alike[0]
        age_s = max(0.0, (self.case.now - moment(newest.started)).total_seconds())
        why = f"the last {len(self.alike)} runs of {self.case.branch} in the same environment"
        return Base(self.case.branch, newest.commit, len(self.alike), age_s, why)

    @cached_property
    def matching(self) -> Matching | None:
        """What became of every test; None without a base."""
        if not self.why_not:
            return match(self.case.head, self.alike[0])
        base, head = self.paired
        return match(head[0], base[0]) if base and head else None

    @cached_property
    def screen(self) -> Screen | None:
        """The first stage; None without enough runs alike."""
        if self.why_not or self.matching is None:
            return None
        return Screen(self.case.head, self.alike, self.matching.comparable, self._usual_j)

    @cached_property
    def _usual_j(self) -> dict[str, float]:
        """What every test of the base takes."""
        return usual_cost(self._base_runs)

    @property
    def _base_runs(self) -> Sequence[RunMeasurements]:
        return self.paired[0] if self.why_not else self.alike

    def tests_of(self, features: Collection[str] | None) -> set[str]:
        """Return this run's tests of some features; None is all tests."""
        if features is None:
            return set(self.case.head.tests)
        return set().union(*(self.case.features.get(feature, set()) for feature in features))

    def cleared(self, features: Collection[str] | None, allowed: float, z: float) -> bool:
        """Return whether more runs would not change what is said of these tests' growth."""
        nodeids = self.tests_of(features)
        small = features is not None and self._too_small(nodeids) is not None
        return small or self._finding(nodeids, Rule(allowed, z), features is None).clear

    def _too_small(self, nodeids: set[str]) -> str | None:
        """Say that a feature's tests are too few to be judged by themselves, and how many; None if they are not."""
        size_j = math.fsum(self.case.head.tests[n].reference_j for n in nodeids)
        if large_enough(len(nodeids), size_j):
            return None
        return f"{TOO_SMALL} ({len(nodeids)} tests, {format_energy(size_j)} of reference energy)"

    def growth(self, features: Collection[str] | None, allowed: float | None, z: float) -> Growth:
        """Return how the tests of some features (None: all tests) have grown against the base."""
        ours = self.tests_of(features)
        finding = self._finding(ours, Rule(allowed if allowed is not None else DEFAULT_ALLOWED, z), features is None)
        tests = self._parts(features)
        summed = tally(tests)
        same_j = math.fsum(t.base_j or 0.0 for t in tests if t.kind in ("same", "renamed"))
        sure = finding.state in ("costlier", "cheaper") and finding.change is not None
        per_run_j = (finding.change or 0.0) * same_j * sure + summed.new_j - summed.gone_j + summed.changed_j
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
            per_run_j=None if self.matching is None else per_run_j,
            why=finding.why,
            **asdict(summed),
        )

    def _finding(self, nodeids: set[str], rule: Rule, whole: bool) -> Finding:
        matching = self.matching
        if matching is None:
            unknown = bool(self.elsewhere or self.case.missing)
            return Finding("could not tell" if unknown else "no base", "none", why=self.why_not)
        small = None if whole else self._too_small(nodeids)
        if small:
            return Finding("could not tell", "none", why=small)
        measured = nodeids & self._matched_pairs.keys()
        if measured:
            found = confirmed(*self.paired, self._matched_pairs, measured, rule)
            if found.state != "could not tell" or self.screen is None:
                return found
        if self.screen is None:
            return Finding("could not tell", "none", why=self.why_not or "the pairs did not measure these tests")
        return screened(self.screen.estimate(nodeids), rule)

    def _parts(self, features: Collection[str] | None) -> Sequence[TestChange]:
        if features is None:
            return self.tests
        return [test for feature in features for test in self._by_feature.get(feature, ())]

    @cached_property
    def _by_feature(self) -> Mapping[str, list[TestChange]]:
        out: dict[str, list[TestChange]] = {}
        for test in self.tests:
            out.setdefault(test.feature or UNATTRIBUTED, []).append(test)
        return out

    @cached_property
    def tests(self) -> list[TestChange]:
        """Every test against the base."""
        if self.matching is None:
            return []
        head = self.paired[1] if self.why_not else [self.case.head]
        return changes_of(self.matching, self._base_runs, head, self._usual_j)

    def listed(self, features: Collection[str]) -> tuple[TestChange, ...]:
        """Return the tests worth naming, by how much they differ.

        Of the same tests these are such as differ by 5 % or more, of features that have changed.
        """

        def worth(test: TestChange) -> bool:
            if test.kind not in ("same", "renamed"):
                return True
            return (test.feature or UNATTRIBUTED) in features and abs(test.change or 0.0) >= DEFAULT_ALLOWED

        named = [test for test in self.tests if worth(test)]
        named.sort(key=lambda t: (-abs(t.difference_j), t.nodeid))
        return tuple(named[:MOST_TESTS])

    @cached_property
    def trusted(self) -> str:
        """Say why growth is only advisory still; empty once enough runs or a self-test stand behind it."""
        if not self.why_not:
            return ""
        own = place_digest(self.case.report.machine.fingerprint)
        for test in self.case.selftests:
            if test.fingerprint == own and test.comparisons >= ENOUGH_COMPARISONS and not test.false_alarms:
                return ""
        return (
            f"growth is advisory until {self.case.branch} has {LEAST_BASELINE} runs like this in the ledger, or "
            "pytest-carbon selftest has passed"
        )
