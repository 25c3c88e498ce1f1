"""A report that was made with other features than the policy has now."""

from __future__ import annotations

import pytest

from pytest_carbon.core.model import Row
from pytest_carbon.core.policy.other_features import other_features_text


@pytest.mark.parametrize(
    ("paths", "count"),
    [
        ({"pay": ("tests/pay.py",), "find": ("tests/find.py",), "extra": ()}, 0),
        ({"shop": ("tests/**",)}, 4),
        ({"shop": ("tests/**",), "extra": (), "pay": ()}, 2),
        ({"pay": ("tests/**",), "find": (), "extra": ()}, 1),
        ({}, 0),
    ],
    ids=["the same", "all in one", "renamed in part", "one more is claimed", "no features"],
)
def test_tests_of_other_features_are_counted(paths: dict[str, tuple[str, ...]], count: int) -> None:
    """A test of a feature that the policy has may have it by a marker, and says nothing."""
    features = {"tests/pay.py::a": "pay", "tests/find.py::b": "find", "tests/b.py::c": "extra", "tests/c.py::d": None}
    rows = [Row("test", 1.0, 1.0, 1.0, 1.0, nodeid, "call", feature=feature) for nodeid, feature in features.items()]
    rows.append(Row("command", 1.0, 1.0, 1.0, 1.0, "tests/make", feature="none"))
    text = f"the report was made with other features: {count} of its 4 tests belong to others by carbon.toml now"
    assert other_features_text(rows, paths, "carbon.toml") == (text if count else "")
