"""Reads ``[grid]``: which sources of grid signals may be asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from pytest_carbon.config.toml_table import TomlTable, one_of, read_switch, read_text, read_texts
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.signals.signal import Basis, Kind, Origin, Side

TABLE = "table"
"""The yearly tables, the last link: they ask nobody."""
FILE, SDK = "file", "carbon-aware-sdk"
_NO_PLAIN_ADDRESS = re.compile(r"[^!-~]|[@?#\\]")
"""What would make another address of ours: the paths of the web API must end the address."""


@dataclass(frozen=True, slots=True)
class OwnSource:
    """A source of the user's own: its path or address, and what its figures mean."""

    place: str
    origin: Origin


@dataclass(frozen=True, slots=True)
class GridSettings:
    """The sources in the order in which they are asked; by default the yearly tables alone, so that nobody is asked.

    ``detect`` allows to ask the cloud's metadata service, in CI, for the region of a machine without a zone.
    """

    sources: tuple[str, ...] = (TABLE,)
    file: OwnSource | None = None
    carbon_aware_sdk: OwnSource | None = None
    detect: bool = False

    @property
    def is_live(self) -> bool:
        """Whether a source other than the yearly tables may be asked."""
        return any(name != TABLE for name in self.sources)


def read_grid(value: Any, where: str) -> GridSettings:
    """Read the table. Raises ConfigError for a wrong value, and for an own source without its table."""
    table = TomlTable(value, where)
    sources = table.take("sources", read_texts, (TABLE,))
    file = table.take(FILE, _read_file, None)
    sdk = table.take(SDK, _read_sdk, None)
    detect = table.take("detect", read_switch, False)
    table.refuse_unknown_keys()
    for name, own in ((FILE, file), (SDK, sdk)):
        if name in sources and own is None:
            raise ConfigError(f'{where}: sources has "{name}"; say where it is and what it tells, in [grid.{name}]')
    if not sources or len(set(sources)) < len(sources):
        raise ConfigError(f"{where}: sources must name each source once, in the order to ask them; it is {sources}")
    return GridSettings(sources, file, sdk, detect)


def _read_file(value: Any, where: str) -> OwnSource:
    return _read_own(value, where, "path", FILE)


def _read_sdk(value: Any, where: str) -> OwnSource:
    own = _read_own(value, where, "url", SDK)
    if not own.place.startswith(("https://", "http://")):
        raise ConfigError(f"{where}: url must begin with https:// or http://")
    if _NO_PLAIN_ADDRESS.search(own.place.partition("://")[2]):
        raise ConfigError(
            f"{where}: url has a user, a query or a space; write the address alone, such as https://carbon.example/api"
        )
    return OwnSource(own.place.rstrip("/"), own.origin)


def _read_own(value: Any, where: str, place_key: str, name: str) -> OwnSource:
    table = TomlTable(value, where)
    place = table.take(place_key, read_text, "")
    kind = table.take("kind", one_of("average", "marginal"), "")
    basis = table.take("basis", one_of("lifecycle", "direct"), "")
    side = table.take("side", one_of("consumption", "production"), "consumption")
    table.refuse_unknown_keys()
    missing = [key for key, own in ((place_key, place), ("kind", kind), ("basis", basis)) if not own]
    if missing:
        raise ConfigError(f"{where} has no {' and no '.join(missing)}; figures without a meaning cannot be counted")
    origin = Origin(name, cast(Kind, kind), cast(Basis, basis), cast(Side, side), "your own source")
    return OwnSource(str(Path(place)) if place_key == "path" else place, origin)
