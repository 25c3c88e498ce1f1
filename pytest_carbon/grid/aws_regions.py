"""Grid factors of the regions of Amazon Web Services: yearly averages of the grids that they are on."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any

from pytest_carbon.core.model import GridFactor
from pytest_carbon.grid.codecarbon_tables import CodeCarbonTables, yearly_average

_PREFIX = "aws:"


@cache
def _regions() -> dict[str, Any]:
    text = resources.files("pytest_carbon.grid").joinpath("aws_regions.json").read_text(encoding="utf-8")
    regions: dict[str, Any] = json.loads(text)["regions"]
    return regions


class AwsRegions:
    """The provider of the regions of Amazon Web Services."""

    name = "regions of AWS"

    def factor(self, zone: str) -> GridFactor | None:
        """Return the yearly average of a region's grid, with the range that holds 90 % of the year's hours."""
        key = zone.strip().lower()
        entry = _regions().get(key.removeprefix(_PREFIX)) if key.startswith(_PREFIX) else None
        if entry is None:
            return None
        value, year, place = entry
        if isinstance(value, str):
            factor = CodeCarbonTables().factor(value)
            return factor and replace(factor, zone=zone, source=f"AWS, {place}: {factor.source}")
        source = f"AWS, {place}: Electricity Maps, in the Cloud Region Metadata of the Green Software Foundation"
        return yearly_average(zone, value, year, f"{source}; yearly average")

    def zones(self) -> list[str]:
        """Return the regions, sorted."""
        return sorted(_PREFIX + region for region in _regions())
