"""The grid factors that extensions know. An answer that cannot be used becomes a fault."""

from __future__ import annotations

import math
from dataclasses import dataclass

from pytest_carbon.core.model import GridFactor, Range
from pytest_carbon.extend.extensions import Extensions


@dataclass(frozen=True, slots=True)
class ExtensionGridProvider:
    """All extensions together as one GridProvider."""

    extensions: Extensions
    name: str = "extensions"

    def factor(self, zone: str) -> GridFactor | None:
        """Return a zone's factor from the first extension that knows the zone and gives a factor that can be used."""
        for package, factor in self.extensions.call("carbon_grid_factor", zone=zone):
            problem = _reason_unusable(factor)
            if not problem:
                usable: GridFactor = factor
                return usable
            self.extensions.add_fault(package, f"asked for the grid zone {zone!r}", ValueError(problem))
        return None

    def zones(self) -> list[str]:
        """Return the zones that extensions name."""
        zones: list[str] = []
        for package, names in self.extensions.call("carbon_grid_zones"):
            try:
                zones += map(str, names)
            except TypeError as error:
                self.extensions.add_fault(package, "asked for its zones", error)
        return zones


def _reason_unusable(factor: object) -> str:
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
