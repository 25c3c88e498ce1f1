"""JSON lines of a ledger: exported and imported, they give the same ledger."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import settings

from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.ledgers.ledger import Ledger, Skipped
from pytest_carbon.ledgers.transfer import jsonlines
from pytest_carbon.ledgers.transfer.codecarbon_csv import ImportResult

LAW = settings(max_examples=25, deadline=None)
EVERYTHING = date(2000, 1, 1), date(2100, 1, 1)


def _lines(ledger: Ledger) -> bytes:
    skipped: list[Skipped] = []
    result = "".join(jsonlines.export_lines(ledger, skipped.append)).encode()
    assert skipped == []
    return result


def test_exported_lines_import_as_the_same_ledger(lab: SimpleNamespace, tmp_path: Path) -> None:
    """Every record and baseline is the same, byte for byte, however often it is imported."""
    lines = _lines(lab.fill(FolderLedger(tmp_path / "one", lab.NOW)))
    assert lines.count(b"\n") == 11
    other = FolderLedger(tmp_path / "other", lab.NOW)
    assert jsonlines.import_lines(io.BytesIO(lines), other, lab.NOW) == ImportResult(9, 0, 2)
    assert jsonlines.import_lines(io.BytesIO(lines + lines), other, lab.NOW) == ImportResult(0, 22, 0)
    assert _lines(other) == lines


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"{", "it is not valid JSON"),
        (b"[]", "its schema is 'None'"),
        (
            b'{"schema": "pytest-carbon/entry/2"}',
            "its schema is 'pytest-carbon/entry/2'; this version reads figures, en",
        ),
        (b"\xff\xfe", "it is not UTF-8 text (byte 0)"),
        (b'{"schema": "pytest-carbon/entry/1", "energy_j": NaN}', "it contains NaN, which is not a number"),
        (b"[" * 100_000, "it is not valid JSON"),
        (b'{"schema": "pytest-carbon/entry/1", "job": "' + b"x" * 1_000_000 + b'"}', "data must contain"),
    ],
)
def test_invalid_lines_are_skipped(lab: SimpleNamespace, tmp_path: Path, line: bytes, complaint: str) -> None:
    """They are reported with their number; the lines around them are imported."""
    lines = _lines(lab.fill(FolderLedger(tmp_path / "one", lab.NOW))).splitlines()
    other = FolderLedger(tmp_path / "other", lab.NOW)
    result = jsonlines.import_lines(io.BytesIO(b"\n".join([lines[0], b"", line, *lines[1:]])), other, lab.NOW)
    assert (result.added, result.baselines, [file.path for file in result.bad]) == (9, 2, ["line 3"])
    assert result.bad[0].reason.startswith(complaint)


def test_records_of_the_future_and_large_records_are_skipped(lab: SimpleNamespace, tmp_path: Path) -> None:
    """The limits are those of every ledger."""
    (run,) = FolderLedger(tmp_path, lab.NOW).append([lab.entry(labels=("x" * 4000,) * 200)]) and [
        (tmp_path / "2026/06/01/run-1.json").read_bytes()
    ]
    late = run.replace(b"2026-06-01", b"2027-06-01")
    large = run.replace(b'"labels":[', b'"labels":[' + b'"%s",' % (b"y" * 4000) * 60)
    other = FolderLedger(tmp_path / "other", lab.NOW)
    result = jsonlines.import_lines(io.BytesIO(late + large), other, lab.NOW)
    assert result.added == 0
    assert [line.reason[:40] for line in result.bad] == [
        "it is dated 2027-06-01T10:00:00+00:00, w",
        "it is larger than 1 MB",
    ]
