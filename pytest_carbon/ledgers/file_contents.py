"""Parses and formats the contents of a ledger's files: records, packed months and baselines. Trusts no file.

Every function here raises LedgerError with a short reason; the caller adds which file the reason is about.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any

from pytest_carbon.core.errors import LaterError, LedgerError
from pytest_carbon.core.records import ledger_records, record_json, run_measurements
from pytest_carbon.core.records.ledger_records import Record
from pytest_carbon.core.records.run_measurements import RunMeasurements

MAX_RECORD_BYTES = 1_000_000
MAX_PACKED_BYTES = 64_000_000
"""The limit of a packed month or baseline, in bytes, both before and after unpacking."""
MAX_PACKED_RECORDS, MAX_VALUES = 250_000, 4_000_000
"""The limit of a packed month in records, and of one JSON text in values: small values take much memory."""
MAX_PATH_CHARS = 250
"""No record has a longer path: its id has at most 200 characters."""
_CLOCK_TOLERANCE = timedelta(days=1)
_RECORD_KINDS = ("entry", "correction", "override", "approval", "selftest")


def parse_record(data: bytes, now: datetime) -> Record:
    """Parse and check a record. Raises LedgerError with the reason if the bytes are no valid record."""
    return _record(_parse_values(data, MAX_RECORD_BYTES, *_RECORD_KINDS), now)


def _record(values: dict[str, Any], now: datetime) -> Record:
    record = record_json.from_data(values)
    made = values.get("started") or values.get("made") or values["granted"]
    refuse_future(made, ledger_records.parse_time(made), now)
    return record


def record_bytes(record: Record, now: datetime) -> bytes:
    """Return the bytes of a record's file. Raises LedgerError if they could not be read back."""
    try:
        data = record_json.to_text(record).encode()
        parse_record(data, now)
    except (LedgerError, ValueError) as error:
        raise LedgerError(f"the record {record.id} cannot be stored: {error}") from error
    return data


def parse_export_line(data: bytes, now: datetime) -> Record | RunMeasurements:
    """Parse and check a line of an export: a record or a baseline. Raises LedgerError if the line is neither."""
    values = _parse_values(data, MAX_PACKED_BYTES, "figures", *_RECORD_KINDS)
    if values["schema"] == run_measurements.SCHEMA:
        return _baseline(values, now)
    if len(data) > MAX_RECORD_BYTES:
        raise LedgerError(f"it is larger than {MAX_RECORD_BYTES // 1_000_000} MB")
    return _record(values, now)


def parse_baseline(data: bytes, now: datetime) -> RunMeasurements:
    """Parse and check a packed baseline. Raises LedgerError with the reason if the bytes are no valid baseline."""
    return _baseline(_parse_values(_unpack(data), MAX_PACKED_BYTES, "figures"), now)


def _baseline(values: dict[str, Any], now: datetime) -> RunMeasurements:
    measurements = run_measurements.from_json(values)
    refuse_future(measurements.started, ledger_records.parse_time(measurements.started), now)
    return measurements


def baseline_json(run: RunMeasurements) -> str:
    """Return a baseline as one line of JSON. Equal baselines give equal bytes."""
    return json.dumps(run_measurements.to_json(run), separators=(",", ":"), allow_nan=False)


def baseline_bytes(run: RunMeasurements, now: datetime) -> bytes:
    """Return the bytes of a baseline's file. Raises LedgerError if they could not be read back."""
    try:
        data = _pack(baseline_json(run).encode())
        parse_baseline(data, now)
    except (LedgerError, ValueError) as error:
        raise LedgerError(f"the baseline of run {run.run} cannot be stored: {error}") from error
    return data


