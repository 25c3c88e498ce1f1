"""The providers of grid factors, in the order in which they are asked. A new provider is one line here."""

from __future__ import annotations

import math
from collections.abc import Iterator

from pytest_carbon.core.model import GridFactor, Range
from pytest_carbon.extend.extensions import Extensions
from pytest_carbon.grid.codecarbon_tables import CodeCarbonTables
from pytest_carbon.grid.grid_provider import GridProvider

PROVIDERS: tuple[GridProvider, ...] = (CodeCarbonTables(),)


def find_factor(zone: str, extensions: Extensions) -> GridFactor | None:
    """Return a zone's factor from the first provider that knows the zone: extensions first, then ``PROVIDERS``.

    An extension that raises, or whose answer cannot be used, is passed over and noted as a fault.
    """
    factors = _from_extensions(zone, extensions)
    return next(factors, None) or next((factor for p in PROVIDERS if (factor := p.factor(zone))), None)


def _from_extensions(zone: str, extensions: Extensions) -> Iterator[GridFactor]:
    for package, factor in extensions.call("carbon_grid_factor", zone=zone):
        problem = _problem(factor)
        if problem:
            extensions.add_fault(package, f"asked for the grid zone {zone!r}", ValueError(problem))
        else:
            yield factor


def _problem(factor: object) -> str:
    """Return why an extension's answer cannot be used; empty if it can."""
    if not isinstance(factor, GridFactor) or not isinstance(factor.g_per_kwh, Range):
        return f"a GridFactor with a Range was expected, not {factor!r:.80}"
    grams = tuple(factor.g_per_kwh)
    numbers = all(isinstance(g, int | float) and math.isfinite(g) for g in grams)
    if not numbers or not 0 <= grams[1] <= grams[0] <= grams[2]:
        return f"g_per_kwh is {grams}; the numbers must be finite, and 0 <= low <= central <= high"
    texts = isinstance(factor.zone, str) and isinstance(factor.source, str)
    if not texts or not isinstance(factor.year, int | None) or not isinstance(factor.assumed, bool):
        return "zone and source must be texts, year a whole number or None, and assumed True or False"
    return ""


def known_zones(extensions: Extensions) -> set[str]:
    """Return the names of all zones that some provider knows."""
    known = {zone for provider in PROVIDERS for zone in provider.zones()}
    for package, zones in extensions.call("carbon_grid_zones"):
        try:
            known.update(map(str, zones))
        except TypeError as error:
            extensions.add_fault(package, "asked for its zones", error)
    return known
