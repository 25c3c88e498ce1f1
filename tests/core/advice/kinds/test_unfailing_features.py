"""Features whose tests never failed: asked with care, and only if everything is known."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.advice.kinds.unfailing_features import LEAST_RUNS, find
from pytest_carbon.core.records.entry_details.run_details import RunDetails
from tests.core.advice.sample_runs import PASSED, failed, run, window

SHARES = {"checkout": 0.4, "search": 0.55, "docs": 0.05}


def _runs(bench: Any, count: int = LEAST_RUNS, last: RunDetails | None = None, **changes: Any) -> list[Any]:
    entries = [
        run(bench, n, ago_h=100.0 - n, details=PASSED, **{"shares": SHARES, **changes}) for n in range(count - 1)
    ]
    return [*entries, run(bench, count, shares=SHARES, details=last, branch="main")]


def test_a_question(bench: Any) -> None:
    """search failed once, docs costs little: only checkout is asked about, for its runs of pull requests."""
    (finding,) = find(window(*_runs(bench, last=failed("t.py::test_s", feature="search"))))
    assert finding.action == (
        "Would the tests of checkout find as much if they ran for pull requests that touch it, and on the default "
        "branch?"
    )
    assert finding.evidence == (
        "they take 40 % of the grams, and none failed in 50 runs, 49 of them of pull requests; tests that never fail "
        "may still be what keeps it so"
    )
    assert finding.savings["run-0"] == pytest.approx((0.2, 0.0, 0.4))
    assert finding.feature == "checkout"


@pytest.mark.parametrize(
    "last",
    [None, RunDetails(exit_status=2), failed(*(f"t.py::test_{n}" for n in range(20)))],
    ids=["unknown", "interrupted", "a full list"],
)
def test_nothing_is_asked_if_a_failure_may_be_hidden(bench: Any, last: RunDetails | None) -> None:
    """One run whose failures are not all known is enough to ask nothing."""
    assert not list(find(window(*_runs(bench, last=last))))


def test_runs_that_a_label_pays_and_few_runs(bench: Any) -> None:
    """A label says nothing about whose tests ran."""
    few = window(*_runs(bench, LEAST_RUNS - 1, last=PASSED))
    entries = _runs(bench, last=PASSED)
    labelled = window(*entries, labels_pay=frozenset({entries[0].id}))
    assert (list(find(few)), list(find(labelled))) == ([], [])
