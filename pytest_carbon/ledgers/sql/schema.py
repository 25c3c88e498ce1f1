"""The tables of a ledger in a database, as queries see them. ``migrations/`` makes and changes them.

``runs`` has a row for each run, ``entries`` a row for each feature that pays for a run, ``records`` the corrections,
overrides, approvals and self-tests as canonical JSON. ``rollups`` has the sums of days, ``stale`` the days to sum.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from pytest_carbon.core.records.day_sums import GRID_FIELDS, SUMMED_FIELDS
from pytest_carbon.core.records.ledger_records import Entry

REVISION = "0002"
"""The version of the schema that this code reads and writes. Later versions sort after it."""

metadata = MetaData()
_TYPES: dict[str, Any] = {
    "str": Text,
    "int": BigInteger,
    "float": Double,
    "bool": Boolean,
    "tuple[str, ...]": JSON,
    "RunDetails": JSON(none_as_null=True),
}
_NOT_COLUMNS = ("shares", "rolled", "runs", "elsewhere")


def _column(name: str) -> Column[object]:
    kind, _, none = str(Entry.__dataclass_fields__[name].type).partition(" | ")
    return Column(name, _TYPES[kind], nullable=bool(none), primary_key=name == "id")


def _key(name: str = "day") -> Column[object]:
    return Column(name, {"day": Date, "number": Integer, "share": Double}.get(name, String), primary_key=True)


RUN_FIELDS = tuple(part.name for part in fields(Entry) if part.name not in _NOT_COLUMNS)
DEFAULTS = {part.name: part.default for part in fields(Entry)}
ROLLED_FIELDS = ("rolled", "runs", *GRID_FIELDS, *SUMMED_FIELDS)

runs = Table("runs", metadata, _key("repository"), _key("day"), *(_column(name) for name in RUN_FIELDS))
entries = Table(
    "entries", metadata, _key("repository"), _key("day"), _key("id"), _key("feature"), Column("share", Double)
)
records = Table(
    "records", metadata, _key("repository"), _key("day"), _key("id"), Column("kind", Text), Column("record", Text)
)
baselines = Table(
    "baselines",
    metadata,
    _key("repository"),
    _key("path"),
    Column("folder", Text),
    Column("branch", Text),
    Column("started", Text),
    Column("data", LargeBinary),
)
stale = Table("stale", metadata, _key("repository"), _key("day"))
rollups = Table(
    "rollups", metadata, _key("repository"), _key("day"), _key("number"), *(_column(name) for name in ROLLED_FIELDS)
)
version = Table("alembic_version", MetaData(), Column("version_num", String))
