"""The paths of a ledger's files."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.ledgers import file_layout
from pytest_carbon.ledgers.file_layout import TreeChange


@pytest.mark.parametrize(
    ("path", "day", "record"),
    [
        ("2026/06/01/run-1.json", date(2026, 6, 1), True),
        ("2026/06/01/A_b.c-1.json", date(2026, 6, 1), True),
        ("2026/06/01/-run.json", date(2026, 6, 1), False),
        ("2026/06/01/a b.json", date(2026, 6, 1), False),
        ("2026/06/01/deep/run-1.json", date(2026, 6, 1), False),
        ("2026/06/01/run-1.txt", date(2026, 6, 1), False),
        ("2026/13/01/run-1.json", None, False),
        ("2026/02/29/run-1.json", None, False),
        ("2024/02/29/run-1.json", date(2024, 2, 29), True),
        ("0000/01/01/run-1.json", None, False),
        ("٢٠٢٦/06/01/run-1.json", None, False),
        ("2026/06/01.json", None, False),
        ("README.md", None, False),
        ("", None, False),
    ],
)
def test_record_lies_in_the_folder_of_its_day(path: str, day: date | None, record: bool) -> None:
    """The day must exist, and the name must be a safe one."""
    assert (file_layout.day_of_path(path), file_layout.is_record(path)) == (day, record)


@pytest.mark.parametrize(
    ("path", "days"),
    [
        ("2026/06.jsonl.gz", (date(2026, 6, 1), date(2026, 6, 30))),
        ("2024/02.jsonl.gz", (date(2024, 2, 1), date(2024, 2, 29))),
        ("2026/12.jsonl.gz", (date(2026, 12, 1), date(2026, 12, 31))),
        ("2026/00.jsonl.gz", None),
        ("2026/13.jsonl.gz", None),
        ("9999/12.jsonl.gz", None),
        ("2026/06.jsonl", None),
        ("2026/06/01/run-1.json", None),
    ],
)
def test_days_of_a_packed_month(path: str, days: tuple[date, date] | None) -> None:
    """A packed month has a first and a last day; the last month of the calendar cannot be packed."""
    assert file_layout.days_of_month(path) == days


def test_month_of_a_record() -> None:
    """A record is packed into the month of its day."""
    assert file_layout.month_path("2026/06/01/run-1.json") == "2026/06.jsonl.gz"


@pytest.mark.parametrize(
    ("path", "baseline"),
    [
        ("baseline/main-0d6e4079/a.run-1.json.gz", True),
        ("baseline/main-0d6e4079/deep/a.json.gz", False),
        ("baseline/a.json.gz", False),
        ("baseline/main-0d6e4079/a.json", False),
        ("other/main-0d6e4079/a.json.gz", False),
    ],
)
def test_baseline_lies_in_the_folder_of_its_branch(path: str, baseline: bool) -> None:
    """Only the form of the path is looked at."""
    assert file_layout.is_baseline(path) is baseline


def test_folder_of_a_branch_is_readable_and_unique() -> None:
    """Similar branch names, and names without letters, have different folders with safe names."""
    branches = ["main", "ma-in", "ma/in", "Main", "ä", "ö", "\udcff", "x" * 300, "x" * 301]
    folders = [file_layout.baseline_folder(branch) for branch in branches]
    assert folders[0] == "baseline/main-0d6e4079"
    assert len({folder.casefold() for folder in folders}) == len(branches)
    assert all(folder.isascii() and len(folder) <= 60 and folder.count("/") == 1 for folder in folders)


@pytest.mark.parametrize(
    "changes", [{"branch": None}, {"branch": ""}, {"commit": None}, {"commit": "a" * 39}, {"commit": "A" * 40}]
)
def test_baseline_needs_a_branch_and_a_full_hash(lab: SimpleNamespace, changes: dict[str, Any]) -> None:
    """A run without them is refused; a hash may be SHA-1 or SHA-256."""
    with pytest.raises(LedgerError, match="both must be known"):
        file_layout.baseline_path(lab.baseline(**changes))
    for commit in ("a" * 40, "b" * 64):
        assert file_layout.baseline_path(lab.baseline(commit=commit)).endswith(f"/{commit}.run-1.json.gz")


def test_skipped_path_can_be_printed() -> None:
    """Control characters, invalid bytes and line ends are written as escapes."""
    assert file_layout.skipped_file("a\n\x1b\udcffü", "reason").path == "a\\n\\x1b\\udcffü"


@pytest.mark.parametrize(
    ("path", "reason"), [("a.json", "it is larger than 1 MB"), ("a.gz", "it is larger than 64 MB")]
)
def test_packed_files_may_be_larger(path: str, reason: str) -> None:
    """The reason names the limit in MB."""
    assert file_layout.too_large(path).reason == reason


def test_change_without_files_is_false() -> None:
    """A change that only adds, or only removes, is a change."""
    changes = [TreeChange(), TreeChange({"a": b""}), TreeChange(removed=["a"])]
    assert [bool(change) for change in changes] == [False, True, True]
