"""Builds the facts: releases and their support from endoflife.date, and our own tables of devices."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import Any

from packaging.version import Version

from pytest_carbon.core.devices.support_values import LAST_SOLD, DeviceFacts, DeviceGroup, Release
from pytest_carbon.core.devices.version_ranges import parse_version
from pytest_carbon.core.devices.wording import release_label
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.files.read_bounded import FACTS_BYTES, read_bytes

REFRESHED_TABLE = Path(".carbon/lifecycles.json")
"""The path of the refreshed table in a project."""
_FAMILIES = {"nodejs": "node", "alpine-linux": "alpine"}
"""Families by their product at endoflife.date, if the names differ."""
_APPLE_BRANDS = {"iphone": "iPhone", "ipad": "iPad"}


def shipped_facts() -> DeviceFacts:
    """Return the facts that this package ships."""
    return build_facts(json.loads(_read_text("lifecycles.json")), "shipped with pytest-carbon")


def load_facts(root: Path) -> DeviceFacts:
    """Return the newer of the shipped facts and the refreshed facts of a project.

    Raises ConfigError if the refreshed table is broken.
    """
    path, shipped = root / REFRESHED_TABLE, shipped_facts()
    try:
        refreshed = build_facts(json.loads(read_bytes(path, FACTS_BYTES, root)), str(REFRESHED_TABLE))
    except FileNotFoundError:
        return shipped
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ConfigError(
            f"{path} cannot be read ({why}); write it anew: pytest-carbon devices --refresh, or delete it"
        ) from error
    return refreshed if refreshed.as_of >= shipped.as_of else shipped


def _read_text(name: str) -> str:
    return resources.files("pytest_carbon.device_facts").joinpath(name).read_text(encoding="utf-8")


def build_facts(lifecycles: Mapping[str, Any], origin: str) -> DeviceFacts:
    """Return the facts of a table of lifecycles and of our own tables; ``origin`` says where the former is from.

    Raises ValueError, KeyError, TypeError or AttributeError if the table of lifecycles is broken.
    """
    products: Mapping[str, Mapping[str, Any]] = lifecycles["products"]
    tables = tomllib.loads(_read_text("devices.toml"))
    early = tables["early"]
    releases = {
        _FAMILIES.get(name, name): tuple(_releases(name, {**rows, **early.get(name, {})}, tables))
        for name, rows in products.items()
    }
    apple = tuple(_apple_groups(products))
    newest_ios = max((group.last for group in apple), key=int, default="0")
    groups = {
        "ios": tuple(group for group in apple if group.last != newest_ios),  # devices on the newest may get the next
        "android": tuple(_android_groups(releases["android"])),
        "windows": tuple(_windows_groups(products["windows"], tables["windows"])),
        "glibc": tuple(_glibc_groups(tables["glibc"], releases)),
        **{family: tuple(_hand_kept_groups(tables[family])) for family in ("macos", "x86-64", "wheels")},
    }
    return DeviceFacts(
        as_of=date.fromisoformat(lifecycles["as_of"]),
        source=f"endoflife.date (MIT), {origin}",
        releases=releases,
        groups=groups,
        needs=tables["needs"],
        newest_covered={**tables["newest-covered"], "ios": newest_ios},
    )


def _releases(product: str, rows: Mapping[str, Any], tables: Mapping[str, Any]) -> Iterator[Release]:
    """Yield the releases of a product whose name is a version; the releases of Android by their API level."""
    for name, row in rows.items():
        version = tables["android"].get(name) if product == "android" else name
        if version and parse_version(version):
            yield Release(
                version,
                _parse_day(row.get("from")),
                _parse_end_of_support(row.get("until")),
                _parse_day(row.get("extended")),
            )


def _parse_day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else None


def _parse_end_of_support(value: Any) -> date | None:
    """Return the last day of support: ``date.max`` for False (no end yet), ``date.min`` for True (an unknown day)."""
    return date.max if value is False else date.min if value is True else _parse_day(value)


def _apple_groups(products: Mapping[str, Mapping[str, Any]]) -> Iterator[DeviceGroup]:
    """Yield the iPhones and iPads with the last system they can run: the last number of the supported range."""
    for product, brand in _APPLE_BRANDS.items():
        for name, row in products[product].items():
            systems = re.findall(r"\d+", str(row.get("systems", "")))
            sold = _parse_day(row.get("sold"))
            how, newest = (LAST_SOLD, sold) if sold else ("introduced", _parse_day(row.get("from")))
            if systems:
                yield DeviceGroup(
                    f"{brand} {_model_name(name)}", systems[-1], newest, how, _parse_end_of_support(row.get("until"))
                )


def _model_name(name: str) -> str:
    """Return a model as people write it: ``6S Plus``, ``SE (1)``, ``Pro 2 (12-inch)``."""
    words = name.split("-")
    if len(words) == 3 and words[-1].isdigit():
        return f"{words[0].title()} {words[1]} ({words[2]}-inch)"
    if words[0] == "se":
        return f"SE ({words[1]})"
    return " ".join(word.upper() if word[0].isdigit() or len(word) < 3 else word.title() for word in words)


def _android_groups(releases: tuple[Release, ...]) -> Iterator[DeviceGroup]:
    """Yield the devices that stay at an API level; they were sold new at least until the next level came."""
    ordered = sorted(releases, key=lambda release: Version(release.name))
    for release, following in pairwise(ordered):
        name = f"phones and tablets that stay at {release_label('android', release.name)}"
        yield DeviceGroup(name, release.name, following.released, "sold at least until", release.until)


def _windows_groups(rows: Mapping[str, Any], table: Mapping[str, Any]) -> Iterator[DeviceGroup]:
    for last, name in table["names"].items():
        row = rows.get(table["releases"][last], {})
        yield DeviceGroup(name, last, table["sold"].get(last), LAST_SOLD, _parse_end_of_support(row.get("until")))


def _glibc_groups(rows: list[Mapping[str, Any]], releases: Mapping[str, tuple[Release, ...]]) -> Iterator[DeviceGroup]:
    """Yield the Linux distributions with their glibc."""
    for row in rows:
        for family, _, name in (system.partition(" ") for system in row["systems"]):
            release = next((line for line in releases.get(family, ()) if line.name == name), Release(name))
            yield DeviceGroup(release_label(family, name), row["last"], release.released, "released", release.until)


def _hand_kept_groups(rows: list[Mapping[str, Any]]) -> Iterator[DeviceGroup]:
    for row in rows:
        how = LAST_SOLD if "sold" in row else "introduced"
        yield DeviceGroup(row["name"], row["last"], row.get("sold") or row.get("introduced"), how)
