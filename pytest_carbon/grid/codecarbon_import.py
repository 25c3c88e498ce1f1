"""Reads the grid factors that CodeCarbon ships, without importing CodeCarbon.

``python -m pytest_carbon.grid.codecarbon_import`` prints a new copy of the factors for ``zones.json``.
"""

from __future__ import annotations

import csv
import importlib.util
import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_G_PER_LB, _PER_MWH = 453.59237, 1000.0
_NOTICE = (
    "from CodeCarbon's tables, Copyright (c) 2019 Mila, BCG Gamma, CometML, Haverford College, Copyright (c) 2023 "
    "Code Carbon NGO, under the MIT License; zones are [g/kWh, year, source]"
)
ZoneEntry = tuple[float, int | None, str]
"""The yearly average of a zone in g/kWh, the year (None if unknown), and the source."""


def data_folder() -> Path | None:
    """Return the folder of CodeCarbon's tables; None where CodeCarbon is not installed."""
    spec = importlib.util.find_spec("codecarbon")
    return Path(spec.origin).parent / "data" if spec and spec.origin else None


def _json(data: Path, *parts: str) -> dict[str, Any]:
    table: dict[str, Any] = json.loads(data.joinpath(*parts).read_text(encoding="utf-8"))
    return table


def _countries(data: Path) -> Mapping[str, ZoneEntry]:
    table = _json(data, "private_infra", "global_energy_mix.json")
    return {
        code: (float(row["carbon_intensity"]), int(row["year"]), f"Our World in Data, {row['country_name']}")
        for code, row in table.items()
    }


def _usa(data: Path) -> Mapping[str, ZoneEntry]:
    table = _json(data, "private_infra", "2023", "usa_emissions.json")
    return {
        f"US-{row['regionCode']}": (row["emissions"] * _G_PER_LB / _PER_MWH, 2023, "EPA eGRID")
        for name, row in table.items()
        if not name.startswith("_") and len(row.get("regionCode", "")) == 2
    }


def _nordic(data: Path) -> Mapping[str, ZoneEntry]:
    table = _json(data, "private_infra", "nordic_emissions.json")["data"]
    return {
        zone: (float(row["emission_factor"]), int(row["year"]), str(row["description"])) for zone, row in table.items()
    }


def _china(data: Path) -> Mapping[str, ZoneEntry]:
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


def _canada(data: Path) -> Mapping[str, ZoneEntry]:
    mixes = _json(data, "private_infra", "2023", "canada_energy_mix.json")
    per_source = _json(data, "private_infra", "carbon_intensity_per_source.json")
    grams = {
        "naturalGas": per_source["natural_gas"], "coal": per_source["coal"], "petroleum": per_source["petroleum"],
        "nuclear": per_source["nuclear"], "solar": per_source["solar"], "wind": per_source["wind"],
        "hydro": per_source["hydroelectricity"], "biomass": per_source["biomass"], "tidal": 0.0,
    }  # fmt: skip
    entries: dict[str, ZoneEntry] = {}
    for province, mix in mixes.items():
        if province in _PROVINCES:
            value = math.fsum(mix.get(source, 0.0) / 100 * g for source, g in grams.items())
            entries[f"CA-{_PROVINCES[province]}"] = (
                value,
                2023,
                f"Canada, {province.title()}, by its energy mix",
            )
    return entries


_MISSPELT = {"me-cenrtal1": "me-central1"}


def _clouds(data: Path) -> Mapping[str, ZoneEntry]:
    with (data / "cloud" / "impact.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [(row, _MISSPELT.get(row["region"], row["region"])) for row in csv.DictReader(file) if row["impact"]]
    return {
        f"{row['provider']}:{region}": (float(row["impact"]), None, f"{row['providerName']}, {region}")
        for row, region in rows
    }


_TABLES: tuple[Callable[[Path], Mapping[str, ZoneEntry]], ...] = (
    _countries,
    _usa,
    _nordic,
    _china,
    _canada,
    _clouds,
)


def read_tables(data: Path) -> dict[str, ZoneEntry]:
    """Return the entries of all tables in CodeCarbon's folder, by zone in capitals.

    A table that a release of CodeCarbon moved or changed is left out.
    """
    entries: dict[str, ZoneEntry] = {}
    for read in _TABLES:
        try:
            entries.update({zone.upper(): entry for zone, entry in read(data).items() if entry[0] > 0})  # 0: no data
        except (OSError, ValueError, KeyError, TypeError):
            continue
    return entries


def make_copy(data: Path) -> dict[str, Any]:
    """Return the content of ``zones.json``: notice, three-letter country codes by two-letter code, and zones."""
    import pycountry

    zones = read_tables(data)
    codes = {country.alpha_2: country.alpha_3 for country in pycountry.countries if country.alpha_3 in zones}
    return {"notice": _NOTICE, "countries": codes, "zones": {zone: list(zones[zone]) for zone in sorted(zones)}}


def _print_copy() -> None:
    data = data_folder()
    if data is None:
        raise SystemExit("CodeCarbon is not installed; pip install codecarbon pycountry")
    tables = make_copy(data)
    zones = ",\n".join(f"{json.dumps(zone)}:{json.dumps(entry)}" for zone, entry in tables.pop("zones").items())
    print(f'{json.dumps(tables)[:-1]}, "zones": {{\n{zones}\n}}}}')


if __name__ == "__main__":
    _print_copy()
