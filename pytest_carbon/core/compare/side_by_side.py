"""Two sides compared without a policy: two runs, two commits, or pairs measured in turns."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from pytest_carbon.core.compare.clean_costs import usual_cost
from pytest_carbon.core.compare.estimate import sigmas_needed
from pytest_carbon.core.compare.growth_rule import (
    DEFAULT_ALLOWED,
    TOO_SMALL,
    GrowthFinding,
    GrowthRule,
    confirmed,
    large_enough,
    screened,
)
from pytest_carbon.core.compare.match_tests import Matching, match
from pytest_carbon.core.compare.screen import Screen
from pytest_carbon.core.compare.test_changes import changes_of, differing_fields, total_changes
from pytest_carbon.core.report.ledger_records import parse_time
from pytest_carbon.core.report.paired_runs import PairedRuns
from pytest_carbon.core.report.run_measurements import RunMeasurements
from pytest_carbon.core.verdict.verdict import ChangeTotals, TestChange

WHOLE = "all tests"
Find = Callable[[Collection[str], GrowthRule], GrowthFinding]


@dataclass(frozen=True, slots=True)
class GroupComparison:
    """All tests, or a feature's: what the same ones cost more, and reference joules a run of the others."""

    name: str
    tests: int
    totals: ChangeTotals
    finding: GrowthFinding


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison. ``differs`` are the fields of the environment that differ: then nothing can be said of growth."""

    base: str
    head: str
    runs: tuple[int, int]
    parts: tuple[GroupComparison, ...]
    tests: tuple[TestChange, ...]
    differs: tuple[str, ...]
    notes: tuple[str, ...]


def compare(base: Sequence[RunMeasurements], head: Sequence[RunMeasurements]) -> Comparison:
    """Compare the newest run of the head with the runs of the base."""
    ours = max(head, key=lambda run: parse_time(run.started))
    newest = max(base, key=lambda run: parse_time(run.started))
    matching = match(ours, newest)
    differs = sorted({field for run in base for field in differing_fields(run, ours)})
    screen = Screen(ours, base, matching.comparable)

    def find(nodeids: Collection[str], rule: GrowthRule) -> GrowthFinding:
        return screened(screen.estimate(nodeids), rule)

    names = (_name(newest), _name(ours))
    return _two_sides(names, base, [ours], matching, differs, find, ())


def compare_pairs(pairs: PairedRuns) -> Comparison:
    """Compare base and head that were measured in turns."""
    base, head = pairs.measurements_of("base"), pairs.measurements_of("head")
    if not base:
        return Comparison(pairs.base, pairs.head, (0, 0), (), (), (), (*pairs.gaps, pairs.stop_reason))
    matching = match(head[0], base[0])
    differs = sorted({f for one, two in zip(base, head, strict=True) for f in differing_fields(one, two)})

    def find(nodeids: Collection[str], rule: GrowthRule) -> GrowthFinding:
        return confirmed(base, head, matching.comparable, nodeids, rule, most=len(base), first=len(base))

    return _two_sides((pairs.base, pairs.head), base, head, matching, differs, find, (*pairs.gaps, pairs.stop_reason))


def _name(run: RunMeasurements) -> str:
    return run.commit[:12] if run.commit else run.run


def _two_sides(
    names: tuple[str, str],
    base: Sequence[RunMeasurements],
    head: Sequence[RunMeasurements],
    matching: Matching,
    differs: Sequence[str],
    find: Find,
    notes: Sequence[str],
) -> Comparison:
    tests = changes_of(matching, base, head, usual_cost(base))
    features: dict[str, list[TestChange]] = {}
    for test in tests:
        if test.feature is not None:
            features.setdefault(test.feature, []).append(test)
    rule = GrowthRule(DEFAULT_ALLOWED, sigmas_needed(sum(map(_large, features.values()))))
    parts = [_part(WHOLE, tests, _finding(tests, differs, find, GrowthRule(DEFAULT_ALLOWED, sigmas_needed())))]
    for name, own in sorted(features.items()):
        small = GrowthFinding("could not tell", "none", why=TOO_SMALL)
        parts.append(_part(name, own, _finding(own, differs, find, rule) if _large(own) else small))
    ordered = sorted(tests, key=lambda t: (-abs(t.difference_j), t.nodeid))
    runs = (len(base), len(head))
    return Comparison(*names, runs, tuple(parts), tuple(ordered), tuple(differs), tuple(notes))


def _finding(own: Sequence[TestChange], differs: Sequence[str], find: Find, rule: GrowthRule) -> GrowthFinding:
    if differs:
        return GrowthFinding("could not tell", "none", why=f"the environments differ: {', '.join(differs)}")
    same = {test.nodeid for test in own if test.kind in ("same", "renamed")}
    return (
        find(same, rule) if same else GrowthFinding("could not tell", "none", why="no test is the same on both sides")
    )


def _large(tests: Sequence[TestChange]) -> bool:
    here = [test.head_j for test in tests if test.head_j is not None]
    return large_enough(len(here), math.fsum(here))


def _part(name: str, tests: Sequence[TestChange], finding: GrowthFinding) -> GroupComparison:
    here = sum(test.head_j is not None for test in tests)
    return GroupComparison(name, here, total_changes(tests), finding)
