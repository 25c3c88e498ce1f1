"""The exporters: their names, and what they write of ledgers."""

from __future__ import annotations

import io
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from pyarrow.parquet import read_table

from pytest_carbon.core.records.run_entry import RunSource, make_entry
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.ledgers.ledger import Skipped
from pytest_carbon.ledgers.transfer.exporter import Exporter
from pytest_carbon.ledgers.transfer.registry import EXPORTERS
from tests.samples import NOW, make_report

BY_NAME: dict[str, Exporter] = {exporter.name: exporter for exporter in EXPORTERS}


@pytest.fixture
def ledger(tmp_path: Path) -> FolderLedger:
    """A ledger with two runs and a file that is no record."""
    ledger = FolderLedger(tmp_path, NOW, 10)
    ledger.append([make_entry(make_report(n, ago=timedelta(days=n)), RunSource()) for n in (1, 2)])
    (tmp_path / "2026/06/13/broken.json").write_text("{", encoding="ascii")
    return ledger


def test_names_are_unique() -> None:
    """Two formats with one name would hide each other."""
    assert len(BY_NAME) == len(EXPORTERS)


@pytest.mark.parametrize(("name", "count"), [("jsonl", 2), ("parquet", 4)])
def test_what_cannot_be_read_is_passed_on(ledger: FolderLedger, name: str, count: int) -> None:
    """The number of lines or rows is returned: a run of two features has two rows."""
    file, skipped = io.BytesIO(), list[Skipped]()
    assert BY_NAME[name].write({"org/shop": ledger}, file, skipped.append) == count
    assert [record.path for record in skipped] == ["2026/06/13/broken.json"]


def test_a_text_has_a_line_for_each_unit(ledger: FolderLedger) -> None:
    """Only a text may go to standard output."""
    assert [name for name, exporter in BY_NAME.items() if exporter.is_text] == ["jsonl"]
    file = io.BytesIO()
    count = BY_NAME["jsonl"].write({None: ledger}, file, lambda _: None)
    assert file.getvalue().decode().count("\n") == count


def test_a_format_that_names_repositories_holds_several(ledger: FolderLedger) -> None:
    """The others are given one ledger."""
    assert [name for name, exporter in BY_NAME.items() if exporter.names_repositories] == ["parquet"]
    file = io.BytesIO()
    BY_NAME["parquet"].write({"org/one": ledger, "org/two": ledger}, file, lambda _: None)
    rows = read_table(io.BytesIO(file.getvalue())).to_pylist()
    assert {row["repository"] for row in rows} == {"org/one", "org/two"}


def test_the_registry_loads_no_format() -> None:
    """pyarrow is an extra, and is loaded only when Parquet is written."""
    code = (
        "import sys; import pytest_carbon.ledgers.transfer.registry; "
        "print(*sorted({'pyarrow', 'pytest_carbon.ledgers.transfer.parquet', 'pytest_carbon.ledgers.ledger'} "
        "& {*sys.modules}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
