"""Ledger records as JSON: one line of canonical text per record."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.records.entry_details import run_details
from pytest_carbon.core.records.entry_figures import entry_contradictions
from pytest_carbon.core.records.ledger_records import (
    Approval,
    Correction,
    Entry,
    Override,
    Record,
    SelfTest,
    normalise_shares,
    parse_time,
)
from pytest_carbon.core.to_plain_json import to_plain_json

_DIGITS = 9
_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}", re.ASCII)
_TIMES = ("started", "entry_started", "made", "granted", "expires")
_RECORD_TYPES: dict[str, type[Record]] = {
    "pytest-carbon/entry/1": Entry,
    "pytest-carbon/correction/1": Correction,
    "pytest-carbon/override/1": Override,
    "pytest-carbon/approval/1": Approval,
    "pytest-carbon/selftest/1": SelfTest,
}
_SCHEMAS = {record_type: schema for schema, record_type in _RECORD_TYPES.items()}
_OPTIONAL = {"wall_s": None, "runner": "", "conclusion": "", "details": None, "rolled": None, "runs": 1}
_NEVER_STORED = ("elsewhere",)


def to_data(record: Record) -> dict[str, Any]:
    """Return a record as JSON values, without unknown optional fields and without fields computed on reading."""
    values = to_plain_json(record, _DIGITS)
    if isinstance(record, Entry) and record.details is not None:
        # without details there is no key: older versions refuse a key that they do not know
        values["details"] = run_details.to_data(record.details) or None
    left_out = [name for name, default in _OPTIONAL.items() if values.get(name, default) == default]
    left_out += _NEVER_STORED
    return {"schema": _SCHEMAS[type(record)], **{name: values[name] for name in values if name not in left_out}}


def to_text(record: Record) -> str:
    """Return a record as one line of canonical JSON: equal records give equal bytes."""
    return (
        json.dumps(to_data(record), sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False) + "\n"
    )


def from_data(data: Mapping[str, Any]) -> Record:
    """Return the record of JSON values that the schema has accepted.

    Raises LedgerError for a text that is no time, an unsafe id, shares that do not sum to 1, and impossible figures.
    """
    record_type = _RECORD_TYPES[data["schema"]]
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in data.items() if key != "schema"
    }
    if values.get("details") is not None:
        values["details"] = run_details.from_data(values["details"])
    record: Record = record_type(**values)
    for name in _TIMES:
        if name in values:
            parse_time(values[name])
    if not _SAFE_ID.fullmatch(record.id):
        raise LedgerError(f"its id is {record.id[:80]!r}; it must be letters, digits, dots and dashes")
    if isinstance(record, Entry | Correction):
        normalise_shares(record.shares, record.id)
    if isinstance(record, Entry) and (wrong := next(entry_contradictions(record), None)):
        raise LedgerError(f"it does not add up: {wrong}")
    return record
