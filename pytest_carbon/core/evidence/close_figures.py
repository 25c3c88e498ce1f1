"""Whether two figures of a report are equal, but for rounding."""

from __future__ import annotations

ROUNDING = 1e-4
"""Sums may differ by this share: figures have seven significant digits, slowdowns of probes have four."""
_TINY = 1e-9


def differ(first: float, second: float, rounding: float = ROUNDING) -> bool:
    """Return whether two figures differ by more than rounding explains."""
    return abs(first - second) > rounding * max(abs(first), abs(second)) + _TINY


def exceeds(figure: float, most: float) -> bool:
    """Return whether a figure is above another by more than rounding explains."""
    return figure > most * (1 + ROUNDING) + _TINY
