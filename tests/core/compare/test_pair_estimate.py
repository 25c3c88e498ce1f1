"""The estimate from pairs: laws of it, over runs made by hand and by chance."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.compare.estimate import Estimate, TooFewClean
from pytest_carbon.core.compare.noise.noisy_tests import MOST_SPREAD
from pytest_carbon.core.compare.pair_estimate import UNKNOWN_VARIATION, estimate_pairs
from pytest_carbon.core.records.run_measurements import MeasuredTest, RunMeasurements
from tests.core.compare.cases import (
    EXACT,
    JOULES,
    LAW,
    SLOW,
    estimate_of_pairs,
    run_of,
    runs_of_same_tests,
    scaled,
    screen_estimate,
)


@LAW
@given(runs_of_same_tests(least=2, clean=True), JOULES)
def test_pairs_of_the_same_runs_have_their_ratio(runs: list[RunMeasurements], ratio: float) -> None:
    """The same runs on both sides have not changed; a head scaled by r has changed by log r."""
    same, more = estimate_of_pairs(runs, runs), estimate_of_pairs(runs, [scaled(run, ratio) for run in runs])
    assert isinstance(same, Estimate)
    assert isinstance(more, Estimate)
    assert (same.change, same.coverage, same.tests) == (0.0, pytest.approx(1.0), len(runs[0].tests))
    assert more.change == pytest.approx(math.log(ratio), abs=EXACT)
    assert more.sigma == pytest.approx(same.sigma, abs=EXACT)


def test_median_is_taken_of_equally_many_observations() -> None:
    """A side with more clean observations does not look cheaper: only as many count as on the other side."""
    base = [run_of([joules] * 6) for joules in (3.0, 2.0, 1.0)]
    head = [run_of([2.0] * 6), run_of([MeasuredTest(0.1, SLOW)] * 6), run_of([3.0] * 6)]
    result, other_way = estimate_of_pairs(base, head), estimate_of_pairs(head, base)
    assert isinstance(result, Estimate)
    assert isinstance(other_way, Estimate)
    assert (result.change, other_way.change) == (0.0, 0.0)


def test_side_that_was_slowed_more_often_is_not_costlier() -> None:
    """Seven clean runs against three clean runs of the same noisy work agree within 2 %."""
    chance = Random(7)  # noqa: S311 (the same draw every time)
    base = [run_of([chance.lognormvariate(0, 0.1) for _ in range(300)]) for _ in range(7)]
    head = [run_of([chance.lognormvariate(0, 0.1) for _ in range(300)]) for _ in range(3)]
    result = estimate_of_pairs(base, [*head, *[run_of([MeasuredTest(1.0, SLOW)] * 300)] * 4])
    assert isinstance(result, Estimate)
    assert abs(result.change) < 0.02


@pytest.mark.parametrize(
    ("base", "head", "coverage", "tests"),
    [
        pytest.param([run_of([])] * 2, [run_of([])] * 2, 0.0, 0, id="empty runs"),
        pytest.param([run_of([1.0] * 9)], [run_of([1.0] * 9)], 0.0, 0, id="one pair"),
        pytest.param([run_of([1.0] * 9, None)] * 2, [run_of([1.0] * 9, None)] * 2, 0.0, 0, id="no probes"),
        pytest.param([run_of([1.0])] * 2, [run_of([1.0])] * 2, 1.0, 1, id="one test"),
        pytest.param(
            [run_of([1.0] * 6)] * 2, [run_of([1.0] * 6), run_of([MeasuredTest(1.0, SLOW)] * 6)], 0.0, 0, id="seen once"
        ),
        pytest.param(
            [run_of([1.0] * 5 + [6.0])] * 2,
            [run_of([1.0] * 5 + [MeasuredTest(6.0, SLOW)])] * 2,
            5 / 11,
            5,
            id="too little",
        ),
        pytest.param(
            [run_of([1.0] * 9)] * 2, [run_of([MeasuredTest(1.0, 1.0, "failed")] * 9)] * 2, 0.0, 0, id="all fail now"
        ),
    ],
)
def test_confirmation_that_saw_too_little_is_unclear(
    base: list[RunMeasurements], head: list[RunMeasurements], coverage: float, tests: int
) -> None:
    """At least five tests, and half of the cost, must be seen twice on both sides."""
    assert estimate_of_pairs(base, head) == TooFewClean(pytest.approx(coverage), tests)


def test_confirmation_follows_renamed_tests() -> None:
    """Renamed tests are compared; tests that are not asked for, or unknown, are not."""
    base, head = run_of([1.0] * 7), run_of([1.2] * 6 + [9.0])
    renamed = replace(head, tests={f"now-{n}": f for n, f in head.tests.items()})
    result = estimate_pairs(
        [base] * 3, [renamed] * 3, {f"now-{n}": n for n in base.tests}, {f"now-t{n}" for n in range(6)} | {"new"}
    )
    assert isinstance(result, Estimate)
    assert (result.change, result.coverage, result.tests) == (pytest.approx(math.log(1.2)), pytest.approx(1.0), 6)


def test_confirmation_without_any_pair_is_unclear() -> None:
    """Without any run there is no estimate."""
    assert estimate_pairs([], [], {}, set()) == TooFewClean(0.0, 0)


def test_sides_that_disagree_with_themselves_raise_the_error() -> None:
    """If odd runs are 20 % above even runs on both sides, the error is larger than the prior."""
    runs = [scaled(run_of([1.0] * 9), math.exp(0.2 * (n % 2))) for n in range(6)]
    result = estimate_of_pairs(runs, runs)
    assert isinstance(result, Estimate)
    assert result.sigma == pytest.approx(math.sqrt((2 * 0.02**2 + 2 * 0.2**2) / 4))


def test_tests_that_vary_each_by_itself_raise_the_error() -> None:
    """Each of ten tests is in its odd runs a tenth above or below its even ones; the mean does not move."""
    base = [run_of([math.exp(0.1 * (n % 2) * (-1) ** test) for test in range(10)]) for n in range(6)]
    result = estimate_of_pairs(base, base)
    assert isinstance(result, Estimate)
    shared, own = math.sqrt(2 * 0.02**2 / 4), 0.1 / math.sqrt(10) / math.sqrt(2)
    assert result.sigma == pytest.approx(math.hypot(shared, own), rel=0.01)


def test_error_that_is_not_known_is_not_nothing() -> None:
    """If the base was clean in its even runs alone, its tests are taken to vary as much as any that is not noisy."""
    clean, slow = run_of([1.0] * 10), run_of([MeasuredTest(1.0, SLOW)] * 10)
    known, unknown = estimate_of_pairs([clean] * 4, [clean] * 4), estimate_of_pairs([clean, slow] * 2, [clean] * 4)
    assert isinstance(known, Estimate)
    assert isinstance(unknown, Estimate)
    own = UNKNOWN_VARIATION / math.sqrt(10) / math.sqrt(2)
    assert known.sigma == pytest.approx(math.sqrt(2 * 0.02**2 / 4))
    assert unknown.sigma == pytest.approx(math.hypot(math.sqrt(2 * 0.02**2 / 3), own))
    assert UNKNOWN_VARIATION == MOST_SPREAD


@pytest.mark.parametrize(
    ("tests", "grown", "ratio"), [(10, 2, 2.2), (10, 3, 1.35), (20, 5, 1.9), (25, 5, 2.1), (40, 7, 2.2), (6, 1, 2.3)]
)
def test_growth_in_some_tests_does_not_widen_its_own_error(tests: int, grown: int, ratio: float) -> None:
    """A change decides how its tests grow, so what they differ from each other is no noise."""
    chance = Random(1)  # noqa: S311
    costs = [[chance.lognormvariate(0.0, 0.01) for _ in range(tests)] for _ in range(14)]
    base = [run_of(own) for own in costs[:7]]
    head = [run_of([cost * (ratio if test < grown else 1) for test, cost in enumerate(own)]) for own in costs[7:]]
    result = estimate_of_pairs(base, head)
    assert isinstance(result, Estimate)
    assert result.sigma < 0.02


@LAW
@given(runs_of_same_tests(least=2, clean=True), st.integers(0, 12), st.floats(1e-6, 1e6))
def test_one_outlier_moves_either_estimate_a_little(runs: list[RunMeasurements], test: int, ratio: float) -> None:
    """However much one test has changed, the estimate stays within a fifth of the least reach."""
    run, name = runs[0], f"t{test % len(runs[0].tests)}"
    wild = replace(run, tests={**run.tests, name: MeasuredTest(run.tests[name].reference_j * ratio, 1.0)})
    for result in (screen_estimate(wild, [run] * 5), estimate_of_pairs([run] * 5, [wild] * 5)):
        assert isinstance(result, Estimate)
        assert abs(result.change) <= 0.3 / 5 + EXACT
