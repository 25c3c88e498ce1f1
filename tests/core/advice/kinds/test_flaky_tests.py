"""Flaky tests: what failed and passed on the same commit, so that a job was run again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.advice.kinds.flaky_tests import find, followed
from pytest_carbon.core.advice.settled_shares import PastAdvice
from pytest_carbon.core.records.entry_details.run_details import MOST_FAILED, RunDetails
from tests.core.advice.sample_runs import HOSTILE, PASSED, failed, run, window


def _again(bench: Any, first: RunDetails | None, second: RunDetails | None) -> Any:
    commit = "c" * 40
    one = run(bench, 1, ago_h=10.0, commit=commit, details=first)
    two = run(bench, 2, ago_h=9.0, commit=commit, attempt=2, details=second)
    return {finding.place: finding for finding in find(window(one, two))}


def test_a_test_that_failed_and_passed(bench: Any) -> None:
    """It could have saved the whole first run."""
    finding = _again(bench, failed("t.py::test_a"), PASSED)["t.py::test_a"]
    assert finding.action == "Repair the flaky test t.py::test_a, or repeat it alone"
    assert finding.evidence == (
        "it failed and then passed on the same commit in 1 run, and each time the whole job ran again"
    )
    assert finding.savings == {"run-1": (1.0, 1.0, 1.0)}


def test_two_tests_share_a_run(bench: Any) -> None:
    """Each has half, and alone saves nothing while the other fails; a hostile name stays one line of text."""
    found = _again(bench, failed("t.py::test_a", HOSTILE), PASSED)
    assert {finding.savings["run-1"] for finding in found.values()} == {(0.5, 0.0, 0.5)}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (failed("t.py::test_a"), failed("t.py::test_a")),
        (failed("t.py::test_a", "t.py::test_b"), failed("t.py::test_b")),
        (failed("t.py::test_a"), None),
        (None, PASSED),
        (PASSED, PASSED),
        (failed("t.py::test_a"), replace(PASSED, suite="b2")),
        (failed(*(f"t.py::test_{n}" for n in range(MOST_FAILED))), PASSED),
    ],
    ids=["fails again", "one fails again", "unknown then", "unknown first", "passed", "other tests", "a full list"],
)
def test_no_flaky_test(bench: Any, first: RunDetails | None, second: RunDetails | None) -> None:
    """Nothing is told where a real failure, or something that is not known, explains the second run."""
    assert not _again(bench, first, second)


def test_settled_only_if_failures_are_known(bench: Any) -> None:
    """Later runs without details say nothing about flaky tests."""
    entries = []
    for n in range(0, 20, 2):
        own = {"commit": f"{n:040x}"}
        entries.append(run(bench, n, ago_h=100.0 - n, details=failed("t.py::test_a"), **own))
        entries.append(run(bench, n + 1, ago_h=99.0 - n, attempt=2, details=PASSED, **own))
    before = window(*entries)
    (finding,) = find(before)
    unknown, known = (window(*(run(bench, n, details=own) for n in range(20))) for own in (None, PASSED))
    assert followed(PastAdvice(finding, before, unknown, None)) is None
    assert followed(PastAdvice(finding, before, known, None)) == {f"run-{n}": 0.5 for n in range(20)}
