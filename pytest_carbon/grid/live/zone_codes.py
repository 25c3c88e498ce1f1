"""What the sources call a zone, and which zone a cloud's region lies in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources


@cache
def _table() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    text = resources.files("pytest_carbon.grid.live").joinpath("zone_codes.json").read_text(encoding="utf-8")
    table: dict[str, dict[str, dict[str, str]]] = json.loads(text)
    return table


def codes_of(zone: str) -> Mapping[str, str]:
    """Return the names that sources have for a zone or a cloud's region, by source; empty for an unknown zone."""
    table, key = _table(), zone.strip().upper()
    region = table["regions"].get(zone.strip().lower(), {}).get("zone", "")
    return table["zones"].get(region or table["other-names"].get(key, {}).get("zone", key), {})


def live_zones() -> Mapping[str, Mapping[str, str]]:
    """Return all zones that a live source knows, with what sources call them."""
    return _table()["zones"]


def regions_of(zone: str) -> list[str]:
    """Return the regions of clouds that lie in a zone, such as ``aws:eu-central-1``."""
    return sorted(name for name, entry in _table()["regions"].items() if entry["zone"] == zone)
