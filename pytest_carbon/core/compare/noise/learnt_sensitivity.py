"""How much more or less than assumed the tests slow when the machine does.

Reference energy is corrected by what suites have on average in common. What is left differs from suite to suite. It is
learnt from runs of the same code at many speeds, and drawn towards no effect: few runs change little (Bayesian linear
regression without a constant).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from pytest_carbon.core.energy.reference_energy import ELASTICITY

PRIOR_SIGMA = 0.4
"""How far the suites' own elasticities are from what the correction assumes, as a standard deviation."""

KNOWN = 0.75
"""An elasticity is worth telling if its error has become smaller than so much of the prior's."""


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What is left of the elasticity to the machine's slowdown after the correction, and its standard error."""

    elasticity: float
    sigma: float

    def __str__(self) -> str:
        """Return a clause on the whole elasticity; empty if little was learnt."""
        if self.sigma > KNOWN * PRIOR_SIGMA:
            return ""
        slower, usual = (round(100 * (1.1 ** (ELASTICITY + own) - 1)) for own in (self.elasticity, 0.0))
        much = f"{slower} % slower" if slower > 0 else "no slower"
        return f"a machine that is 10 % slower makes these tests {much} ({usual} % is usual)"


def learn(observed: Sequence[tuple[float, float]], sigma: float) -> Sensitivity:
    """Return the sensitivity after some observations: log of a run's slowdown, and log ratio of its cost to the usual.

    Slowdowns are less the usual one, see ``less_usual``. ``sigma`` is the standard error of a log ratio of costs.
    """
    precision = PRIOR_SIGMA**-2 + math.fsum(slowdown**2 for slowdown, _ in observed) / sigma**2
    elasticity = math.fsum(slowdown * error for slowdown, error in observed) / sigma**2 / precision
    return Sensitivity(elasticity, precision**-0.5)


def less_usual(logs: Sequence[float | None]) -> list[float]:
    """Return the log of the first, a head's, and of the others, a baseline's, less the median of the others.

    A log that is not known counts as the usual one.
    """
    known = [log for log in logs[1:] if log is not None]
    usual = median(known) if known else None
    return [0.0 if log is None or usual is None else log - usual for log in logs]
