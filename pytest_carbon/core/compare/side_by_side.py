"""Compare two sides without a policy: two runs, two commits, or pairs measured in turns."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from pytest_carbon.core.compare.changes_per_test import changes_per_test, differing_fields, total_changes
from pytest_carbon.core.compare.clean_costs import usual_cost
from pytest_carbon.core.compare.concentrated_growth import SameTests, find_concentrated_growth
from pytest_carbon.core.compare.estimate import sigmas_needed
from pytest_carbon.core.compare.growth_rule import (
    DEFAULT_ALLOWED,
    TOO_SMALL,
    GrowthFinding,
    GrowthRule,
    is_large_enough,
    judge_pairs,
    judge_screen,
    name_noisy,
)
from pytest_carbon.core.compare.match_tests import Matching, match_tests
from pytest_carbon.core.compare.screen_against_baseline import Screen
from pytest_carbon.core.records.ledger_records import parse_time
from pytest_carbon.core.records.paired_runs import PairedRuns
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.core.verdict.verdict import ChangeTotals, TestChange

ALL_TESTS = "all tests"
_Judge = Callable[[Collection[str], GrowthRule], GrowthFinding]


@dataclass(frozen=True, slots=True)
class GroupComparison:
    """The comparison of all tests or of one feature's tests.

    ``tests`` is the number of tests that passed in the head; ``finding`` is about the tests that both sides have.
    """

    name: str
    tests: int
    totals: ChangeTotals
    finding: GrowthFinding


@dataclass(frozen=True, slots=True)
class Comparison:
    """Base and head compared; ``parts`` are all tests, then every feature.

    ``runs`` is the number of runs of base and of head. ``differs`` names the fields of the environment that differ; if
    there are any, growth cannot be told. ``tests`` is sorted by difference, the largest first.
    """

    base: str
    head: str
    runs: tuple[int, int]
    parts: tuple[GroupComparison, ...]
    tests: tuple[TestChange, ...]
    differs: tuple[str, ...]
    notes: tuple[str, ...]


def compare(base: Sequence[RunMeasurements], head: Sequence[RunMeasurements]) -> Comparison:
    """Compare the newest run of the head with the runs of the base."""
    newest_head = max(head, key=lambda run: parse_time(run.started))
    newest_base = max(base, key=lambda run: parse_time(run.started))
    matching = match_tests(newest_head, newest_base)
    differs = sorted({field for run in base for field in differing_fields(run, newest_head)})
    screen = Screen(newest_head, base, matching.comparable)
    same = SameTests.of_runs(base, [newest_head], matching.comparable)

    def judge(nodeids: Collection[str], rule: GrowthRule) -> GrowthFinding:
        judged, noisy = screen.without_noisy(nodeids)
        finding = name_noisy(judge_screen(screen.estimate(judged), rule), noisy)
        return find_concentrated_growth(finding, same, rule, nodeids)

    names = (_run_name(newest_base), _run_name(newest_head))
    return _comparison(names, base, [newest_head], matching, differs, judge, ())


def compare_pairs(pairs: PairedRuns) -> Comparison:
    """Compare base and head that were measured in turns."""
    base, head = pairs.measurements_of("base"), pairs.measurements_of("head")
    if not base:
        return Comparison(
            pairs.base, pairs.head, (0, 0), (), (), (), tuple(dict.fromkeys((*pairs.gaps, pairs.stop_reason)))
        )
    matching = match_tests(head[0], base[0])
    differs = sorted({field for pair in zip(base, head, strict=True) for field in differing_fields(*pair)})

    same = SameTests.of_runs(base, head, matching.comparable)

    def judge(nodeids: Collection[str], rule: GrowthRule) -> GrowthFinding:
        count = len(base)
        finding = judge_pairs(base, head, matching.comparable, nodeids, rule, most_pairs=count, first_look=count)
        return find_concentrated_growth(finding, same, rule, nodeids)

    return _comparison((pairs.base, pairs.head), base, head, matching, differs, judge, (*pairs.gaps, pairs.stop_reason))


def _run_name(run: RunMeasurements) -> str:
    return run.commit[:12] if run.commit else run.run


def _comparison(
    names: tuple[str, str],
    base: Sequence[RunMeasurements],
    head: Sequence[RunMeasurements],
    matching: Matching,
    differs: Sequence[str],
    judge: _Judge,
    notes: Sequence[str],
) -> Comparison:
    tests = changes_per_test(matching, base, head, usual_cost(base))
    features: dict[str, list[TestChange]] = {}
    for test in tests:
        if test.feature is not None:
            features.setdefault(test.feature, []).append(test)
    rule = GrowthRule(DEFAULT_ALLOWED, sigmas_needed(sum(map(_is_large, features.values()))))
    parts = [_group(ALL_TESTS, tests, _finding(tests, differs, judge, GrowthRule(DEFAULT_ALLOWED, sigmas_needed())))]
    too_small = GrowthFinding("could not tell", "none", why=TOO_SMALL)
    for name, own in sorted(features.items()):
        parts.append(_group(name, own, _finding(own, differs, judge, rule) if _is_large(own) else too_small))
    ordered = sorted(tests, key=lambda t: (-abs(t.difference_j), t.nodeid))
    runs = (len(base), len(head))
    return Comparison(*names, runs, tuple(parts), tuple(ordered), tuple(differs), tuple(notes))


def _finding(tests: Sequence[TestChange], differs: Sequence[str], judge: _Judge, rule: GrowthRule) -> GrowthFinding:
    if differs:
        return GrowthFinding("could not tell", "none", why=f"the environments differ: {', '.join(differs)}")
    same = {test.nodeid for test in tests if test.kind in ("same", "renamed")}
    if not same:
        return GrowthFinding("could not tell", "none", why="no test is the same on both sides")
    return judge(same, rule)


def _is_large(tests: Sequence[TestChange]) -> bool:
    head_j = [test.head_j for test in tests if test.head_j is not None]
    return is_large_enough(len(head_j), math.fsum(head_j))


def _group(name: str, tests: Sequence[TestChange], finding: GrowthFinding) -> GroupComparison:
    in_head = sum(test.head_j is not None for test in tests)
    return GroupComparison(name, in_head, total_changes(tests), finding)
