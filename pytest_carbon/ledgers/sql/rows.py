"""Converts records to rows of the tables and back. A record comes back exactly as from a file."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from pytest_carbon.core.errors import LedgerError, RecordError
from pytest_carbon.core.records import ledger_records as core
from pytest_carbon.core.records import record_json
from pytest_carbon.core.records.ledger_records import Entry, Record, parse_time
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.ledgers import file_contents
from pytest_carbon.ledgers.file_layout import baseline_folder, baseline_path
from pytest_carbon.ledgers.sql.schema import DEFAULTS, RUN_FIELDS

MAX_FEATURE_BYTES, MAX_REPOSITORY_BYTES = 2000, 200
"""Limits of names, in bytes: both names are in indexes, whose rows PostgreSQL limits to 2,704 bytes."""
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")
Row = dict[str, Any]
Key = tuple[date, str]


@dataclass(slots=True)
class Rows:
    """The rows of an append: of runs and of other records, the shares of each run, and all keys in their order."""

    runs: list[Row] = field(default_factory=list)
    shares: dict[Key, Mapping[str, float]] = field(default_factory=dict)
    records: list[Row] = field(default_factory=list)
    keys: dict[Key, None] = field(default_factory=dict)


def make_rows(repository: str, records: Iterable[Record], now: datetime) -> Rows:
    """Return records as rows; of records with the same day and id only the first.

    Raises LedgerError for a record that could not be read back, RecordError for one that a database cannot store.
    """
    rows = Rows()
    for record in records:
        text = file_contents.record_bytes(record, now).decode()
        key = (core.record_day(record), record.id)
        if key in rows.keys:
            continue
        rows.keys[key] = None
        row = {"repository": repository, "day": key[0], "id": key[1]}
        if isinstance(record, Entry):
            _refuse_unstorable(record, text)
            values = json.loads(text)
            rows.runs.append({**row, **_run_row(values)})
            rows.shares[key] = values["shares"]
        else:
            rows.records.append({**row, "kind": kind_of(record), "record": text})
    for new in (rows.runs, rows.records):
        new.sort(key=lambda row: (row["day"], row["id"]))  # writers that lock rows in the same order cannot deadlock
    return rows


def _run_row(values: Mapping[str, Any]) -> Row:
    return {name: values.get(name, DEFAULTS[name]) for name in RUN_FIELDS}


def _refuse_unstorable(run: Entry, text: str) -> None:
    if "\\u0000" in text and _NUL.search(text):
        raise RecordError(
            f"the record {run.id} contains a NUL character, which no text in a database can contain; rename what has it"
        )
    longest = max(len(name.encode()) for name in run.shares)
    if longest > MAX_FEATURE_BYTES:
        raise RecordError(
            f"the record {run.id} has a feature whose name is {longest} bytes long; in a database, names have at most "
            f"{MAX_FEATURE_BYTES} bytes; shorten it in the policy"
        )


def entry_from_row(
    day: date, row: Sequence[Any], shares: Mapping[str, float], now: datetime, elsewhere: int = 0
) -> Entry:
    """Return the run of a row with RUN_FIELDS and its shares. Raises LedgerError, with the reason, if it is invalid."""
    values = dict(zip(RUN_FIELDS, row, strict=True))
    if not isinstance(values["labels"], list) or not all(isinstance(label, str) for label in values["labels"]):
        raise LedgerError("its labels are not a list of texts")
    if values["details"] is not None:
        file_contents.refuse_invalid(values["details"], "details")
    record = record_json.from_data(
        {"schema": "pytest-carbon/entry/1", **values, "shares": shares, "elsewhere": elsewhere}
    )
    assert isinstance(record, Entry)
    started = parse_time(record.started)
    if started.date() != day:
        raise LedgerError(f"its path should be {core.record_path(record)}")
    file_contents.refuse_future(record.started, started, now)
    return record


def record_from_row(day: date, id_: str, kind: str, text: str, now: datetime) -> Record:
    """Return the record of a row. Raises LedgerError with the reason for an invalid row."""
    record = file_contents.parse_record(bytes(text, "utf-8", "surrogatepass"), now)
    if (core.record_day(record), record.id) != (day, id_):
        raise LedgerError(f"its path should be {core.record_path(record)}")
    if kind_of(record) != kind:
        raise LedgerError(f"its column kind says {kind[:40]!r}, but it is of the kind {kind_of(record)}")
    return record


def kind_of(record: Record) -> str:
    """Return the kind of a record, in one word."""
    return type(record).__name__.lower()


def baseline_row(repository: str, run: RunMeasurements, now: datetime) -> Row:
    """Return a baseline as a row. Raises LedgerError if it could not be read back."""
    return {"repository": repository, **_baseline_columns(run), "data": file_contents.baseline_bytes(run, now)}


def baseline_from_row(row: Mapping[str, Any], now: datetime) -> RunMeasurements:
    """Return the baseline of a row. Raises LedgerError if it is invalid or does not agree with its columns."""
    run = file_contents.parse_baseline(row["data"], now)
    if row["path"] != baseline_path(run):
        raise LedgerError(f"its path should be {baseline_path(run)}")
    wrong = [name for name, value in _baseline_columns(run).items() if row[name] != value]
    if wrong:
        raise LedgerError(f"these columns do not agree with its content: {', '.join(wrong)}")
    return run


def _baseline_columns(run: RunMeasurements) -> Row:
    """Return the columns by which queries find a baseline."""
    return {
        "path": baseline_path(run),
        "folder": baseline_folder(str(run.branch)),
        "branch": str(run.branch),
        "started": f"{parse_time(run.started).astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}",
    }