def unpack_month(data: bytes) -> dict[str, str]:
    """Return the text of each file in a packed month, by path. Raises LedgerError if the bytes are no packed month."""
    files: dict[str, str] = {}
    unpacked = _unpack(data)
    if unpacked.count(b"\n") > MAX_PACKED_RECORDS:
        raise LedgerError(f"it has more than {MAX_PACKED_RECORDS:,} records")
    for line in _decode(unpacked).removesuffix("\n").split("\n"):
        value = _parse_json(line)
        if not isinstance(value, list) or len(value) != 2 or not all(isinstance(part, str) for part in value):
            raise LedgerError("one of its lines is not [path, text]")
        if len(value[0]) > MAX_PATH_CHARS:
            raise LedgerError(f"it has a path of more than {MAX_PATH_CHARS} characters")
        files[value[0]] = value[1]
    return files


def pack_month(files: Mapping[str, str]) -> bytes | None:
    """Pack files into a month; None if they are too large to be read back. Equal files give equal bytes."""
    lines = [json.dumps([path, files[path]], separators=(",", ":")) + "\n" for path in sorted(files)]
    data = "".join(lines).encode()
    return _pack(data) if len(data) <= MAX_PACKED_BYTES and len(files) <= MAX_PACKED_RECORDS else None


def _pack(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def _unpack(data: bytes) -> bytes:
    reader = zlib.decompressobj(wbits=31)  # gzip
    try:
        unpacked = reader.decompress(data, MAX_PACKED_BYTES + 1)
    except zlib.error as error:
        raise LedgerError(f"it is not valid gzip ({error})") from None
    if len(unpacked) > MAX_PACKED_BYTES:
        raise LedgerError(f"it unpacks to more than {MAX_PACKED_BYTES // 1_000_000} MB")
    if not reader.eof or reader.unused_data:
        raise LedgerError("it is not valid gzip (cut short, or followed by other data)")
    return unpacked


def _decode(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise LedgerError(f"it is not UTF-8 text (byte {error.start})") from None


def _refuse_constant(name: str) -> float:
    raise LedgerError(f"it contains {name}, which is not a number")


def _parse_json(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise LedgerError(f"it is not valid JSON ({error})") from None


def _parse_values(data: bytes, limit: int, *kinds: str) -> dict[str, Any]:
    if len(data) > limit:
        raise LedgerError(f"it is larger than {limit // 1_000_000} MB")
    if sum(map(data.count, b"{[,")) > MAX_VALUES:
        raise LedgerError(f"it has more than {MAX_VALUES:,} values")
    values = _parse_json(_decode(data))
    schema = values.get("schema") if isinstance(values, dict) else None
    kind = next((kind for kind in kinds if schema == f"pytest-carbon/{kind}/1"), None)
    if kind is None:
        raise LedgerError(f"its schema is {str(schema)[:80]!r}; this version reads {', '.join(kinds)} of version 1")
    refuse_invalid(values, kind)
    if b"\\ud" in data.lower() and not _has_whole_characters(values):
        raise LedgerError("it contains half a character (a lone surrogate)")
    checked: dict[str, Any] = values
    return checked


def refuse_invalid(values: Mapping[str, Any], kind: str) -> None:
    """Raise LedgerError with the reason if JSON values do not fit the schema of a kind of record."""
    import fastjsonschema

    try:
        _validator(kind)(values)
    except fastjsonschema.JsonSchemaValueException as error:
        raise LedgerError(error.message[:300]) from None


def _has_whole_characters(values: Any) -> bool:
    try:
        return bool(json.dumps(values, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        return False


def refuse_future(text: str, time: datetime, now: datetime) -> None:
    """Raise LedgerError if a record's time is more than a day after ``now``; ``text`` is that time as written.

    Raises LaterError if a person chose ``now``.
    """
    if time > now + _CLOCK_TOLERANCE:
        if isinstance(now, ledger_records.ChosenTime):
            raise LaterError(f"it is dated {text}, and this is done as of {now:%Y-%m-%d}; is --now right?")
        raise LedgerError(f"it is dated {text}, which is in the future; a clock was wrong")


@cache
def _validator(kind: str) -> Any:
    import fastjsonschema

    text = resources.files("pytest_carbon.ledgers").joinpath("records-1.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    return fastjsonschema.compile({**schema["definitions"][kind], "definitions": schema["definitions"]})
