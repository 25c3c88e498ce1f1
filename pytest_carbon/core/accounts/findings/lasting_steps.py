"""Change points that all runs before and after bear out, each at the run where it most likely is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

from pytest_carbon.core.accounts.findings.change_points import LEAST_STEP, ChangePoint, estimate_noise

LEAST_RUNS = 5
"""Fewer runs before or after a step do not bear it out."""
LEAST_SIGMAS = 4.0
_NEIGHBOURS = 3
_ODDS = 1.0
"""A step is at a run if it is e times likelier there than at any other run."""
_MEDIAN_TO_MEAN = math.sqrt(math.pi / 2)  # the standard error of a median, of a normal distribution


class LastingStep(NamedTuple):
    """The first run at a new level, the levels before and after, and the standard error of their difference."""

    run: int
    before_j: float
    after_j: float
    noise_j: float


def find_lasting_steps(
    values: Sequence[float],
    points: Sequence[ChangePoint],
    before_merge: Callable[[int], Sequence[float]] = lambda _: (),
) -> list[LastingStep]:
    """Return the steps of ``find_change_points`` whose level lasts until the next one.

    The medians of all runs before and after differ by LEAST_SIGMAS standard errors and by LEAST_STEP; what differs
    less is dropped, the least sure first. A step whose run is not clear is left out. ``before_merge`` gives the values
    of the runs that the pull request of a run had before its merge: they have its change already, and no later one.
    """
    runs = [point.run for point in points]
    if not runs:
        return []
    sigma = max(estimate_noise(values), 1e-9)
    logs = [math.log(value) for value in values]
    while runs:
        least, place = min((_sigmas(logs, *span, sigma), n) for n, span in enumerate(_spans(logs, runs)))
        if least >= LEAST_SIGMAS:
            break
        del runs[place]
    steps = []
    for before, run, after in _spans(logs, runs):
        located = _locate(logs, (before, run, after), sigma, before_merge)
        if located is not None:
            first, second = (math.exp(median(part)) for part in (logs[before:located], logs[located:after]))
            error = _standard_error(located - before, after - located, sigma)
            steps.append(LastingStep(located, first, second, error * (first + second) / 2))
    return steps


def _spans(logs: Sequence[float], runs: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return for each step the begin of the level before, its run, and the end of the level after."""
    return list(zip([0, *runs], runs, [*runs[1:], len(logs)], strict=False))


def _standard_error(before: int, after: int, sigma: float) -> float:
    return _MEDIAN_TO_MEAN * sigma * math.sqrt(1 / before + 1 / after)


def _sigmas(logs: Sequence[float], before: int, run: int, after: int, sigma: float) -> float:
    if min(run - before, after - run) < LEAST_RUNS:
        return 0.0
    shift = abs(median(logs[run:after]) - median(logs[before:run]))
    return shift / _standard_error(run - before, after - run, sigma) if shift >= math.log1p(LEAST_STEP) else 0.0


def _locate(
    logs: Sequence[float], span: tuple[int, int, int], sigma: float, before_merge: Callable[[int], Sequence[float]]
) -> int | None:
    """Return the likeliest first run at the new level, near the one that was found; None if two are about as likely."""
    before, run, after = span
    low, high = median(logs[before:run]), median(logs[run:after])
    first, last = max(before + 1, run - _NEIGHBOURS), min(after - 1, run + _NEIGHBOURS)
    places = range(first, last + 1)
    of_pulls = {n: [math.log(value) for value in before_merge(n) if value > 0] for n in places}

    def misfit(place: int) -> float:
        """Return half the squared deviations, in sigmas, if the new level began at a place."""
        squares = [(logs[n] - (low if n < place else high)) ** 2 for n in places]
        for n, own in of_pulls.items():
            levels = (low,) if n < place else (high,) if n == place else (low, high)
            squares += [min((log - level) ** 2 for level in levels) for log in own]
        return math.fsum(squares) / (2 * sigma**2)

    (least, located), *others = sorted((misfit(place), place) for place in places)
    return located if not others or others[0][0] - least >= _ODDS else None
