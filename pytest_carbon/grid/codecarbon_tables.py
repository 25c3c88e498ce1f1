"""Grid factors from CodeCarbon's tables: yearly averages of countries, states and regions.

Without CodeCarbon, as in a CI job that only judges, our copy of the tables in ``zones.json`` is used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from pytest_carbon.core.model import GridFactor, Range
from pytest_carbon.grid.codecarbon_import import data_folder, read_tables

HOUR_LOW, HOUR_HIGH = 0.45, 1.65
"""90 % of a year's hours lie between these multiples of the year's average: in Germany in 2020 between 0.46 and 1.62,
in Great Britain between 0.53 and 1.53 (computed from the ENTSO-E series of the paper "Let's Wait Awhile",
Middleware 2021)."""


@cache
def _own_copy() -> dict[str, Any]:
    text = resources.files("pytest_carbon.grid").joinpath("zones.json").read_text(encoding="utf-8")
    tables: dict[str, Any] = json.loads(text)
    return tables


@cache
def _zone_entries() -> Mapping[str, Any]:
    data = data_folder()
    return read_tables(data) if data else _own_copy()["zones"]


def _table_key(zone: str) -> str:
    """Return the zone's key in the tables: three letters for a country, SE3 for SE-SE3, NO1 for NO-NO1."""
    key = zone.strip().upper()
    if len(key) == 2:
        return str(_own_copy()["countries"].get(key, key))
    country_code, _, area = key.partition("-")
    return area if country_code in ("SE", "NO") and area.startswith(country_code) else key


def yearly_average(zone: str, g_per_kwh: float, year: int, source: str) -> GridFactor:
    """Return a known yearly average, with the range that holds 90 % of the year's hours."""
    return GridFactor(zone, Range(g_per_kwh, g_per_kwh * HOUR_LOW, g_per_kwh * HOUR_HIGH), source, year, assumed=False)


class CodeCarbonTables:
    """The provider of the yearly averages in CodeCarbon's tables."""

    name = "CodeCarbon's tables"

    def factor(self, zone: str) -> GridFactor | None:
        """Return a zone's yearly average, with the range that holds 90 % of the year's hours."""
        entry = _zone_entries().get(_table_key(zone))
        if entry is None:
            return None
        value, year, source = entry
        return yearly_average(zone, value, year, f"{source}; yearly average, from CodeCarbon's tables")

    def zones(self) -> list[str]:
        """Return the zones of all tables, sorted."""
        return sorted(_zone_entries())
