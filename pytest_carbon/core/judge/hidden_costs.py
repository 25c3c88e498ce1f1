"""Costs that the same tests do not show: of tests that did not pass here, and of tests without a match on the base."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import dataclass

from pytest_carbon.core.compare.growth_rule import DEFAULT_ALLOWED, LEAST_BASELINE
from pytest_carbon.core.compare.match_tests import match_tests
from pytest_carbon.core.judge.baseline_comparison import BaselineComparison
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.percentages import percent_text
from pytest_carbon.core.quantities import format_energy
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.core.verdict.wording import TEST_CELLS, count_text, shorten

RAN_TO_THEIR_END = ("passed", "xpassed", "rerun")
"""The outcomes of tests that did all their work. A test that failed may have stopped before its costly part."""
LEAST_MATCHED = 0.5
"""The same tests speak for a holder if they take this share of its cost on the base; else its total is looked at."""
SAME_ENVIRONMENT, OTHER_ENVIRONMENT = 0.25, 1.0
"""A total may be so much above the costliest run of the base before it fails: a single run is noisy by some per cent,
and the reference energy of the same tests differs between machines and versions, but not by a factor of two."""


def broken_tests_text(comparison: BaselineComparison, features: Collection[str] | None, allowed: float) -> str:
    """Say which tests did not pass here, although they pass on the base, if their cost could hide a growth.

    Empty if they take no larger share of the base's cost than the growth that is ``allowed``.
    """
    if comparison.matching is None:
        return ""
    head, usual_j = comparison.inputs.head, comparison.usual_j
    was = {**comparison.matching.comparable, **{nodeid: nodeid for nodeid in comparison.matching.changed}}
    costs = {n: usual_j[was[n]] for n in comparison.tests_of(features) if was.get(n) in usual_j}
    broken = [n for n in costs if head.tests[n].outcome not in RAN_TO_THEIR_END]
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


def judge_total(
    comparison: BaselineComparison, features: Collection[str] | None, allowed: float
) -> TotalFinding | None:
    """Compare the total of a holder's tests (``features``; None: all tests) with the largest total of the base's runs.

    In the environment of the base the total counts only if the same tests do not speak for the holder. In another
    environment, the total of the same tests counts if they do. Return None if the total is not above by more than the
    ``allowed`` growth, and with fewer than 5 runs of the base that chose the same tests.
    """
    head, elsewhere = comparison.inputs.head, bool(comparison.environment_differences)
    chosen = comparison.other_runs if elsewhere else comparison.comparable_runs
    runs = [run for run in chosen if run.selection == head.selection]
    if comparison.inputs.missing_parts or len(runs) < LEAST_BASELINE:
        return None
    matched = _matched_tests(head, runs[0], features)
    if matched and not elsewhere:
        return None
    total = _total_j(head, features, matched)
    largest = max(_total_j(run, features, set(matched.values())) for run in runs)
    if not 0 < largest * (1 + max(allowed, DEFAULT_ALLOWED)) < total:
        return None
    margin = max(allowed, OTHER_ENVIRONMENT if elsewhere else SAME_ENVIRONMENT)
    text = (
        f"its tests together took {format_energy(total)} of reference energy, and at most {format_energy(largest)} in "
        f"{count_text(len(runs), 'run')} of {comparison.inputs.default_branch} ({percent_text(total / largest - 1)} more)"
    )
    if total <= largest * (1 + margin):
        return TotalFinding(text, surely=False)
    return TotalFinding(f"{text}; up to {percent_text(margin)} more may be noise", surely=True)


def _matched_tests(head: RunMeasurements, base: RunMeasurements, features: Collection[str] | None) -> dict[str, str]:
    """Return head nodeid -> base nodeid of the same tests of a holder; empty if they do not speak for it.

    They do if they took half of its cost on the base, and ran to their end here.
    """
    pairs = match_tests(head, base).comparable.items()
    matched = {now: was for now, was in pairs if head.tests[now].outcome in RAN_TO_THEIR_END}
    share = _total_j(base, features, set(matched.values())) / (_total_j(base, features) or 1.0)
    return matched if share >= LEAST_MATCHED else {}


def _total_j(run: RunMeasurements, features: Collection[str] | None, only: Collection[str] = ()) -> float:
    names = only or run.tests
    return math.fsum(
        test.reference_j
        for nodeid, test in run.tests.items()
        if nodeid in names and (features is None or run.features.get(nodeid, UNATTRIBUTED) in features)
    )
