"""Laws of the robust mean: weights, outliers, order and units."""

from __future__ import annotations

import statistics
from random import Random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_carbon.core.compare.robust_mean import error_of_mean, robust_mean
from tests.core.compare.cases import EXACT, LAW


@pytest.mark.parametrize(
    ("changes", "weights", "mean"),
    [
        ([0.1] * 5, [1, 2, 3, 4, 5], 0.1),
        ([0.0, 0.1, 0.2, 0.3, 0.4], [1] * 5, 0.2),
        ([0.0, 0.0, 0.0, 0.0, 9.0], [1] * 5, 0.3 / 5),  # drawn in to the least reach
        ([0.0, 0.0, 0.0, 0.0, 9.0], [1, 1, 1, 1, 1e9], 0.3 / 5),  # ten tests or fewer weigh the same
        ([0.0] * 20 + [9.0], [1.0] * 20 + [1e9], 0.3 / 10),
        ([-0.02, -0.01, 0.0, 0.01, 0.02] * 2 + [9.0], [1] * 11, 0.3 / 11),
        ([-0.4, -0.2, 0.0, 0.2, 0.4] * 2 + [9.0], [1] * 11, 2 * 1.4826 * 0.2 / 11),  # two deviations of noisy tests
        ([0.1] * 10 + [0.2] * 10, [3] * 10 + [1] * 10, 0.125),
        ([0.0] * 10 + [0.25] * 10, [1] * 20, 0.125),  # half of the tests a quarter costlier
        ([0.0] * 16 + [0.69] * 4, [1] * 20, 0.3 / 5),  # a fifth of them at twice the cost: found, and understated
    ],
)  # fmt: skip
def test_mean_on_known_changes(changes: list[float], weights: list[float], mean: float) -> None:
    """Tests weigh by their cost, up to a tenth of the whole weight, and outliers are drawn in."""
    assert robust_mean(changes, weights) == pytest.approx(mean, abs=EXACT)


@pytest.mark.parametrize(
    ("changes", "weights", "error"),
    [
        ([0.1] * 9, [1] * 9, 0.0),  # noise that all tests share is seen elsewhere
        ([0.1, -0.1] * 8, [2] * 16, 0.1 / 4),
        ([0.1, -0.1] * 200, [2] * 400, 0.1 / 20),
        ([0.2, -0.2] * 5 + [0.0] * 990, [1e9] * 10 + [1.0] * 990, 0.2 / 10**0.5),  # ten costly tests decide
        ([9.0] + [0.0] * 9, [1] * 10, 0.3 / 10),
    ],
)  # fmt: skip
def test_error_by_what_each_test_does_alone(changes: list[float], weights: list[float], error: float) -> None:
    """More tests of the same weight make the error smaller; a few that decide the mean make the error wide."""
    mean = statistics.median(changes)
    assert error_of_mean(changes, weights, mean) == pytest.approx(error, rel=1e-3, abs=EXACT)


CHANGES = st.integers(-64, 64).map(lambda n: n / 64)
WEIGHTS = st.one_of(st.integers(1, 9).map(float), st.sampled_from([1e-9, 1e-3, 1e3, 1e9]))


@LAW
@given(st.lists(st.tuples(CHANGES, WEIGHTS), min_size=5, max_size=30), st.floats(-800, 800), WEIGHTS)
@example([(0.0, 1.0)] * 4, 800.0, 1e9)
@example([(0.0, 1e-9)] * 30, 800.0, 1e9)
def test_one_outlier_moves_the_mean_a_little(items: list[tuple[float, float]], wild: float, weight: float) -> None:
    """However far one test changed, and however much it costs, the mean stays near the other tests."""
    changes, weights = [change for change, _ in items], [w for _, w in items]
    low, high = min(changes), max(changes)
    reach = max(3 * (high - low), 0.3) + EXACT
    assert low - reach <= robust_mean([*changes, wild], [*weights, weight]) <= high + reach


@LAW
@given(st.lists(st.tuples(CHANGES, WEIGHTS), min_size=1, max_size=30), CHANGES, st.randoms(use_true_random=False))
@example([(n / 64, 1.0) for n in range(20)], 0.0, Random(0))  # noqa: S311 (ten tenths are less than one)
def test_mean_moves_with_its_changes(items: list[tuple[float, float]], by: float, chance: Random) -> None:
    """The mean lies between the changes and moves with them; their order and the weights' unit do not matter."""
    changes, weights = [change for change, _ in items], [weight for _, weight in items]
    mean = robust_mean(changes, weights)
    assert min(changes) - EXACT <= mean <= max(changes) + EXACT
    assert robust_mean([change + by for change in changes], weights) == pytest.approx(mean + by, abs=EXACT)
    assert robust_mean(changes, [weight / 10 for weight in weights]) == pytest.approx(mean, abs=EXACT)
    mixed = chance.sample(items, len(items))
    assert robust_mean([c for c, _ in mixed], [w for _, w in mixed]) == pytest.approx(mean, abs=EXACT)
