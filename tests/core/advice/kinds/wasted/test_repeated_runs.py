"""Runs that were run again, where no flaky test explains it."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.advice.kinds.wasted.repeated_runs import find
from tests.core.advice.sample_runs import PASSED, failed, run, window


def test_runs_again_without_a_flaky_test(bench: Any) -> None:
    """The first attempt passed: somebody ran it again anyway."""
    one = run(bench, 1, ago_h=10.0, commit="c" * 40, details=PASSED)
    two = run(bench, 2, ago_h=9.0, commit="c" * 40, attempt=2)
    (finding,) = find(window(one, two))
    assert finding.action == "Find out why job tests is run again, and keep half of these runs from failing"
    assert finding.evidence == (
        "1 of 2 runs were run again on the same commit, and no flaky test explains it; 1 of them had passed"
    )
    assert finding.savings == {"run-1": (0.5, 0.0, 1.0)}


@pytest.mark.parametrize(
    "first",
    [{"details": failed("t.py::test_a")}, {"conclusion": "cancelled"}, {"attempt": 2}],
    ids=["a flaky test", "cancelled", "the same attempt"],
)
def test_other_advice(bench: Any, first: dict[str, Any]) -> None:
    """Flaky tests and cancelled runs have advice of their own."""
    one = run(bench, 1, ago_h=10.0, commit="c" * 40, **first)
    two = run(bench, 2, ago_h=9.0, commit="c" * 40, attempt=2, details=PASSED)
    assert not list(find(window(one, two)))
