"""How much more or less than assumed the tests slow when the machine does.

Reference energy is corrected by what suites have on average in common. What is left differs from suite to suite. It is
learnt from runs of the same code at many speeds, and drawn towards no effect: few runs change little (Bayesian linear
regression without a constant, one observation after the other).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum
from statistics import median

from pytest_carbon.core.energy.reference_energy import ELASTICITY

Conditions = tuple[float, ...]
"""Logs of what tells a run's speed, each less its usual value: of the slowdown, and of the walk through memory."""

PRIOR_SIGMAS: Conditions = (0.4, 0.1)
"""How far the suites' own elasticities are from what the correction assumes, as standard deviations."""

KNOWN = 0.75
"""An elasticity is worth telling if its error has become smaller than so much of the prior's."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What is left of the elasticities after the correction: the means, and their covariance."""

    means: Conditions
    covariance: tuple[Conditions, ...]

    def __str__(self) -> str:
        """Return a clause on the elasticity to the machine's speed; empty if little was learnt."""
        error = math.sqrt(self.covariance[0][0])
        if error > KNOWN * PRIOR_SIGMAS[0]:
            return ""
        slower = [100 * (1.1 ** (ELASTICITY + elasticity) - 1) for elasticity in (self.means[0], 0.0)]
        return f"a machine that is 10 % slower makes these tests {slower[0]:.0f} % slower ({slower[1]:.0f} % is usual)"

    def effect(self, conditions: Conditions) -> float:
        """Return the log ratio by which tests under such conditions seem costlier."""
        return _product(self.means, conditions)

    def variance(self, conditions: Conditions) -> float:
        """Return the variance of that log ratio."""
        return _product(conditions, _times(self.covariance, conditions))


def learn(observed: Iterable[tuple[Conditions, float]], sigma: float) -> Sensitivity:
    """Return the sensitivity after some observations: conditions of a run, and the log ratio of its cost to the usual.

    ``sigma`` is the standard error of one log ratio under the usual conditions.
    """
    size = len(PRIOR_SIGMAS)
    means: Conditions = (0.0,) * size
    covariance = tuple(
        tuple(own**2 * (row == column) for column in range(size)) for row, own in enumerate(PRIOR_SIGMAS)
    )
    for conditions, error in observed:
        spread = _times(covariance, conditions)
        gain = tuple(value / (sigma**2 + _product(conditions, spread)) for value in spread)
        unexplained = error - _product(means, conditions)
        means = tuple(mean + own * unexplained for mean, own in zip(means, gain, strict=True))
        covariance = tuple(
            tuple(value - own * other for value, other in zip(row, spread, strict=True))
            for row, own in zip(covariance, gain, strict=True)
        )
    return Sensitivity(means, covariance)


def less_usual(logs: Sequence[float | None]) -> list[float]:
    """Return the log of the first, a head's, and of the others, a baseline's, less the median of the others.

    A log that is not known counts as the usual one.
    """
    known = [log for log in logs[1:] if log is not None]
    usual = median(known) if known else None
    return [0.0 if log is None or usual is None else log - usual for log in logs]


def _product(first: Sequence[float], second: Sequence[float]) -> float:
    return fsum(a * b for a, b in zip(first, second, strict=True))


def _times(matrix: Sequence[Sequence[float]], vector: Sequence[float]) -> Conditions:
    return tuple(_product(row, vector) for row in matrix)
