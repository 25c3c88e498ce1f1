"""Life-cycle factors of sources of power, to make an intensity from a mix.

The medians of IPCC AR5 WGIII, Annex III, table A.III.2 (2014), in g CO2e per kWh. Lignite, oil and waste are not in
that table: lignite is put above coal's upper end, oil and waste are assumptions between gas and coal.
Biomass is IPCC's dedicated crops; others count 0 or 120 (combustion alone). A source that is not named counts as gas
and coal in equal parts: unknown is not clean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

FACTORS: Mapping[str, float] = {
    "coal": 820.0,
    "lignite": 1050.0,
    "gas": 490.0,
    "oil": 720.0,
    "waste": 580.0,
    "biomass": 230.0,
    "geothermal": 38.0,
    "hydro": 24.0,
    "nuclear": 12.0,
    "solar": 45.0,
    "wind": 11.0,
    "unknown": 655.0,
}
"""Grams of CO2e per kWh by source."""
CARBON_FREE = frozenset(["geothermal", "hydro", "nuclear", "solar", "wind"])


def shares_of(power: Mapping[str, float]) -> dict[str, float] | None:
    """Return the shares (0..1) of sources by their power or energy from 0; None if there is no power at all."""
    whole = math.fsum(power.values())
    return {source: part / whole for source, part in power.items()} if whole > 0 else None


def intensity_of(shares: Mapping[str, float]) -> float:
    """Return the g CO2e per kWh of a mix. Raises KeyError for a source that has no factor."""
    return math.fsum(FACTORS[source] * share for source, share in shares.items())


def carbon_free_share(shares: Mapping[str, float]) -> float:
    """Return the share of sources that burn nothing; biomass and waste are not among them."""
    return min(1.0, math.fsum(share for source, share in shares.items() if source in CARBON_FREE))
