"""Collection and set-up that cost more than the tests."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.advice.kinds.setup_cost import COLLECTION_LINES, SETUP_LINES, find, followed
from pytest_carbon.core.advice.settled_shares import PastAdvice
from pytest_carbon.core.records.entry_details.run_details import RunDetails
from tests.core.advice.sample_runs import run, window


@pytest.mark.parametrize(
    ("collection_j", "setup_j", "action", "saved", "lines"),
    [
        (20.0, 10.0, "Halve the cost of collection in job tests", 0.2, COLLECTION_LINES),
        (10.0, 25.0, "Halve the cost of fixtures and set-up in job tests", 0.25, SETUP_LINES),
    ],
)
def test_more_than_half(
    bench: Any, collection_j: float, setup_j: float, action: str, saved: float, lines: tuple[str, ...]
) -> None:
    """The larger of both is named, as a share of the 50 J of the run."""
    (finding,) = find(window(run(bench, 1, details=RunDetails(collection_j=collection_j, setup_j=setup_j))))
    assert (finding.action, finding.lines) == (action, lines)
    assert finding.savings["run-1"] == pytest.approx((saved, 0.0, 2 * saved))


def test_evidence(bench: Any) -> None:
    """Both shares are told."""
    (finding,) = find(window(run(bench, 1, details=RunDetails(collection_j=20.0, setup_j=10.0))))
    assert finding.evidence == ("collection takes 40 % and fixtures with set-up 20 % of its work, more than its tests")


@pytest.mark.parametrize("details", [None, RunDetails(collection_j=10.0, setup_j=10.0), RunDetails(collection_j=40.0)])
def test_less_than_half_or_unknown(bench: Any, details: RunDetails | None) -> None:
    """Tests that cost more than what is around them need no advice."""
    assert not list(find(window(run(bench, 1, details=details))))


@pytest.mark.parametrize(("later_j", "saved"), [(10.0, 0.3), (24.0, None), (40.0, None)])
def test_settled(bench: Any, later_j: float, saved: float | None) -> None:
    """Collection took 25 J of 50 J, and clearly less later; more or fewer tests change nothing."""
    before, after = (
        window(*(run(bench, n, details=RunDetails(collection_j=joules, setup_j=10.0)) for n in range(5)))
        for joules in (25.0, later_j)
    )
    (finding,) = find(before)
    shares = followed(PastAdvice(finding, before, after, None))
    assert shares == (None if saved is None else {f"run-{n}": pytest.approx(saved) for n in range(5)})
    assert followed(PastAdvice(finding, before, window(), None)) is None
