"""The folder of a ledger: whole files, no file written over, nothing left behind."""

from __future__ import annotations

import os
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger


@pytest.mark.parametrize(("made_before", "ignored"), [(False, True), (True, False)])
def test_new_carbon_folder_ignores_itself(
    tmp_path: Path, lab: SimpleNamespace, made_before: bool, ignored: bool
) -> None:
    """Only a folder .carbon that we make gets a .gitignore; an existing folder is left alone."""
    if made_before:
        (tmp_path / ".carbon").mkdir()
    FolderLedger(tmp_path / ".carbon" / "ledger", lab.NOW).append([lab.entry()])
    assert (tmp_path / ".carbon" / ".gitignore").exists() is ignored


def test_no_temporary_file_is_left(tmp_path: Path, lab: SimpleNamespace) -> None:
    """The group may read all files, others may not, and no temporary file is left."""
    lab.ledger("folder", tmp_path).append([lab.entry()], lab.baseline())
    files = [path for path in (tmp_path / "ledger").rglob("*") if path.is_file()]
    assert len(files) == 3
    assert {path.stat().st_mode & 0o777 for path in files} == {0o640}


def test_temporary_files_of_killed_processes_are_removed(tmp_path: Path, lab: SimpleNamespace) -> None:
    """A temporary file is ignored, and removed when it is older than an hour."""
    ledger = lab.ledger("folder", tmp_path)
    ledger.append([lab.entry("run-1")])
    old, new = (tmp_path / "ledger" / f".new-{name}.part" for name in ("old", "new"))
    for path in (old, new):
        path.write_bytes(b"{")
    os.utime(old, (time.time() - 4000,) * 2)
    assert ledger.verify().whole
    ledger.append([lab.entry("run-2")])
    assert (old.exists(), new.exists()) == (False, True)


def test_existing_record_is_not_overwritten(tmp_path: Path, lab: SimpleNamespace) -> None:
    """A record with an existing id does not replace the first record, even if that is corrupt."""
    ledger = lab.ledger("folder", tmp_path)
    ledger.append([lab.entry("run-1")])
    path = tmp_path / "ledger" / "2026/06/01/run-1.json"
    before = path.read_bytes()
    assert ledger.append([lab.entry("run-1", tests=1)]) == []
    assert path.read_bytes() == before
    path.write_bytes(b"{")
    assert ledger.append([lab.entry("run-1")]) == []
    assert path.read_bytes() == b"{"


def test_file_in_place_of_the_folder_is_explained(tmp_path: Path, lab: SimpleNamespace) -> None:
    """The error names the folder and the reason."""
    (tmp_path / "ledger").write_text("mine", encoding="utf-8")
    ledger = FolderLedger(tmp_path / "ledger", lab.NOW)
    with pytest.raises(LedgerError, match=r"folder .*/ledger: .* cannot be used \(Not a directory"):
        ledger.append([lab.entry()])
    with pytest.raises(LedgerError, match="check its permissions and the free space"):
        ledger.verify()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "2026").write_text("mine", encoding="utf-8")
    with pytest.raises(LedgerError, match="it holds other files"):
        FolderLedger(tmp_path / "other", lab.NOW).append([lab.entry()])
