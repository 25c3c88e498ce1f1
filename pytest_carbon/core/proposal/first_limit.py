"""The first limit of a feature: what one run needed, with room above it."""

from __future__ import annotations

import math

from pytest_carbon.core.quantities import format_amount, format_number

HEADROOM, SPARE_J = 0.5, 0.6
"""A half more than was measured, and 0.6 J at least: 0.3 s of CPU time, below which noise decides."""


def first_limit_j(measured_j: float) -> float:
    """Return the limit per run (reference J) for what a run needed, rounded up to two digits."""
    wanted = max(measured_j * (1 + HEADROOM), measured_j + SPARE_J)
    step = 10.0 ** (math.floor(math.log10(wanted)) - 1)
    return float(f"{math.ceil(wanted / step - 1e-9) * step:.6g}")


def describe_limit(measured_j: float) -> str:
    """Say where the limit comes from: the figure, the room above it, and what passes below it where that is much."""
    measured = f"{format_amount(measured_j, 'reference')} measured"
    if measured_j * HEADROOM >= SPARE_J:
        return f"{measured}, and a half more"
    times = format_number(first_limit_j(measured_j) / measured_j, 2)
    spare = f"{format_amount(SPARE_J, 'reference')} more for noise"
    return f"{measured}, and {spare}: up to {times} times passes here, unless growth of [budget] sees it"
