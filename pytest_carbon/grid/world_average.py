"""The factor when nobody said where the machine is: the world's average, with the range of its countries."""

from __future__ import annotations

from pytest_carbon.core.model import GridFactor, Range

WORLD = GridFactor(
    zone="world average",
    g_per_kwh=Range(475.0, 35.0, 750.0),
    source="assumed: world average (IEA, as in CodeCarbon); range: nine countries of ten",
    year=2019,
    assumed=True,
)
"""Not a default country: a run on it is marked as assumed, and no limit in grams is judged on it."""
