"""Runs of code that the same job has run before."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.advice.kinds.unchanged_code import find, followed
from pytest_carbon.core.advice.settled_shares import PastAdvice
from tests.core.advice.sample_runs import PASSED, failed, run, window

NIGHTLY = {"job": "nightly", "pr": None, "branch": "main", "commit": "c" * 40}


def test_nights_of_one_commit(bench: Any) -> None:
    """The first night is a run of new code, the two after it are not."""
    nights = [run(bench, n, ago_h=100.0 - 24 * n, details=PASSED if n else None, **NIGHTLY) for n in range(3)]
    (finding,) = find(window(*nights))
    assert finding.action == "Skip job nightly when the code has not changed since its last run"
    assert finding.evidence == (
        "2 runs of main measured a commit that the job had run hours or days before; 2 of them are known to have had "
        "the same outcome"
    )
    assert set(finding.savings) == {"run-1", "run-2"}


@pytest.mark.parametrize(
    "second",
    [
        {"attempt": 2}, {"ago_h": 99.0}, {"commit": "d" * 40}, {"job": "tests"}, {"commit": None},
        {"details": failed("t.py::test_a")},
    ],
    ids=["run again", "the same push", "new code", "another job", "unknown commit", "another outcome"],
)  # fmt: skip
def test_runs_that_say_something(bench: Any, second: dict[str, Any]) -> None:
    """A night that found something new on old code is worth its grams."""
    first = run(bench, 1, ago_h=100.0, details=PASSED, **NIGHTLY)
    assert not list(find(window(first, run(bench, 2, **{"ago_h": 76.0, "details": PASSED, **NIGHTLY, **second}))))


def test_pull_requests(bench: Any) -> None:
    """Only the default branch is looked at: runs again of a pull request are other advice."""
    own = {**NIGHTLY, "branch": "topic", "pr": 7}
    assert not list(find(window(run(bench, 1, ago_h=100.0, **own), run(bench, 2, ago_h=50.0, **own))))


def test_settled(bench: Any) -> None:
    """Ten nights of one commit, then ten of new code; one later night with another outcome is still a night."""
    nights = [run(bench, n, ago_h=300.0 - 24 * n, details=PASSED, **NIGHTLY) for n in range(10)]
    before = window(*nights)
    (finding,) = find(before)
    fresh = window(*(run(bench, n, ago_h=300.0 - 24 * n, **{**NIGHTLY, "commit": f"{n:040x}"}) for n in range(10)))
    assert followed(PastAdvice(finding, before, fresh, None)) == {f"run-{n}": pytest.approx(0.9) for n in range(10)}
    failing = window(*nights[:-1], run(bench, 9, ago_h=84.0, details=failed("t.py::test_a"), **NIGHTLY))
    assert followed(PastAdvice(finding, before, failing, None)) is None
