"""Features from folders of tests."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.energy.feature_shares import feature_of_path
from pytest_carbon.core.local_hooks.path_problems import path_problems
from pytest_carbon.core.policy.policy import Feature
from pytest_carbon.core.proposal.find_test_files import find_test_files
from pytest_carbon.core.proposal.project_facts import MeasuredRun
from pytest_carbon.core.proposal.propose_features import measured_features, propose_features, propose_new_features

SHOP = (
    "shop/__init__.py", "shop/checkout.py", "shop/search/__init__.py", "shop/search/index.py", "docs/checkout.md",
    "tests/checkout/test_checkout.py", "tests/search/test_search.py", "tests/test_all.py", "tests/search/checkout.py",
)  # fmt: skip


def _tests(files: Sequence[str]) -> list[str]:
    return find_test_files(files, [], [])


def _paths(files: Sequence[str]) -> dict[str, tuple[str, ...]]:
    return {feature.name: feature.paths for feature in propose_features("The Shop", files, _tests(files), None)}


def test_a_feature_has_its_tests_its_sources_and_a_label() -> None:
    """Sources are found by the same name, so that hooks see a change of them; what has no folder is the rest."""
    features = propose_features("shop", SHOP, _tests(SHOP), None)
    assert [(f.name, f.label, f.paths, len(f.files)) for f in features] == [
        ("checkout", "feature:checkout", ("tests/checkout/**", "shop/checkout.py"), 1),
        ("search", "feature:search", ("tests/search/**", "shop/search/**"), 1),
        ("other", "feature:other", ("tests/**",), 1),
    ]
    assert {f.reference_j for f in features} == {None}


@pytest.mark.parametrize(
    ("files", "paths"),
    [
        (["tests/test_a.py", "tests/test_b.py"], {"the-shop": ("tests/**",)}),
        (["test_a.py"], {"the-shop": ("*.py",)}),
        (["a/test_a.py"], {"a": ("a/**",)}),
        ([f"{n}/tests/test_a.py" for n in "abcdefghijklmnopqrstuvwxyz" * 2], {"the-shop": ("**",)}),
        (["pay/pay.py", "pay/tests/test_a.py", "ship/tests/test_a.py"], {"pay": ("pay/**",), "ship": ("ship/**",)}),
        (["x/pay/a.py", "y/pay/a.py", "tests/pay/test_a.py"], {"pay": ("tests/pay/**",)}),
        (["tests/default/test_a.py"], {"default-tests": ("tests/default/**",)}),
        (["tests/repository/test_a.py"], {"repository-tests": ("tests/repository/**",)}),
        (["tests/other/test_a.py", "tests/test_b.py"], {"other": ("tests/other/**",), "other-2": ("tests/**",)}),
        (["tests/日本/test_a.py"], {"the-shop": ("tests/**",)}),
        ([], {}),
    ],
)  # fmt: skip
def test_names_and_paths(files: list[str], paths: dict[str, tuple[str, ...]]) -> None:
    """No name means something else, no path is claimed twice, and an only feature is called as the project."""
    assert _paths(files) == paths


def test_one_name_in_two_places_has_the_name_around_it() -> None:
    """The features are told apart by the folder above."""
    files = [f"tests/{a}/{b}/test_{n}.py" for a in ("api", "web") for b in ("forms", "pages") for n in range(9)]
    assert list(_paths(files)) == ["api-forms", "web-forms", "api-pages", "web-pages"]


def test_what_was_measured_is_added_up() -> None:
    """A feature has the joules of its files and of tests whose marker names it; a marker can name one without paths."""
    run = MeasuredRun(
        "2026-06-15T12:00:00+00:00",
        {"tests/checkout/test_checkout.py": (2.0, 3), "tests/test_all.py": (0.5, 1)},
        {"checkout": (1.0, 1), "refunds": (4.0, 2), "\x1b[2J": (1.0, 1), "default": (1.0, 1)},
    )
    features = propose_features("shop", SHOP, _tests(SHOP), run)
    assert [(f.name, f.reference_j, f.tests, f.paths == ()) for f in features] == [
        ("checkout", 3.0, 4, False), ("search", 0.0, 0, False), ("other", 0.5, 1, False), ("refunds", 4.0, 2, True),
    ]  # fmt: skip
    policy = {"search": Feature("search", paths=("tests/**",))}
    assert [(f.name, f.reference_j) for f in measured_features(policy, _tests(SHOP), run)] == [("search", 2.5)]


OLD = {
    "checkout": Feature("checkout", ("feature:checkout",), ("tests/checkout/**",)),
    "all": Feature("all", ("feature:refunds",), ("tests/**", "tests/a/b/test_c.py")),
}


@pytest.mark.parametrize(
    ("new", "found"),
    [
        ([], {}),
        (["tests/pay/test_a.py", "tests/pay/test_b.py"], {"pay": ("tests/pay/**",)}),
        (["tests/a/b/test_c.py", "tests/a/b/test_d.py"], {}),  # somebody has drawn another line there
        (["tests/refunds/test_a.py", "tests/refunds/test_b.py"], {}),  # another feature has that label
        (["bench/test_a.py", "bench/test_b.py"], {"bench": ("bench/**",)}),
        (["test_a.py"], {"other": ("*.py",)}),
        (["tests/unit/checkout/test_a.py", "tests/unit/checkout/test_b.py"], {}),
    ],
)
def test_only_what_nobody_claims_is_new(new: list[str], found: dict[str, tuple[str, ...]]) -> None:
    """A folder that only a glob of all tests claims is new; what a policy has divided stays as it is."""
    files = [f"tests/checkout/test_{n}.py" for n in range(5)] + [f"tests/test_{n}.py" for n in range(3)] + new
    features = propose_new_features(OLD, files, _tests(files), None)
    assert {feature.name: feature.paths for feature in features} == found


PARTS = st.sampled_from(
    ["tests", "unit", "src", "pay", "ship", "Pay", "a b", "io", "repository", "other", "日本", "a*"]
)
TREES = st.lists(
    st.tuples(st.lists(PARTS, max_size=4), st.sampled_from(["test_x.py", "test_y.py", "pay.py"])).map(
        lambda place: "/".join([*place[0], place[1]])
    ),
    unique=True,
    max_size=40,
)


@given(TREES)
def test_every_test_has_a_feature_and_no_path_is_a_problem(files: list[str]) -> None:
    """What is proposed has no warning of the hook, and after it nothing is new."""
    tests = _tests(files)
    features = propose_features("shop", files, tests, None)
    claims = {feature.name: feature.paths for feature in features}
    assert path_problems(claims, files) == []
    assert all(feature_of_path(file, claims) for file in tests)
    assert sum(len(feature.files) for feature in features) == len(tests)
    policy = {feature.name: Feature(feature.name, (feature.label,), feature.paths) for feature in features}
    assert propose_new_features(policy, files, tests, None) == []
