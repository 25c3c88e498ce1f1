"""Every region of Azure has a zone with a figure."""

from __future__ import annotations

from pytest_carbon.grid.codecarbon_tables import CodeCarbonTables
from pytest_carbon.grid.runner.azure_zones import AZURE_ZONES


def test_every_zone_has_a_figure() -> None:
    """The tables know each, and each region is listed once and named as Azure writes it."""
    assert all(CodeCarbonTables().factor(zone) for zone in AZURE_ZONES.values())
    assert all(region.isalnum() and region == region.lower() for region in AZURE_ZONES)
    assert (AZURE_ZONES["westeurope"], AZURE_ZONES["eastus"], len(AZURE_ZONES)) == ("NL", "US-VA", 61)
