"""The runs of a ledger as Parquet: the same sums as the ledger has."""

from __future__ import annotations

import io
import math
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pyarrow import parquet as arrow

from pytest_carbon.core.records.corrections import apply_corrections
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.ledgers.ledger import Skipped
from pytest_carbon.ledgers.transfer import parquet

EVERYTHING = date(2000, 1, 1), date(2100, 1, 1)


def test_parquet_has_a_row_for_each_run_and_feature(lab: SimpleNamespace, tmp_path: Path) -> None:
    """Rows are corrected and typed, unknown figures are null, and the parts of a run sum to the whole."""
    ledger, unread = lab.fill(FolderLedger(tmp_path / "one", lab.NOW)), list[Skipped]()
    with (tmp_path / "runs.parquet").open("wb") as file:
        number = parquet.write({"org/shop": ledger}, file, unread.append)
    rows: list[dict[str, Any]] = arrow.read_table(tmp_path / "runs.parquet").to_pylist()
    entries = apply_corrections(ledger.read(*EVERYTHING).records)
    assert (number, len(rows), unread) == (11, 11, [])
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
    """The file has every column and no row."""
    file = io.BytesIO()
    assert parquet.write({None: FolderLedger(tmp_path, lab.NOW)}, file, lambda _: None) == 0
    assert arrow.read_table(io.BytesIO(file.getvalue())).num_columns == 31


def test_records_that_cannot_be_read_are_reported(lab: SimpleNamespace, tmp_path: Path) -> None:
    """The good runs are written, and the file that was skipped is named."""
    ledger = FolderLedger(tmp_path, lab.NOW)
    ledger.append([lab.entry("good", shares={"checkout": 1.0, "idle": 0.0})])
    (tmp_path / "2026/06/01/bad.json").write_bytes(b"{")
    skipped: list[Skipped] = []
    assert parquet.write({"org/shop": ledger}, io.BytesIO(), skipped.append) == 1
    assert [file.path for file in skipped] == ["2026/06/01/bad.json"]
