"""Two sides compared without a policy: two runs, two commits, or pairs measured in turns."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass

from pytest_carbon.core.compare.cost_change import Screen, strictness, usual_cost
from pytest_carbon.core.compare.growth_rule import (
    DEFAULT_ALLOWED,
    TOO_SMALL,
    Finding,
    Rule,
    confirmed,
    large_enough,
    screened,
)
from pytest_carbon.core.compare.match_tests import Matching, match
from pytest_carbon.core.compare.test_changes import changes_of, differing_fields, tally
from pytest_carbon.core.report.ledger_records import moment
from pytest_carbon.core.report.paired_runs import Pairs
from pytest_carbon.core.report.run_measurements import RunMeasurements
from pytest_carbon.core.verdict.verdict import TestChange

WHOLE = "all tests"
Find = Callable[[Collection[str], Rule], Finding]


@dataclass(frozen=True, slots=True)
class Part:
    """All tests, or a feature's: what the same ones cost more, and reference joules a run of the others."""

    name: str
    tests: int
    base_j: float
    head_j: float
    finding: Finding
    new_tests: int
    gone_tests: int
    changed_tests: int
    new_j: float
    gone_j: float
    changed_j: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison. ``differs`` are the fields of the environment that differ: then nothing can be said of growth."""

    base: str
    head: str
    runs: tuple[int, int]
    parts: tuple[Part, ...]
    tests: tuple[TestChange, ...]
    differs: tuple[str, ...]
    notes: tuple[str, ...]


def compare(base: Sequence[RunMeasurements], head: Sequence[RunMeasurements]) -> Comparison:
    """Compare the newest run of the head with the runs of the base."""
    ours = max(head, key=lambda run: moment(run.started))
    newest = max(base, key=lambda run: moment(run.started))
    matching = match(ours, newest)
    differs = sorted({field for run in base for field in differing_fields(run, ours)})
    screen = Screen(ours, base, matching.comparable)

    def find(nodeids: Collection[str], rule: Rule) -> Finding:
        return screened(screen.estimate(nodeids), rule)

    names = (_name(newest), _name(ours))
    return _two_sides(names, base, [ours], matching, differs, find, ())


def compare_pairs(pairs: Pairs) -> Comparison:
    """Compare base and head that were measured in turns."""
    base, head = pairs.figures_of("base"), pairs.figures_of("head")
    if not base:
        return Comparison(pairs.base, pairs.head, (0, 0), (), (), (), (*pairs.gaps, pairs.stopped))
    matching = match(head[0], base[0])
    differs = sorted({f for one, two in zip(base, head, strict=True) for f in differing_fields(one, two)})

    def find(nodeids: Collection[str], rule: Rule) -> Finding:
        return confirmed(base, head, matching.comparable, nodeids, rule, most=len(base), first=len(base))

    return _two_sides((pairs.base, pairs.head), base, head, matching, differs, find, (*pairs.gaps, pairs.stopped))


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
    rule = Rule(DEFAULT_ALLOWED, strictness(sum(map(_large, features.values()))))
    parts = [_part(WHOLE, tests, _finding(tests, differs, find, Rule(DEFAULT_ALLOWED, strictness())))]
    for name, own in sorted(features.items()):
        small = Finding("could not tell", "none", why=TOO_SMALL)
        parts.append(_part(name, own, _finding(own, differs, find, rule) if _large(own) else small))
    ordered = sorted(tests, key=lambda t: (-abs(t.difference_j), t.nodeid))
    runs = (len(base), len(head))
    return Comparison(*names, runs, tuple(parts), tuple(ordered), tuple(differs), tuple(notes))


def _finding(own: Sequence[TestChange], differs: Sequence[str], find: Find, rule: Rule) -> Finding:
    if differs:
        return Finding("could not tell", "none", why=f"the environments differ: {', '.join(differs)}")
    same = {test.nodeid for test in own if test.kind in ("same", "renamed")}
    return find(same, rule) if same else Finding("could not tell", "none", why="no test is the same on both sides")


def _large(tests: Sequence[TestChange]) -> bool:
    here = [test.head_j for test in tests if test.head_j is not None]
    return large_enough(len(here), math.fsum(here))


def _part(name: str, tests: Sequence[TestChange], finding: Finding) -> Part:
    here = sum(test.head_j is not None for test in tests)
    return Part(name=name, tests=here, finding=finding, **asdict(tally(tests)))
