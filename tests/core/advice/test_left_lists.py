"""What came of a test that is no longer among the costliest of its runs."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.advice.finding import Finding
from pytest_carbon.core.advice.left_lists import Listed, saved_since_unlisted
from pytest_carbon.core.advice.settled_shares import PastAdvice
from pytest_carbon.core.records.entry_details.run_details import RunDetails
from tests.core.advice.sample_runs import run, window

FINDING = Finding("test", "t", "a", "b", "a file", "c", {}, frozenset({"tests"}))


@pytest.mark.parametrize(
    ("later", "suite", "saved"),
    [
        (9, "5e", {f"run-{number}": pytest.approx((20.0 - 1.0) / 50.0) for number in range(100, 109)}),
        (2, "5e", None),
        (9, "0e", {}),
    ],
    ids=["made cheaper", "too few runs to tell", "another suite"],
)
def test_what_was_saved(bench: Any, later: int, suite: str, saved: Any) -> None:
    """Runs of the same suite that no longer list a test save all but what their lists may hide of the test."""
    before = window(*(run(bench, n, ago_h=99.0 - n, details=RunDetails(suite="5e")) for n in range(9)))
    after = window(*(run(bench, 100 + n, ago_h=50.0 - n, details=RunDetails(suite=suite)) for n in range(later)))
    listed = Listed(before.runs, (), 20.0, after.hidden_test_j)
    assert saved_since_unlisted(PastAdvice(FINDING, before, after, None), listed) == saved
