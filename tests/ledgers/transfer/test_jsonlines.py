"""Ledgers as files: JSON lines give the same ledger, and Parquet the same sums."""

from __future__ import annotations

import io
import math
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings
from pyarrow import parquet as arrow

from pytest_carbon.core.records.corrections import apply_corrections
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.ledgers.ledger import Ledger, Skipped
from pytest_carbon.ledgers.transfer import jsonlines, parquet
from pytest_carbon.ledgers.transfer.codecarbon_csv import ImportResult

LAW = settings(max_examples=25, deadline=None)
EVERYTHING = date(2000, 1, 1), date(2100, 1, 1)


def _lines(ledger: Ledger) -> bytes:
    told: list[Skipped] = []
    found = "".join(jsonlines.export_lines(ledger, told.append)).encode()
    assert told == []
    return found


def _filled(lab: SimpleNamespace, folder: Path) -> FolderLedger:
    runs = [lab.entry(f"run-{n}", f"2026-0{4 + n % 2}-{n + 1:02}T10:00:00Z") for n in range(6)]
    ledger = FolderLedger(folder, lab.NOW)
    ledger.append([*runs, lab.correction("c-1", runs[0]), lab.OVERRIDE, lab.SELFTEST], lab.figures())
    ledger.append([], lab.figures("run-2", branch="release"))
    ledger.compact(date(2026, 5, 1))
    return ledger


# -- JSON lines --------------------------------------------------------------------------------------------


def test_json_lines_give_the_same_ledger(lab: SimpleNamespace, tmp_path: Path) -> None:
    """Every record and baseline, byte for byte, however often it is imported."""
    lines = _lines(_filled(lab, tmp_path / "one"))
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
def test_lines_that_are_none_are_told(lab: SimpleNamespace, tmp_path: Path, line: bytes, complaint: str) -> None:
    """With their number; the lines around them are imported."""
    lines = _lines(_filled(lab, tmp_path / "one")).splitlines()
    other = FolderLedger(tmp_path / "other", lab.NOW)
    found = jsonlines.import_lines(io.BytesIO(b"\n".join([lines[0], b"", line, *lines[1:]])), other, lab.NOW)
    assert (found.added, found.baselines, [one.path for one in found.bad]) == (9, 2, ["line 3"])
    assert found.bad[0].reason.startswith(complaint)


def test_a_record_of_the_future_or_too_large_is_left_out(lab: SimpleNamespace, tmp_path: Path) -> None:
    """As it is everywhere in a ledger."""
    (run,) = FolderLedger(tmp_path, lab.NOW).append([lab.entry(labels=("x" * 4000,) * 200)]) and [
        (tmp_path / "2026/06/01/run-1.json").read_bytes()
    ]
    late = run.replace(b"2026-06-01", b"2027-06-01")
    large = run.replace(b'"labels":[', b'"labels":[' + b'"%s",' % (b"y" * 4000) * 60)
    other = FolderLedger(tmp_path / "other", lab.NOW)
    found = jsonlines.import_lines(io.BytesIO(late + large), other, lab.NOW)
    assert found.added == 0
    assert [one.reason[:40] for one in found.bad] == [
        "it is dated 2027-06-01T10:00:00+00:00, w",
        "it is larger than 1 MB",
    ]


# -- Parquet -----------------------------------------------------------------------------------------------


def test_parquet_has_a_row_for_each_run_and_payer(lab: SimpleNamespace, tmp_path: Path) -> None:
    """As last corrected, typed, null where a figure is not known; the parts of a run sum to the whole."""
    ledger, told = _filled(lab, tmp_path / "one"), list[Skipped]()
    with (tmp_path / "runs.parquet").open("wb") as file:
        number = parquet.write({"org/shop": ledger}, file, told.append)
    rows: list[dict[str, Any]] = arrow.read_table(tmp_path / "runs.parquet").to_pylist()
    entries = apply_corrections(ledger.read(*EVERYTHING).records)
    assert (number, len(rows), told) == (11, 11, [])
    assert math.fsum(row["energy_j"] for row in rows) == pytest.approx(math.fsum(e.energy_j or 0 for e in entries))
    assert rows[0] == {
        "repository": "org/shop", "started": rows[0]["started"], "feature": "search", "share": 1.0, "energy_j": 120.5,
        "energy_low_j": 90.0, "energy_high_j": 180.0, "reference_j": 60.25, "operational_g": 0.0128,
        "embodied_g": None, "emissions_g": None, "emissions_low_g": None, "emissions_high_g": None, "id": "run-0",
        "run": "run-0", "attempt": 1, "job": "tests", "commit": "c" * 40, "branch": "feature", "pr": 7,
        "labels": ["search"], "method": "modelled", "machine": "bench", "fingerprint": "f" * 16, "grid_zone": "DE",
        "grid_g_per_kwh": 381.0, "grid_assumed": False, "runner": "", "conclusion": "", "run_tests": 42,
        "run_wall_s": None,
    }  # fmt: skip
    assert rows[0]["started"].isoformat() == "2026-04-01T10:00:00+00:00"


def test_parquet_of_an_empty_ledger(lab: SimpleNamespace, tmp_path: Path) -> None:
    """It has every column and no row."""
    file = io.BytesIO()
    assert parquet.write({None: FolderLedger(tmp_path, lab.NOW)}, file, lambda _: None) == 0
    assert arrow.read_table(io.BytesIO(file.getvalue())).num_columns == 31
