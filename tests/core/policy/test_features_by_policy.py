"""A report's tests belong to the features of the policy that judges them."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.policy.features_by_policy import features_by_policy

FEATURES = {"tests/pay.py::a": "pay", "tests/find.py::b": "find", "tests/b.py::c": "extra", "tests/c.py::d": None}


@pytest.mark.parametrize(
    ("paths", "owners"),
    [
        ({"pay": ("tests/pay.py",), "find": ("tests/find.py",), "extra": ()}, ["pay", "find", "extra", None]),
        ({"shop": ("tests/**",)}, ["shop"] * 4),
        ({"shop": ("tests/**",), "extra": (), "pay": ()}, ["pay", "shop", "extra", "shop"]),
        ({"pay": ("tests/**",), "find": (), "extra": ()}, ["pay", "find", "extra", "pay"]),
        ({}, ["pay", "find", "extra", None]),
    ],
    ids=["the same", "all in one", "renamed in part", "one more is claimed", "no features"],
)
def test_owners(bench: Any, paths: dict[str, tuple[str, ...]], owners: list[str | None]) -> None:
    """A test of a feature that the policy has may have it by a marker, and stays; other rows are as they were."""
    report = bench.report()
    rows = [
        replace(row, nodeid=nodeid, feature=feature)
        for row, (nodeid, feature) in zip(report.rows, FEATURES.items(), strict=False)
    ]
    command = replace(rows[0], nodeid="tests/make", feature="none", kind="command")
    result = features_by_policy(replace(report, rows=(*rows, command)), paths, "carbon.toml")
    assert [row.feature for row in result.report.rows] == [*owners, "none"]
    moved = sum(owner != was for owner, was in zip(owners, FEATURES.values(), strict=True))
    text = f"{moved} of 4 tests were measured with other features, and belong to those of carbon.toml here"
    assert result.note == (text if moved else "")
    if moved:
        uses = result.report.features
        assert math.isclose(math.fsum(use.share for use in uses.values()), 1.0)
        assert {name for name in uses if uses[name].tests} == {*(owner or "unattributed" for owner in owners), "none"}
