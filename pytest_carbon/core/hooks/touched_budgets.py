"""What a change touches: the features it belongs to, their budgets, and the tests in its files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.energy.feature_shares import feature_of_path
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.report.run_measurements import RunMeasurements
from pytest_carbon.core.verdict.verdict import CostliestTest


@dataclass(frozen=True, slots=True)
class TouchedFeatures:
    """The features that a change belongs to, None where nobody can tell, and its tests in the last run, by their cost.

    The features are those of its paths and those of the tests in its files, which a marker may have named.
    """

    features: frozenset[str] | None
    tests: tuple[CostliestTest, ...] = ()


def find_touched(paths: Sequence[str] | None, last_run: RunMeasurements | None, policy: Policy) -> TouchedFeatures:
    """Return what changed files touch; ``paths`` is None where they are not known, ``last`` where nothing has run."""
    if paths is None:
        return TouchedFeatures(None)
    files = set(paths)
    claims = {name: feature.paths for name, feature in policy.features.items()}
    features = {feature for path in files if (feature := feature_of_path(path, claims))}
    tests = [
        CostliestTest(nodeid, figure.reference_j, last_run.features.get(nodeid))
        for nodeid, figure in (last_run.tests.items() if last_run else ())
        if last_run and nodeid.partition("::")[0] in files
    ]
    features |= {test.feature or UNATTRIBUTED for test in tests}
    return TouchedFeatures(frozenset(features), tuple(sorted(tests, key=lambda test: (-test.reference_j, test.nodeid))))


def touched_budgets(policy: Policy, features: frozenset[str] | None) -> list[Budget]:
    """Return the budgets that a change of these features belongs to: theirs, their teams' and the repository's."""
    return [
        budget
        for budget in policy.budgets
        if features is None
        or (budget.feature in features if budget.feature else budget.team is None)
        or not features.isdisjoint(budget.children)
    ]
