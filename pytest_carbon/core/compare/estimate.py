"""The estimate of a growth, and the limits that turn an estimate into an answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import NamedTuple

LEAST_TESTS = 5
"""Fewer tests give no estimate."""
LEAST_LOG = math.log(1.05)
"""No smaller growth is ever called growth, whatever the policy allows."""
ALPHA = 0.01
"""The share of runs of the same code in which the whole suite may be called costlier."""
ONE_SIDED_95 = NormalDist().inv_cdf(0.95)
TWO_SIDED_95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A change of the same tests as a log ratio (0.095 is 10 % more), with its standard error ``sigma``.

    ``coverage`` is the share of the tests' cost that was seen clean on both sides, in ``tests`` tests.
    """

    change: float
    sigma: float
    coverage: float
    tests: int

    def bounds(self) -> tuple[float, float]:
        """Return the 95 % bounds of the change, as log ratios."""
        return self.change - TWO_SIDED_95 * self.sigma, self.change + TWO_SIDED_95 * self.sigma


@dataclass(frozen=True, slots=True)
class TooFewClean:
    """Too few tests were seen at full speed for an estimate. ``coverage`` and ``tests`` are as in Estimate."""

    coverage: float
    tests: int


class Prior(NamedTuple):
    """The standard error that is assumed without history; it weighs as much as ``comparisons`` observed errors."""

    comparisons: float
    sigma: float


def sigmas_needed(features: int = 0) -> float:
    """Return how many sigmas a growth must reach: of the whole suite, or of each of ``features`` features.

    The same code may be called costlier once in 100 runs for the whole suite, and once in 200 runs for all its
    features together. Features get half, because they are smaller and show less of their own noise.
    """
    return NormalDist().inv_cdf(1 - ALPHA / (2 * features if features else 1))


def threshold(allowed: float, sigma: float, sigmas: float) -> float:
    """Return the log ratio above which tests are called costlier; ``allowed`` is a ratio, 0.05 for 5 %."""
    return max(math.log1p(allowed), LEAST_LOG, sigmas * sigma)


def smallest_visible_change(allowed: float, sigma: float, sigmas: float) -> float:
    """Return the smallest true change, as a ratio, that is called costlier 19 times in 20."""
    return math.expm1(threshold(allowed, sigma, sigmas) + ONE_SIDED_95 * sigma)


def bias_of(prior: Prior, errors: Sequence[float]) -> float:
    """Return the mean error of the comparisons of the same code with itself, drawn towards 0 by the prior.

    Noise adds to a test's cost more often than it takes from it, so a single run is above the median of many.
    """
    return math.fsum(errors) / (prior.comparisons + len(errors))


def sigma_of(prior: Prior, errors: Sequence[float], bias: float = 0.0) -> float:
    """Return the standard error: the prior and the observed errors, each weighted by its number of comparisons."""
    squares = prior.comparisons * prior.sigma**2 + math.fsum((error - bias) ** 2 for error in errors)
    return math.sqrt(squares / (prior.comparisons + len(errors)))
