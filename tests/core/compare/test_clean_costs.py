"""Which observations are clean, and what tests usually cost."""

from __future__ import annotations

import math

import pytest

from pytest_carbon.core.compare.clean_costs import clean_logs, full_speed_of_runs, usual_cost
from pytest_carbon.core.compare.estimate import Estimate, TooFewClean
from pytest_carbon.core.energy.reference_energy import CLEAN_RATIO
from pytest_carbon.core.records.run_measurements import MeasuredTest
from tests.core.compare.cases import SLOW, run_of, screen_estimate


@pytest.mark.parametrize(
    ("figure", "seen"),
    [
        (MeasuredTest(math.e, 1.0), True),
        (MeasuredTest(math.e, CLEAN_RATIO), True),
        (MeasuredTest(math.e, SLOW), False),
        (MeasuredTest(math.e, None), False),
        (MeasuredTest(math.e, 1.0, "failed"), False),
        (MeasuredTest(math.e, 1.0, "skipped"), False),
        (MeasuredTest(math.e, 1.0, "xfailed"), False),
        (MeasuredTest(0.0, 1.0), False),
        (MeasuredTest(5e-324, 1.0), False),
    ],
)
def test_observation_is_clean(figure: MeasuredTest, seen: bool) -> None:
    """An observation is clean if the test passed, took energy, and ran between two probes at full speed."""
    logs = clean_logs(run_of([figure]), 1.0)
    assert logs == ({"t0": pytest.approx(1.0)} if seen else {})


def test_full_speed_is_the_best_of_all_runs() -> None:
    """A run that was slow from end to end is not clean because it was steady."""
    slow, fast, blind = (
        run_of([MeasuredTest(1.0, 2.0)] * 5, 2.0),
        run_of([MeasuredTest(1.0, 1.0)] * 5, 1.0),
        run_of([1.0] * 5, None),
    )
    assert (full_speed_of_runs([slow, fast, blind]), full_speed_of_runs([slow]), full_speed_of_runs([blind])) == (
        1.0,
        2.0,
        None,
    )
    assert (full_speed_of_runs([]), clean_logs(fast, None)) == (None, {})
    assert isinstance(screen_estimate(slow, [slow, slow]), Estimate)
    assert screen_estimate(slow, [fast, fast]) == TooFewClean(0.0, 0)


def test_usual_cost_is_the_median_of_the_runs_a_test_passed_in() -> None:
    """Every run in which a test passed counts, fast or slow."""
    runs = [
        run_of([1.0, MeasuredTest(2.0, 5.0)]),
        run_of([4.0]),
        run_of([MeasuredTest(9.0, 1.0, "failed"), 0.0]),
        run_of([2.0]),
    ]
    assert usual_cost(runs) == {"t0": 2.0, "t1": 2.0}
    assert usual_cost([]) == {}
