"""The limits that turn an estimate into an answer."""

from __future__ import annotations

import math

import pytest

from pytest_carbon.core.compare.estimate import Estimate, sigmas_needed, smallest_visible_change, threshold


def test_sigmas_needed_are_those_of_the_normal_distribution() -> None:
    """The whole suite may alarm once in 100 runs, all judged features together once in 200."""
    assert [round(sigmas_needed(judged), 2) for judged in (0, 1, 7, 20)] == [2.33, 2.58, 3.19, 3.48]


@pytest.mark.parametrize(
    ("allowed", "sigma", "limit"),
    [(0.05, 0.0, 1.05), (0.0, 0.0, 1.05), (0.01, 0.01, 1.05), (0.2, 0.01, 1.2), (0.05, 0.1, math.exp(0.3))],
)
def test_threshold_on_known_figures(allowed: float, sigma: float, limit: float) -> None:
    """Growth must be above the allowed growth, above 5 % and above the noise."""
    assert threshold(allowed, sigma, 3.0) == pytest.approx(math.log(limit))
    assert smallest_visible_change(allowed, sigma, 3.0) == pytest.approx(limit * math.exp(1.645 * sigma) - 1, rel=1e-3)


def test_bounds_are_of_95_per_cent() -> None:
    """The bounds are 1.96 sigmas from the change, on either side."""
    assert Estimate(0.1, 0.05, 1.0, 9).bounds() == pytest.approx((0.002, 0.198), abs=1e-4)
