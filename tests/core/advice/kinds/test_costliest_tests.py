"""The costliest tests, and what came of making one cheaper."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.advice.kinds.costliest_tests import find, followed
from pytest_carbon.core.advice.settled_shares import PastAdvice
from pytest_carbon.core.records.entry_details.run_details import CostlyTest, RunDetails
from tests.core.advice.sample_runs import costly, run, window


def _runs(bench: Any, test: CostlyTest, count: int = 3) -> Any:
    return window(*(run(bench, n, details=RunDetails(tests=(test,))) for n in range(count)))


def test_a_costly_test(bench: Any) -> None:
    """It takes 20 of 50 J in each run; half of that is told, from nothing to all."""
    (finding,) = find(_runs(bench, costly()))
    assert finding.action == "Halve the cost of tests/t.py::test_slow"
    assert finding.evidence == "it takes 20 J of reference energy, 40 % of a run, in each of 3 runs"
    assert finding.savings["run-0"] == pytest.approx((0.2, 0.0, 0.4))
    assert (finding.feature, finding.place) == ("checkout", "tests/t.py::test_slow")
    assert not list(find(_runs(bench, costly(), 2)))


@pytest.mark.parametrize(
    ("later", "saved"),
    [
        (costly(joules=10.0, code="new"), 0.2), (costly(joules=25.0, code="new"), -0.1), (costly(joules=12.0), 0.16),
        (costly(joules=19.0), None), (costly("other"), None), (costly(code=""), None),
    ],
    ids=["new code", "a loss", "cheaper by other code", "as before", "not listed", "code not known"],
)  # fmt: skip
def test_what_came_of_it(bench: Any, later: CostlyTest, saved: float | None) -> None:
    """The joules of a run that listed the test are compared; a loss is told, too."""
    before, after = _runs(bench, costly()), _runs(bench, later)
    (finding,) = find(before)
    shares = followed(PastAdvice(finding, before, after, None))
    assert shares == (None if saved is None else {f"run-{n}": pytest.approx(saved) for n in range(3)})


def test_chance_is_no_saving(bench: Any) -> None:
    """Some runs of the same test are a quarter cheaper and as many are dearer: nobody made it cheaper."""
    before = _runs(bench, costly(), 12)
    (finding,) = find(before)
    joules = [14.0, 20.0, 28.0] * 4
    after = window(*(run(bench, n, details=RunDetails(tests=(costly(joules=j),))) for n, j in enumerate(joules)))
    assert followed(PastAdvice(finding, before, after, None)) is None


def test_dearer_runs_count_in_a_saving(bench: Any) -> None:
    """The median fell to half; the one run that is dearer takes its part away."""
    before = _runs(bench, costly(), 9)
    (finding,) = find(before)
    joules = [10.0, 30.0, 10.0, 10.0, 10.0, 10.0, 10.0]
    after = window(*(run(bench, n, details=RunDetails(tests=(costly(joules=j),))) for n, j in enumerate(joules)))
    shares = followed(PastAdvice(finding, before, after, None))
    assert shares is not None
    assert sorted(shares.values()) == pytest.approx([-0.2, *[0.2] * 6])


def _suites(bench: Any, suites: str, *tests: CostlyTest) -> Any:
    """Return a window with one run for each letter, which is its suite."""
    own = [RunDetails(exit_status=0, suite=suite, tests=tests) for suite in suites]
    return window(*(run(bench, n, ago_h=100.0 - n, details=details) for n, details in enumerate(own)))


@pytest.mark.parametrize(
    ("suites", "others", "saved"),
    [
        ("aaaaab", (), 6), ("baaaab", (), 5), ("bbbbbb", (), 0), ("aabbbb", (), 0), ("aa", (), None),
        ("a" * 6, tuple(costly(f"t.py::{n}", 30.0) for n in range(6)), None),
    ],
    ids=["cheaper", "since the same suite", "removed", "hardly the same suite", "chance", "crowded out"],
)  # fmt: skip
def test_what_came_of_a_test_that_left_the_lists(
    bench: Any, suites: str, others: tuple[CostlyTest, ...], saved: int | None
) -> None:
    """The same tests without it in the list: it takes less than 2 % now. Of another suite nobody knows."""
    before, after = _suites(bench, "aaaaaa", costly()), _suites(bench, suites, *others)
    (finding,) = find(before)
    shares = followed(PastAdvice(finding, before, after, None))
    assert shares is None if saved is None else shares is not None and len(shares) == saved
    assert [*(shares or {}).values()] == [pytest.approx(0.4 - 0.02)] * (saved or 0)
