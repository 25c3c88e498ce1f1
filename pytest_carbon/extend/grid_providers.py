"""The grid factors that extensions know. An answer that cannot be used becomes a fault."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from pytest_carbon.core.model import GridFactor, Range
from pytest_carbon.extend.extensions import Extensions


@dataclass(frozen=True, slots=True)
class ExtensionGridProvider:
    """All extensions together as one GridProvider: those with ``trylast`` if ``last``, else the others."""

    extensions: Extensions
    last: bool = False
    name: str = "extensions"

    def factor(self, zone: str) -> GridFactor | None:
        """Return a zone's factor from the first extension that knows the zone and gives a factor that can be used."""
        reading = f"asked for the grid zone {zone!r}"
        answers = self.extensions.call("carbon_grid_factor", _check_factor, reading=reading, last=self.last, zone=zone)
        return next((factor for _, factor in answers), None)

    def zones(self) -> list[str]:
        """Return the zones that extensions name."""
        answers = self.extensions.call("carbon_grid_zones", _zone_names, reading="asked for its zones", last=self.last)
        return [zone for _, zones in answers for zone in zones]


def _zone_names(answer: Iterable[object]) -> list[str]:
    return [str(zone) for zone in answer]


def _check_factor(factor: object) -> GridFactor:
    """Return an extension's answer. Raises ValueError with the reason if the answer cannot be used."""
    if not isinstance(factor, GridFactor) or not isinstance(factor.g_per_kwh, Range):
        raise ValueError(f"a GridFactor with a Range was expected, not {factor!r:.80}")  # noqa: TRY004 - one kind of fault
    grams = tuple(factor.g_per_kwh)
    numbers = all(isinstance(g, int | float) and math.isfinite(g) for g in grams)
    if not numbers or not 0 <= grams[1] <= grams[0] <= grams[2]:
        raise ValueError(f"g_per_kwh is {grams}; the numbers must be finite, and 0 <= low <= central <= high")
    texts = isinstance(factor.zone, str) and isinstance(factor.source, str)
    if not texts or not isinstance(factor.year, int | None) or not isinstance(factor.assumed, bool):
        raise ValueError("zone and source must be texts, year a whole number or None, and assumed True or False")
    return factor
