"""The tree of files in a folder: what is listed, what is loaded, what is skipped."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.ledgers.file_contents import MAX_RECORD_BYTES
from pytest_carbon.ledgers.folder.folder_tree import FolderTree

EVER = (date.min, date.max)
DAY = "2026/06/01/"


def test_links_and_pipes_are_skipped(tmp_path: Path, lab: SimpleNamespace) -> None:
    """Links and pipes neither hang nor stop a reader; hidden files are ignored."""
    ledger = lab.ledger("folder", tmp_path)
    ledger.append([lab.entry("good")])
    day = tmp_path / "ledger" / DAY
    (day / "link.json").symlink_to(day / "good.json")
    (tmp_path / "ledger" / "2025").symlink_to(tmp_path / "ledger" / "2026")
    os.mkfifo(day / "pipe.json")
    (day / ".hidden.json").write_text("x", encoding="utf-8")
    (day / ".folder").mkdir()
    assert {(skipped.path, skipped.reason) for skipped in ledger.verify().skipped} == {
        (f"{DAY}link.json", "it is a symbolic link"), ("2025", "it is a symbolic link"),
        (f"{DAY}pipe.json", "it is not a regular file"),
    }  # fmt: skip
    assert len(ledger.read(*EVER).records) == 1
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "ledger" / "2024").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(
        LedgerError, match=r"2024 is not a folder, so 2024/06/01/out\.json cannot be written; remove 2024"
    ):
        ledger.append([lab.entry("out", "2024-06-01T00:00:00Z")])
    assert not list((tmp_path / "elsewhere").rglob("*.json"))


def test_missing_folder_is_an_empty_tree(tmp_path: Path) -> None:
    """A missing folder has no files, and is not made."""
    tree = FolderTree.of_folder(tmp_path / "gone")
    assert (tree.paths, tree.not_files, tree.load([])) == (set(), [], ({}, []))
    assert not (tmp_path / "gone").exists()


def test_files_below_a_folder_are_listed_but_not_hidden_ones(tmp_path: Path) -> None:
    """Paths are relative to the folder, at any depth."""
    for name in ("a.json", "2026/06/b.json", ".hidden", ".folder/c.json", "2026/.new-1.part"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert FolderTree.of_folder(tmp_path).paths == {"a.json", "2026/06/b.json"}


def test_large_file_is_skipped_and_one_that_just_fits_is_loaded(tmp_path: Path) -> None:
    """The limit itself is allowed; one byte more is not."""
    (tmp_path / "fits.json").write_bytes(b"x" * MAX_RECORD_BYTES)
    (tmp_path / "large.json").write_bytes(b"x" * (MAX_RECORD_BYTES + 1))
    data, skipped = FolderTree.of_folder(tmp_path).load(["fits.json", "large.json"])
    assert [(path, len(content)) for path, content in data.items()] == [("fits.json", MAX_RECORD_BYTES)]
    assert [(entry.path, entry.reason) for entry in skipped] == [("large.json", "it is larger than 1 MB")]


def test_file_that_was_removed_since_the_listing_is_an_error(tmp_path: Path) -> None:
    """The caller has to list the folder anew."""
    (tmp_path / "a.json").write_bytes(b"x")
    tree = FolderTree.of_folder(tmp_path)
    (tmp_path / "a.json").unlink()
    with pytest.raises(FileNotFoundError):
        tree.load(["a.json"])
