"""The features, tests and budgets that a change touches."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.local_hooks.touched_budgets import find_touched, touched_budgets
from pytest_carbon.core.policy.policy import Feature, Policy
from pytest_carbon.core.quantities import parse_quantity
from pytest_carbon.core.records.run_measurements import MeasuredTest, RunMeasurements

LIMIT = parse_quantity("1 g")
REPOSITORY, CHECKOUT, SEARCH, UNATTRIBUTED = (
    Budget(feature, None, "warn", LIMIT) for feature in (None, "checkout", "search", "unattributed")
)
SHOP = Budget(None, None, "warn", LIMIT, team="shop", children=("checkout", "search"))
POLICY = Policy(
    {name: Feature(name, paths=(f"tests/{name}/**", f"src/{name}")) for name in ("checkout", "search")},
    (REPOSITORY, CHECKOUT, SEARCH, UNATTRIBUTED, SHOP),
)
RUN = RunMeasurements(
    "run-1", None, None, "2026-06-01T10:00:00Z", {}, None,
    {"tests/a.py::cheap": MeasuredTest(1.0), "tests/a.py::costly": MeasuredTest(9.0),
     "tests/b.py::x": MeasuredTest(5.0)},
    features={"tests/a.py::costly": "search"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("paths", "features", "tests"),
    [
        ([], set(), []),
        (["readme.md"], set(), []),
        (["src/checkout/pay.py"], {"checkout"}, []),
        (["tests/a.py"], {"search", "unattributed"}, ["tests/a.py::costly", "tests/a.py::cheap"]),
        (["tests/b.py", "src/search/x.py"], {"search", "unattributed"}, ["tests/b.py::x"]),
    ],
)
def test_changed_files_touch_features_and_tests(paths: Sequence[str], features: set[str], tests: list[str]) -> None:
    """A test's own feature counts, also if a marker named it; the costliest test comes first."""
    touched = find_touched(paths, RUN, POLICY)
    assert touched.features == features
    assert [test.nodeid for test in touched.tests] == tests


def test_unknown_paths_and_no_run() -> None:
    """Without paths the features are unknown; without a run only the paths count."""
    assert find_touched(None, RUN, POLICY).features is None
    touched = find_touched(["tests/a.py", "src/search/x.py"], None, POLICY)
    assert (touched.features, touched.tests) == ({"search"}, ())


@pytest.mark.parametrize(
    ("features", "budgets"),
    [
        (None, [REPOSITORY, CHECKOUT, SEARCH, UNATTRIBUTED, SHOP]),
        (frozenset(), [REPOSITORY]),
        (frozenset({"checkout"}), [REPOSITORY, CHECKOUT, SHOP]),
        (frozenset({"unattributed"}), [REPOSITORY, UNATTRIBUTED]),
        (frozenset({"without a budget"}), [REPOSITORY]),
    ],
)
def test_budgets_of_features(features: frozenset[str] | None, budgets: list[Budget]) -> None:
    """The repository's budget always counts; without known features every budget counts."""
    assert touched_budgets(POLICY, features) == budgets
