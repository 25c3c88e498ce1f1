"""The budgets that a change touches, by its files: its features, and the tests in its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.energy.feature_shares import feature_of_path
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.core.verdict.verdict import CostliestTest


@dataclass(frozen=True, slots=True)
class TouchedFeatures:
    """The features of a change (None if nobody can tell), and its tests in the last run, the costliest first.

    The features are those of the changed paths, and those of the tests in the changed files, which a marker may name.
    """

    features: frozenset[str] | None
    tests: tuple[CostliestTest, ...] = ()


def find_touched(paths: Sequence[str] | None, last_run: RunMeasurements | None, policy: Policy) -> TouchedFeatures:
    """Return the features and tests of changed files. ``paths`` is None if unknown, ``last_run`` if nothing has run."""
    if paths is None:
        return TouchedFeatures(None)
    files = set(paths)
    claims = {name: feature.paths for name, feature in policy.features.items()}
    features = {feature for path in files if (feature := feature_of_path(path, claims))}
    tests = [
        CostliestTest(nodeid, test.reference_j, last_run.features.get(nodeid))
        for nodeid, test in (last_run.tests.items() if last_run else ())
        if last_run and nodeid.partition("::")[0] in files
    ]
    features |= {test.feature or UNATTRIBUTED for test in tests}
    return TouchedFeatures(frozenset(features), tuple(sorted(tests, key=lambda test: (-test.reference_j, test.nodeid))))


def touched_budgets(policy: Policy, features: frozenset[str] | None) -> list[Budget]:
    """Return the budgets of features, of their teams and of the repository; all budgets if ``features`` is None."""
    return [
        budget
        for budget in policy.budgets
        if features is None
        or (budget.feature in features if budget.feature else budget.team is None)
        or not features.isdisjoint(budget.children)
    ]
