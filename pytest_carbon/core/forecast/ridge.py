"""Ridge regression by normal equations, in plain Python: for few columns and a few thousand rows."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import mul


def fit_ridge(
    columns: Sequence[Sequence[float]], wanted: Sequence[float], towards: Sequence[float], strength: float
) -> list[float]:
    """Return the coefficients that make ``wanted`` of the columns, pulled towards given ones.

    ``strength`` counts in the rows: at 1, the given coefficient of a column weighs as much as all rows that it would
    have alone. A column without any value keeps its given coefficient. All columns are as long as ``wanted``.
    """
    size = len(columns)
    gram = [[sum(map(mul, columns[i], columns[j])) for j in range(i + 1)] for i in range(size)]
    right = [sum(map(mul, column, wanted)) for column in columns]
    for i in range(size):
        pull = strength * gram[i][i]
        gram[i][i] += pull
        right[i] += pull * towards[i]
        if gram[i][i] <= 0:
            gram[i][i], right[i] = 1.0, towards[i]
    return _solve(gram, right)


def _solve(lower: list[list[float]], right: Sequence[float]) -> list[float]:
    """Solve by Cholesky's decomposition; ``lower`` is the lower half of a matrix that is positive definite."""
    size = len(right)
    root = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(i + 1):
            rest = lower[i][j] - math.fsum(map(mul, root[i][:j], root[j][:j]))
            root[i][j] = math.sqrt(max(rest, 1e-12 * lower[i][i])) if i == j else rest / root[j][j]
    forward: list[float] = []
    for i in range(size):
        forward.append((right[i] - math.fsum(map(mul, root[i], forward))) / root[i][i])
    out = [0.0] * size
    for i in reversed(range(size)):
        out[i] = (forward[i] - math.fsum(root[k][i] * out[k] for k in range(i + 1, size))) / root[i][i]
    return out
