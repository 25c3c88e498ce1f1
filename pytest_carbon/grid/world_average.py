"""The grid factor if no zone is set: the world average, with a range that holds nine countries of ten."""

from __future__ import annotations

from pytest_carbon.core.model import GridFactor, Range

WORLD = GridFactor(
    zone="world average",
    g_per_kwh=Range(475.0, 35.0, 750.0),
    source="assumed: world average (IEA, as in CodeCarbon); range: nine countries of ten",
    year=2019,
    assumed=True,
)
"""A run with this factor is marked as assumed, and no limit in grams is judged."""
