"""Ids and times of new records, and the line that says where a record was added."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pytest_carbon.cli.shared.new_record import append_record, format_time, new_record_id
from pytest_carbon.core.records.ledger_records import SelfTest
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from tests.samples import NOW


def test_a_time_is_written_in_whole_seconds_of_utc() -> None:
    """Fractions of a second are dropped."""
    assert format_time(NOW.replace(microsecond=999_999)) == "2026-06-15T12:00:00Z"


def test_ids_name_time_and_kind_and_differ() -> None:
    """Two records of one moment have different ids."""
    ids = {new_record_id(NOW, "override") for _ in range(10)}
    assert len(ids) == 10
    assert all(id_.startswith("20260615T120000Z-override-") for id_ in ids)


@pytest.mark.parametrize("as_json", [False, True])
def test_a_record_is_appended_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str], as_json: bool) -> None:
    """The line, or the JSON, has the id and the ledger."""
    ledger = FolderLedger(tmp_path, NOW, 10)
    record = SelfTest("test-1", format_time(NOW), "digest", 20, 0, {}, {})
    append_record(ledger, record, "nothing changes", as_json=as_json)
    assert ledger.read(NOW.date(), NOW.date()).records == (record,)
    out = capsys.readouterr().out
    if as_json:
        assert json.loads(out) == {"ledger": ledger.where, "added": ["test-1"]}
    else:
        assert out == f"added test-1 to the folder {tmp_path}: nothing changes\n"
