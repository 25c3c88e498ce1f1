"""Grid factors from the tables that CodeCarbon ships: yearly averages of countries, states and regions.

The files are read without importing CodeCarbon.
"""

from __future__ import annotations

import csv
import importlib.util
import json
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pytest_carbon.core.model import GridFactor, Range
from pytest_carbon.hookspecs import hookimpl

HOUR_LOW, HOUR_HIGH = 0.45, 1.65
"""In nine hours of ten the intensity lay between these times the year's average: in Germany in 2020 between 0.46
and 1.62, in Great Britain between 0.53 and 1.53 (computed from the ENTSO-E series of the paper "Let's Wait
Awhile", Middleware 2021)."""
_G_PER_LB, _PER_MWH = 453.59237, 1000.0
Entry = tuple[float, int | None, str]


def _data() -> Path | None:
    spec = importlib.util.find_spec("codecarbon")
    return Path(spec.origin).parent / "data" if spec and spec.origin else None


def _json(data: Path, *parts: str) -> dict[str, Any]:
    table: dict[str, Any] = json.loads(data.joinpath(*parts).read_text(encoding="utf-8"))
    return table


def _countries(data: Path) -> Mapping[str, Entry]:
    table = _json(data, "private_infra", "global_energy_mix.json")
    return {
        code: (float(row["carbon_intensity"]), int(row["year"]), f"Our World in Data, {row['country_name']}")
        for code, row in table.items()
    }


def _usa(data: Path) -> Mapping[str, Entry]:
    table = _json(data, "private_infra", "2023", "usa_emissions.json")
    return {
        f"US-{row['regionCode']}": (row["emissions"] * _G_PER_LB / _PER_MWH, 2023, "EPA eGRID")
        for name, row in table.items()
        if not name.startswith("_") and len(row.get("regionCode", "")) == 2
    }


def _nordic(data: Path) -> Mapping[str, Entry]:
    table = _json(data, "private_infra", "nordic_emissions.json")["data"]
    return {
        zone: (float(row["emission_factor"]), int(row["year"]), str(row["description"])) for zone, row in table.items()
    }


def _china(data: Path) -> Mapping[str, Entry]:
    table = _json(data, "private_infra", "2023", "china_provincial_emissions.json")["data"]
    return {
        zone: (float(row["emission_factor"]), int(row["year"]), f"China, {row['description']}")
        for zone, row in table.items()
    }


_PROVINCES = {
    "alberta": "AB", "british columbia": "BC", "manitoba": "MB", "new brunswick": "NB",
    "newfoundland and labrador": "NL", "nova scotia": "NS", "ontario": "ON", "prince edward island": "PE",
    "quebec": "QC", "saskatchewan": "SK", "northwest territories": "NT", "nunavut": "NU", "yukon": "YT",
}  # fmt: skip


def _canada(data: Path) -> Mapping[str, Entry]:
    mixes = _json(data, "private_infra", "2023", "canada_energy_mix.json")
    per_source = _json(data, "private_infra", "carbon_intensity_per_source.json")
    grams = {
        "naturalGas": per_source["natural_gas"], "coal": per_source["coal"], "petroleum": per_source["petroleum"],
        "nuclear": per_source["nuclear"], "solar": per_source["solar"], "wind": per_source["wind"],
        "hydro": per_source["hydroelectricity"], "biomass": per_source["biomass"], "tidal": 0.0,
    }  # fmt: skip
    entries: dict[str, Entry] = {}
    for province, mix in mixes.items():
        if province in _PROVINCES:
            value = sum(mix.get(source, 0.0) / 100 * g for source, g in grams.items())
            entries[f"CA-{_PROVINCES[province]}"] = (
                value,
                2023,
                f"Canada, {province.title()}, by its energy mix",
            )
    return entries


def _clouds(data: Path) -> Mapping[str, Entry]:
    with (data / "cloud" / "impact.csv").open(encoding="utf-8-sig", newline="") as file:
        return {
            f"{row['provider']}:{row['region']}": (
                float(row["impact"]),
                None,
                f"{row['providerName']}, {row['region']}",
            )
            for row in csv.DictReader(file)
            if row["impact"]
        }


_TABLES: tuple[Callable[[Path], Mapping[str, Entry]], ...] = (
    _countries,
    _usa,
    _nordic,
    _china,
    _canada,
    _clouds,
)


@cache
def _entries() -> Mapping[str, Entry]:
    """Read every table that is there; one that a CodeCarbon release has moved or changed is left out."""
    data = _data()
    entries: dict[str, Entry] = {}
    for read in _TABLES if data else ():
        try:
            assert data is not None
            known = {zone.upper(): entry for zone, entry in read(data).items() if entry[0] > 0}  # 0: no data
            entries.update(known)
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return entries


def _key(zone: str) -> str:
    """Return the tables' own name of a zone: countries by three letters, SE-SE3 and NO-NO1 without the country."""
    key = zone.strip().upper()
    if len(key) == 2:
        import pycountry

        country = pycountry.countries.get(alpha_2=key)
        return str(country.alpha_3) if country else key
    country_code, _, area = key.partition("-")
    return area if country_code in ("SE", "NO") and area.startswith(country_code) else key


@hookimpl
def carbon_grid_factor(zone: str) -> GridFactor | None:
    """Return a zone's yearly average, with the range that an hour of it usually lies in."""
    entry = _entries().get(_key(zone))
    if entry is None:
        return None
    value, year, where = entry
    return GridFactor(
        zone=zone,
        g_per_kwh=Range(value, value * HOUR_LOW, value * HOUR_HIGH),
        source=f"{where}; yearly average, from CodeCarbon's tables",
        year=year,
        assumed=False,
    )


@hookimpl
def carbon_grid_zones() -> list[str]:
    """Return the zones of all tables."""
    return sorted(_entries())
