"""The contents of a ledger's files: what is formatted can be parsed, and nothing else can."""

from __future__ import annotations

import gzip
import json
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.records.record_json import from_data, to_text
from pytest_carbon.ledgers import file_contents
from tests.attack import Attack


def test_unpacking_is_limited(lab: SimpleNamespace) -> None:
    """Of a small file that unpacks to a very large one, no more than the limit is unpacked."""
    bomb = gzip.compress(b"\0" * (file_contents.MAX_PACKED_BYTES * 2))
    assert len(bomb) < file_contents.MAX_RECORD_BYTES
    with pytest.raises(LedgerError, match="unpacks to more than 64 MB"):
        file_contents.parse_baseline(bomb, lab.NOW)
    with pytest.raises(LedgerError, match="followed by other data"):
        file_contents.unpack_month(file_contents.pack_month({"a": "b"}) * 2)


def test_schema_accepts_every_kind_of_record(lab: SimpleNamespace) -> None:
    """A record is formatted, checked against the schema and parsed, and is the same again."""
    for record in (lab.entry(), lab.correction("co-1", lab.entry()), lab.OVERRIDE, lab.SELFTEST):
        assert file_contents.parse_record(to_text(record).encode(), lab.NOW) == record
        assert from_data(json.loads(to_text(record))) == record


def test_equal_months_are_equal_bytes() -> None:
    """A packed month does not depend on the order or the time of packing; too large a month is not packed."""
    files = {"2026/04/01/b.json": "{}\n", "2026/04/01/a.json": "ä\u2028\r\n"}
    data = file_contents.pack_month(files)
    assert data == file_contents.pack_month(dict(reversed(files.items())))
    assert data is not None
    assert data[4:8] == b"\0\0\0\0"
    assert file_contents.unpack_month(data) == files
    assert file_contents.pack_month({"2026/04/01/a.json": "x" * file_contents.MAX_PACKED_BYTES}) is None


@pytest.mark.parametrize("branch", ["main", "ä/b c"])
def test_baseline_is_parsed_as_it_was_formatted(lab: SimpleNamespace, branch: str) -> None:
    """Equal baselines are equal bytes, packed and as a line of an export."""
    run = lab.baseline(branch=branch)
    data = file_contents.baseline_bytes(run, lab.NOW)
    assert file_contents.parse_baseline(data, lab.NOW) == run
    assert file_contents.baseline_bytes(file_contents.parse_baseline(data, lab.NOW), lab.NOW) == data
    assert file_contents.parse_export_line(file_contents.baseline_json(run).encode(), lab.NOW) == run


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is not valid gzip"),
        (b"plain", "it is not valid gzip"),
        (gzip.compress(b"{}", mtime=0)[:-1], "it is not valid gzip"),
        (gzip.compress(b"{}", mtime=0), "its schema is 'None'; this version reads figures of version 1"),
        (gzip.compress(b'{"schema": "pytest-carbon/entry/1"}', mtime=0), "its schema is 'pytest-carbon/entry/1'"),
    ],
)
def test_invalid_baseline_is_refused(lab: SimpleNamespace, data: bytes, reason: str) -> None:
    """The reason says what is wrong with the file."""
    with pytest.raises(LedgerError) as caught:
        file_contents.parse_baseline(data, lab.NOW)
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize(
    "lines", [b"", b"\n", b"[]", b'["a"]', b'["a", 1]', b'["a", "b", "c"]', b'{"a": "b"}', b'["a", "b"]\n\n']
)
def test_invalid_month_is_refused(lines: bytes) -> None:
    """Every line of a month must be a path and a text."""
    with pytest.raises(LedgerError, match=r"one of its lines is not \[path, text\]|it is not valid JSON"):
        file_contents.unpack_month(gzip.compress(lines))


@pytest.mark.parametrize(("ahead", "refused"), [(timedelta(days=1), False), (timedelta(days=1, seconds=1), True)])
def test_clocks_may_differ_by_a_day(lab: SimpleNamespace, ahead: timedelta, refused: bool) -> None:
    """A record dated one day ahead is accepted; a later one has a wrong clock."""
    time: datetime = lab.NOW + ahead
    if refused:
        with pytest.raises(LedgerError, match=r"^it is dated soon, which is in the future; a clock was wrong$"):
            file_contents.refuse_future("soon", time, lab.NOW)
    else:
        file_contents.refuse_future("soon", time, lab.NOW)


@pytest.mark.attack("bombs")
def test_month_of_long_paths_is_refused(attack: Attack) -> None:
    """The longest path of a record is read; what is longer fills the memory without being a record."""
    for chars in (216, file_contents.MAX_PATH_CHARS):
        path = "2026/04/01/".ljust(chars, "a")
        assert file_contents.unpack_month(gzip.compress(json.dumps([path, "{}"]).encode())) == {path: "{}"}
    with pytest.raises(LedgerError, match="it has a path of more than 250 characters") as caught:
        file_contents.unpack_month(gzip.compress(json.dumps(["a" * 251, ""]).encode()))
    attack.ended("refused", str(caught.value))
