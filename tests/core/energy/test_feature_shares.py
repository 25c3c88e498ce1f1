"""The feature of a path, and the split of a run among the features."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.energy.feature_shares import feature_of_path, feature_uses
from pytest_carbon.core.model import FeatureUse, Row
from pytest_carbon.core.path_globs import path_glob

LAW = settings(max_examples=150, deadline=None)


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("tests/a.py", "tests/a.py", True),
        ("tests/a.py", "tests/abpy", False),
        ("tests/*.py", "tests/a.py", True),
        ("tests/*.py", "tests/sub/a.py", False),
        ("tests/test_?.py", "tests/test_a.py", True),
        ("tests/test_?.py", "tests/test_ab.py", False),
        ("tests/a?b.py", "tests/a/b.py", False),
        ("tests/**", "tests/sub/deep/a.py", True),
        ("tests/**/a.py", "tests/a.py", True),
        ("tests/**/a.py", "tests/sub/deep/a.py", True),
        ("tests/**/a.py", "tests/subaa.py", False),
        ("**/checkout/**", "tests/checkout/a.py", True),
        ("**/checkout/**", "checkout/a.py", True),
        ("**", "a.py", True),
        ("tests/checkout", "tests/checkout/sub/a.py", True),
        ("tests/checkout/", "tests/checkout/a.py", True),
        ("tests/**/", "tests/sub/a.py", True),
        ("tests/checkout", "tests/checkout_old/a.py", False),
        ("checkout", "tests/checkout/a.py", False),
        ("tests/[a].py", "tests/[a].py", True),
        ("tests/[a].py", "tests/a.py", False),
        ("tests/(a|b)+.py", "tests/(a|b)+.py", True),
    ],
)
def test_glob_matches_paths(pattern: str, path: str, fits: bool) -> None:
    """``**`` crosses folders, ``*`` and ``?`` do not, and a folder's name matches all files in it."""
    assert path_glob(pattern).matches(path) is fits


@LAW
@given(st.text(max_size=20), st.text(max_size=20))
def test_any_text_is_a_glob(pattern: str, path: str) -> None:
    """Any text can be a pattern, and a text without wildcards matches itself."""
    path_glob(pattern).matches(path)
    if not set(pattern) & set("*?") and not pattern.endswith("/"):
        assert path_glob(pattern).matches(pattern)


FEATURES = {
    "all": ["tests/**"],
    "checkout": ["tests/checkout/**", "src/pay/**"],
    "also": ["tests/checkout/**"],
    "cards": ["tests/checkout/test_card*.py"],
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("tests/test_a.py", "all", id="only the widest glob"),
        pytest.param("tests/checkout/test_a.py", "checkout", id="longer prefix, then first feature"),
        pytest.param("tests/checkout/test_card_new.py", "cards", id="longest prefix"),
        pytest.param("src/pay/test_a.py", "checkout", id="second glob"),
        pytest.param("docs/conf.py", None, id="no feature"),
    ],
)
def test_most_specific_glob_wins(path: str, expected: str | None) -> None:
    """Of several features whose globs match, the feature with the longest literal prefix gets the path."""
    assert feature_of_path(path, FEATURES) == expected


def _row(kind: str, energy_j: float | None, feature: str | None = None, nodeid: str = "", **more: float) -> Row:
    return Row(kind, energy_j, 0.0, 0.0, more.pop("reference_j", 0.0), nodeid, feature=feature, **more)  # type: ignore[arg-type]


def test_run_is_split_by_the_energy_of_the_tests() -> None:
    """Energy outside tests is split like the tests' energy; background and tests without a feature are unattributed."""
    rows = [
        _row("test", 10.0, "checkout", "a", reference_j=4.0, amortised_j=20.0),
        _row("test", 10.0, "checkout", "a", reference_j=1.0),
        _row("test", 5.0, "search", "b", reference_j=2.0),
        _row("test", 5.0, None, "c", reference_j=1.0),
        _row("fixture", 10.0, None, "db"),
        _row("idle", 20.0),
        _row("tool", 20.0),
        _row("background", 20.0),
    ]
    assert feature_uses(rows, 100.0, 2.0) == {
        "checkout": FeatureUse(1, 0.6, 60.0, 5.0, 1.2),
        "search": FeatureUse(1, 0.1, 10.0, 2.0, 0.2),
        "unattributed": FeatureUse(1, 0.3, 30.0, 1.0, 0.6),
    }


def test_command_counts_for_its_feature() -> None:
    """The energy of a measured command goes to its feature, as that of a test does."""
    rows = [_row("command", 8.0, "build", "make"), _row("background", 2.0)]
    assert feature_uses(rows, 10.0, 1.0) == {
        "build": FeatureUse(1, 0.8, 8.0, 0.0, 0.8),
        "unattributed": FeatureUse(0, 0.2, 2.0, 0.0, 0.2),
    }


@pytest.mark.parametrize(
    ("rows", "total_j"),
    [
        pytest.param([], 10.0, id="no rows"),
        pytest.param([_row("test", 10.0, None, "a")], 10.0, id="no feature"),
        pytest.param([_row("test", 0.0, "checkout", "a")], 0.0, id="no energy"),
    ],
)
def test_run_without_features_or_energy_has_no_shares(rows: list[Row], total_j: float) -> None:
    """Without features or energy the result is empty; it has no shares of zero."""
    assert feature_uses(rows, total_j, 1.0) == {}


def test_tests_without_energy_leave_the_run_unattributed() -> None:
    """If the features' tests used no measurable energy, the whole run is unattributed."""
    rows = [_row("test", 0.0, "checkout", "a"), _row("idle", 10.0)]
    assert feature_uses(rows, 10.0, 1.0) == {
        "checkout": FeatureUse(1, 0.0, 0.0, 0.0, 0.0),
        "unattributed": FeatureUse(0, 1.0, 10.0, 0.0, 1.0),
    }


ENERGIES = st.one_of(st.just(0.0), st.floats(1e-3, 1e4))
ROWS = st.lists(
    st.one_of(
        st.builds(_row, st.just("test"), ENERGIES, st.sampled_from([None, "a", "b", "c"]), st.sampled_from("xyz")),
        st.builds(_row, st.sampled_from(["background", "idle", "tool", "fixture"]), ENERGIES),
    ),
    max_size=12,
)


@LAW
@given(ROWS, st.floats(0, 1e3))
def test_shares_sum_to_the_run(rows: list[Row], emissions_g: float) -> None:
    """Shares sum to 1, joules to the run's total and grams to its emissions; no figure is below zero."""
    total_j = sum(row.energy_j or 0.0 for row in rows)
    uses = feature_uses(rows, total_j, emissions_g).values()
    if uses:
        assert sum(u.share for u in uses) == pytest.approx(1.0, rel=1e-6)
        assert sum(u.energy_j for u in uses) == pytest.approx(total_j, rel=1e-6)
        assert sum(u.emissions_g for u in uses) == pytest.approx(emissions_g, rel=1e-6)
        assert min(min(u.share, u.energy_j, u.emissions_g) for u in uses) >= 0.0
    assert bool(uses) == (any(row.feature for row in rows) and total_j > 0)
