"""Costs that the same tests do not show: of tests without a match or with other code, and of work outside of tests."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from statistics import median
from typing import NamedTuple

from pytest_carbon.core.compare.clean_costs import RAN_TO_THEIR_END, costs_by_feature
from pytest_carbon.core.compare.growth_rule import DEFAULT_ALLOWED, LARGE_J, LEAST_BASELINE
from pytest_carbon.core.compare.match_tests import match_tests
from pytest_carbon.core.judge.baseline_comparison import BaselineComparison
from pytest_carbon.core.judge.ran_tests import sum_of
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.percentages import percent_text
from pytest_carbon.core.quantities import format_energy
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.core.verdict.wording import count_text

LEAST_MATCHED = 0.5
"""The same tests speak for a holder if they take this share of its cost on the base."""
UNMATCHED_MARGIN, DOUBTFUL_MARGIN = 0.25, 1.0
"""A total may be so much above the costliest run of the base before it fails: a single run is noisy by some per cent.
On a slowed machine, on another machine or with other versions the same tests cost more, but not twice as much."""


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
        matched = sum_of(self._matched_j[1], features) >= LEAST_MATCHED * sum_of(self._all_j[1], features)
        total, *of_base = (sum_of(joules, features) for joules in (self._matched_j if matched else self._all_j))
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

    def judge_small(self, features: Collection[str] | None, allowed: float) -> TotalFinding | None:
        """Compare the total of a holder that is too small to be judged by its tests: only what no noise explains."""
        total, *of_base = (sum_of(joules, features) for joules in self._all_j)
        if not of_base or total - max(of_base) <= LARGE_J:
            return None
        finding = self.judge(features, max(allowed, DOUBTFUL_MARGIN))
        return finding if finding is not None and finding.surely else None

    def little_compared_text(self, features: Collection[str] | None) -> str:
        """Say that the same tests are too small a part of a holder to speak for it; empty if they are large enough."""
        whole, compared = (sum_of(joules, features) for joules in self._usual_j)
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
        return costs_by_feature(comparison.base_runs[0], usual_j), costs_by_feature(comparison.inputs.head, head)

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


OUTSIDE = "work outside of tests (fixtures, imports)"
UNCOMPARED = "tests with other code or work outside of tests (fixtures, imports) took more than on the base"


class _Named(NamedTuple):
    """A test by what became of it (same, changed, new or gone), with its features here and on the base.

    ``nodeid`` is its name in the runs of one side. A test that another feature has now counts for both.
    """

    kind: str
    here: str
    before: str
    nodeid: str


_ByKind = Mapping[tuple[str, str, str], float]
"""Amounts by kind, feature here and feature on the base."""


@dataclass(frozen=True)
class UncomparedWork:
    """What a comparison of the same tests leaves out: tests with other code, and work outside of tests.

    Work outside of tests is that of wide fixtures and of collection, with all imports, where the base's runs know it.
    New tests and their fixtures are no growth, but as many as are gone may do the work of those. ``features`` names the
    features whose tests are meant; None means all. ``share`` is the holder's share of the work outside of tests.
    """

    comparison: BaselineComparison
    base: Sequence[RunMeasurements]
    head: Sequence[RunMeasurements]

    @classmethod
    def of_comparison(cls, comparison: BaselineComparison) -> UncomparedWork:
        """Return the work of this run beside the comparable runs, or without those of the two sides of the pairs."""
        if comparison.why_no_base:
            return cls(comparison, *comparison.paired_runs)
        selection = comparison.inputs.head.selection
        return cls(
            comparison,
            [run for run in comparison.comparable_runs if run.selection in ((), selection)],
            [comparison.inputs.head],
        )

    def judge(
        self, features: Collection[str] | None, share: float, allowed: float, *, in_doubt: bool = False
    ) -> TotalFinding | None:
        """Compare the whole cost of a holder, without what new tests add, with the costliest run of the base.

        Return None if it is not above by more than a margin, and for a holder without tests there. If the same tests
        took more, the rest may have, too. With ``in_doubt``, noise hides more.
        """
        on_base = any(features is None or name in features for name in self.comparison.sizes_on_base)
        has_work = self.has_other_tests or self.more_outside_j
        if len(self.base) < LEAST_BASELINE or not self.head or not on_base or not has_work:
            return None
        share = share if self._outside_known else 0.0
        before, after = ([self._totals_j(run, own, features, share) for run, own in side] for side in self._sums)
        same_j, largest = max(same for same, _ in before), max(map(sum, before))
        slower = max(1.0, min(same for same, _ in after) / same_j) if same_j else 1.0
        total = min(map(sum, after))
        margin = max(allowed, DOUBTFUL_MARGIN if in_doubt else UNMATCHED_MARGIN)
        if not 0 < largest * (1 + margin) < total / slower:
            return None
        noise = percent_text(slower * (1 + margin) - 1)
        return TotalFinding(
            f"in all, it took {format_energy(total)} of reference energy, and at most {format_energy(largest)} in "
            f"{count_text(len(self.base), 'run')} of {self.comparison.inputs.default_branch} "
            f"({percent_text(total / largest - 1)} more); up to {noise} more may be noise",
            surely=True,
        )

    @cached_property
    def more_outside_j(self) -> float:
        """How much more than usual the work outside of tests took; 0 within the margin, and if not known."""
        if not self._outside_known:
            return 0.0
        before, after = ([run.outside_j or 0.0 for run in runs] for runs in (self.base, self.head))
        here, usual = median(after), median(before)
        least_j = DEFAULT_ALLOWED * math.fsum(joules for _, joules in self.comparison.sizes_on_base.values())
        return here - usual if here > max(before) * (1 + UNMATCHED_MARGIN) and here - usual > least_j else 0.0

    @cached_property
    def _outside_known(self) -> bool:
        known = all(run.outside_j is not None for run in (*self.base, *self.head))
        return known and len(self.base) >= LEAST_BASELINE and bool(self.head)

    @property
    def has_other_tests(self) -> bool:
        """Whether tests have other code, or some are new where others are gone."""
        matching = self.comparison.matching
        return matching is not None and bool(matching.changed or (matching.new and matching.gone))

    def _totals_j(
        self, run: RunMeasurements, joules: _ByKind, features: Collection[str] | None, share: float
    ) -> tuple[float, float]:
        """Return what a run took in the same tests, and in all else: of new and gone tests, as many as are both."""
        sides = [[n for n, own in side if features is None or own in features] for side in self._new_or_gone]
        costs_j = sorted((run.tests[n].reference_j for n in chain(*sides) if n in run.tests), reverse=True)
        of_new_j = self._outside_of_new_j if run is self.comparison.inputs.head else 0.0
        other_j = _sum_kind(joules, "changed", features) + share * ((run.outside_j or 0.0) - of_new_j)
        return _sum_kind(joules, "same", features), other_j + math.fsum(costs_j[: min(map(len, sides))])

    @cached_property
    def _tests(self) -> tuple[Sequence[_Named], Sequence[_Named]]:
        """The tests in runs of the head and of the base. A test that never ran to its end on the base has no cost."""
        comparison, matching = self.comparison, self.comparison.matching
        if matching is None:
            return [], []
        of_head, of_base = self.head[0].features, self.base[0].features
        now, was = list[_Named](), list[_Named]()
        for nodeid, name in comparison.base_names.items():
            if name in comparison.usual_j:
                kind = "changed" if nodeid in matching.changed else "same"
                features = of_head.get(nodeid, UNATTRIBUTED), of_base.get(name, UNATTRIBUTED)
                now.append(_Named(kind, *features, nodeid))
                was.append(_Named(kind, *features, name))
        for tests, features_of, kind, nodeids in (
            (now, of_head, "new", matching.new),
            (was, of_base, "gone", matching.gone & comparison.usual_j.keys()),
        ):
            own = ((features_of.get(nodeid, UNATTRIBUTED), nodeid) for nodeid in nodeids)
            tests += [_Named(kind, feature, feature, nodeid) for feature, nodeid in own]
        return now, was

    @cached_property
    def _new_or_gone(self) -> Sequence[Sequence[tuple[str, str]]]:
        return [[(test.nodeid, test.here) for test in side if test.kind in ("new", "gone")] for side in self._tests]

    @cached_property
    def _sums(self) -> tuple[Sequence[tuple[RunMeasurements, _ByKind]], Sequence[tuple[RunMeasurements, _ByKind]]]:
        """The runs of base and head, each with what its tests took."""
        now, was = self._tests
        of_base = [(run, _sums_by_kind(run, was)) for run in self.base]
        return of_base, [(run, _sums_by_kind(run, now)) for run in self.head]

    @cached_property
    def _outside_of_new_j(self) -> float:
        """What wide fixtures took here for new tests, but for those that replace tests that are gone.

        If there are new files, their imports are likely to be all that collection took more than on the base.
        """
        matching, rows = self.comparison.matching, self.comparison.inputs.report.rows
        if matching is None or len(matching.new) <= len(matching.gone):
            return 0.0
        new_files = _files(matching.new) - _files(self.base[0].tests)
        collection_j = math.fsum(row.reference_j for row in rows if row.kind == "collection")
        imports_j = max(0.0, collection_j - max(run.outside_j or 0.0 for run in self.base)) if new_files else 0.0
        fixtures = [(row.energy_j or 0.0, row.reference_j) for row in rows if row.kind == "fixture"]
        shared_j = math.fsum(
            row.amortised_j - row.energy_j
            for row in rows
            if row.nodeid in matching.new and row.amortised_j is not None and row.energy_j is not None
        )
        whole_j = math.fsum(energy_j for energy_j, _ in fixtures)
        for_new = min(1.0, shared_j / whole_j) * (1 - len(matching.gone) / len(matching.new)) if whole_j else 0.0
        return imports_j + for_new * math.fsum(reference_j for _, reference_j in fixtures)


def _files(nodeids: Iterable[str]) -> set[str]:
    return {nodeid.partition("::")[0] for nodeid in nodeids}


def _sums_by_kind(run: RunMeasurements, tests: Iterable[_Named]) -> _ByKind:
    joules: dict[tuple[str, str, str], float] = {}
    for kind, here, before, nodeid in tests:
        if nodeid in run.tests:
            key = kind, here, before
            joules[key] = joules.get(key, 0.0) + run.tests[nodeid].reference_j
    return joules


def _sum_kind(amounts: _ByKind, kind: str, features: Collection[str] | None) -> float:
    return math.fsum(
        amount
        for (own, here, before), amount in amounts.items()
        if own == kind and (features is None or here in features or before in features)
    )


def _by_feature(run: RunMeasurements, names: Collection[str]) -> Mapping[str, float]:
    return costs_by_feature(run, {n: test.reference_j for n, test in run.tests.items() if n in names})
