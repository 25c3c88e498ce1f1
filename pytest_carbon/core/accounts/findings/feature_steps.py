"""In which features' tests the runs of a job became costlier or cheaper."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from pytest_carbon.core.accounts.findings.change_points import (
    LEAST_STEP,
    LEVEL_RUNS,
    SUPPORTING_RUNS,
    find_change_points,
)
from pytest_carbon.core.accounts.findings.lasting_steps import LastingStep, find_lasting_steps
from pytest_carbon.core.records.ledger_records import Entry

PaidByLabel = Callable[[Entry], bool]
"""Whether the labels of a run's pull request decide who pays: then the run's shares do not tell whose tests ran."""


LEAST_PART = 0.2
"""A feature that made a smaller part of a step is not said to have made any."""


BeforeMerge = Callable[[Entry], Sequence[Entry]]
"""The runs, paid by tests, that the pull request of a merged run had before on the same kind of machine."""


def paid_by_tests(entry: Entry) -> bool:  # noqa: ARG001 (it is a PaidByLabel)
    """Return that no label decides, as where the policy has no labels."""
    return False


class FeatureRun(NamedTuple):
    """A run in which tests of a feature ran, by its place among the runs of its job, and their reference joules."""

    place: int
    own_j: float


def runs_by_feature(
    runs: Sequence[Entry], places: Sequence[int], paid_by_label: PaidByLabel
) -> dict[str, list[FeatureRun]]:
    """Return the runs of each feature's tests, of the runs at ``places`` that tell them, in the same order."""
    out: dict[str, list[FeatureRun]] = {}
    for place in places:
        run = runs[place]
        if not paid_by_label(run):
            for name, share in run.shares.items():
                if share > 0:
                    out.setdefault(name, []).append(FeatureRun(place, share * (run.reference_j or 0.0)))
    return out


class FeatureStep(NamedTuple):
    """A lasting step in a feature's own joules, between two of the feature's runs."""

    feature: str
    before: FeatureRun
    first: FeatureRun
    step: LastingStep


def find_feature_steps(
    runs: Sequence[Entry], by_feature: Mapping[str, Sequence[FeatureRun]], before_merge: BeforeMerge
) -> Iterator[FeatureStep]:
    """Yield the lasting steps in each feature's own joules; ``runs`` are those of the job."""
    for name, own in by_feature.items():
        values = [run.own_j for run in own]
        points = find_change_points(values)
        if points:
            own_before = partial(_own_before_merge, runs, own, name, before_merge)
            for step in find_lasting_steps(values, points, own_before):
                yield FeatureStep(name, own[step.run - 1], own[step.run], step)


def _own_before_merge(
    runs: Sequence[Entry], own: Sequence[FeatureRun], name: str, before_merge: BeforeMerge, number: int
) -> list[float]:
    """Return a feature's joules in the runs that the pull request of a run had before its merge."""
    merged = runs[own[number].place]
    earlier = before_merge(merged) if number == 0 or runs[own[number - 1].place].commit != merged.commit else ()
    return [run.shares.get(name, 0.0) * (run.reference_j or 0.0) for run in earlier]


def split_step(step_j: float, place: int, by_feature: Mapping[str, Sequence[FeatureRun]]) -> dict[str, float] | None:
    """Split a step of whole runs, first seen at ``place``, by the features whose own joules moved with it.

    Each feature's last runs before and first runs after are compared. None if no feature has runs on both sides.
    """
    moved: dict[str, float] = {}
    compared = False
    for name, runs in by_feature.items():
        before = [run.own_j for run in runs if run.place < place][-LEVEL_RUNS:]
        after = [run.own_j for run in runs if run.place >= place][: 1 + SUPPORTING_RUNS]
        if before and after:
            compared = True
            level, new = sorted(before)[len(before) // 2], sorted(after)[len(after) // 2]
            if (new - level) * step_j > 0 and abs(new - level) > LEAST_STEP * level:
                moved[name] = new - level
    if not compared:
        return None
    least = LEAST_PART * abs(math.fsum(moved.values()))
    moved = {name: own_j for name, own_j in moved.items() if abs(own_j) >= least}
    whole_j = math.fsum(moved.values())
    return {name: own_j * step_j / whole_j for name, own_j in moved.items()}
