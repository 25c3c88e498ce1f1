"""The additive logarithmic mean Divisia index (LMDI-I): the change of a product, split by its factors.

Source: Ang (2004, 2015); zeros have their analytic limits, as in Ang and Liu (2007).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

_NEAR = 1e-4
"""Two numbers that are as near as this, relatively, have their mean by a series, which loses no digits."""


class Level(NamedTuple):
    """A quantity before and after, such as runs, joules, grams; each level is the one before times one factor.

    ``factor`` names that factor. An amount is None if it is not known.
    """

    factor: str
    before: float | None
    after: float | None


class Part(NamedTuple):
    """The part of a change that is due to one factor, or to several that cannot be told apart."""

    factors: tuple[str, ...]
    amount: float


def logarithmic_mean(first: float, second: float) -> float:
    """Return the logarithmic mean of two numbers that are at least 0; it is 0 if one of them is."""
    if first <= 0 or second <= 0:
        return 0.0
    difference = (first - second) / second
    if abs(difference) < _NEAR:
        return second * (1 + difference / 2 - difference**2 / 12 + difference**3 / 24)
    return (first - second) / (math.log(first) - math.log(second))


def split_product(levels: Sequence[Level]) -> list[Part]:
    """Return the parts of the change in the last level, which is the total and must be known; they sum to the change.

    The part of a factor is the logarithmic mean of the totals times the log ratio of the factor. If the total is 0 in
    one window, the first level that is 0 there has the whole change. A level that is not known, or 0 below a total
    that is not, is passed over: the next part is then of several factors together.
    """
    total = levels[-1]
    known = [level for n, level in enumerate(levels[:-1]) if _is_usable(level, levels[n + 1 :])]
    ends = [*(_reached(level, total) for level in known), (total.after or 0.0) - (total.before or 0.0)]
    parts, passed = [], 0.0
    names = iter(levels)
    for level, end in zip((*known, total), ends, strict=True):
        factors: list[str] = []
        while not factors or factors[-1] != level.factor:
            factors.append(next(names).factor)
        parts.append(Part(tuple(factors), end - passed))
        passed = end
    return parts


def _is_usable(level: Level, later: Sequence[Level]) -> bool:
    """Return whether a level is known, and is 0 only where all later ones are."""
    return all(
        own is not None and (own > 0 or not any(rest))
        for own, rest in (
            (level.before, [after.before for after in later]),
            (level.after, [after.after for after in later]),
        )
    )


def _reached(level: Level, total: Level) -> float:
    """Return how much of the change all factors up to a level make together."""
    before, after, start, end = level.before or 0.0, level.after or 0.0, total.before or 0.0, total.after or 0.0
    if start > 0 and end > 0:
        return logarithmic_mean(end, start) * (math.log(after) - math.log(before))
    absent = before if start == 0 else after
    return end - start if absent == 0 else 0.0
