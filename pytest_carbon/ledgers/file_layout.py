"""The file layout of a ledger in a folder or on a branch: the paths of records, packed months and baselines.

``YYYY/MM/DD/<id>.json`` is a record, ``YYYY/MM.jsonl.gz`` is a month of packed records, and
``baseline/<branch>/<commit>.<run>.json.gz`` is a baseline. Nothing here touches a file: a LedgerTree lists and loads
files, a TreeChange says which files to write and to remove.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.escape import visible
from pytest_carbon.core.records.run_entry import entry_id
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.ledgers import file_contents
from pytest_carbon.ledgers.ledger import Skipped

README = "README.md"
README_TEXT = b"""# Carbon ledger

What the test runs of this project used: one file for each run, in the folder of its day.
Written by `pytest-carbon ledger`; do not edit it by hand.
"""
_RECORD = re.compile(r"\d{4}/\d\d/\d\d/[A-Za-z0-9][A-Za-z0-9._-]*\.json", re.ASCII)
_MONTH = re.compile(r"(\d{4})/(\d\d)\.jsonl\.gz", re.ASCII)
_BASELINE = re.compile(r"baseline/[^/]+/[^/]+\.json\.gz")
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_FOLDER = re.compile(r"\d{4}(/\d\d){0,2}|baseline(/[^/]+)?", re.ASCII)
_DAY = re.compile(r"(\d{4})/(\d\d)/(\d\d)/", re.ASCII)


class LedgerTree(Protocol):
    """The files of a ledger, in a folder or in a commit."""

    @property
    def paths(self) -> Collection[str]:
        """The path of every regular file."""

    @property
    def not_files(self) -> Sequence[Skipped]:
        """The entries that are no regular files, such as links."""

    def load(self, paths: Sequence[str]) -> tuple[dict[str, bytes], list[Skipped]]:
        """Return the contents of files by path, and the files that could not be loaded."""


@dataclass(slots=True)
class TreeChange:
    """Files to write and to remove; false if there are none. Only a packed month may replace a file."""

    files: dict[str, bytes] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.files or self.removed)


def skipped_file(path: str, reason: str) -> Skipped:
    """Return a Skipped whose path can be printed, whatever bytes the path has."""
    return Skipped(visible(path), reason)


def size_limit(path: str) -> int:
    """Return the size in bytes above which a file is not loaded."""
    return file_contents.MAX_PACKED_BYTES if path.endswith(".gz") else file_contents.MAX_RECORD_BYTES


def too_large(path: str) -> Skipped:
    """Return a Skipped for a file above its size limit."""
    return skipped_file(path, f"it is larger than {size_limit(path) // 1_000_000} MB")


def is_record(path: str) -> bool:
    """Return whether a path has the form of a loose record's path."""
    return _RECORD.fullmatch(path) is not None and day_of_path(path) is not None


def is_baseline(path: str) -> bool:
    """Return whether a path has the form of a baseline's path."""
    return _BASELINE.fullmatch(path) is not None


def is_folder_of_runs(path: str) -> bool:
    """Return whether a path has the form of a folder that holds records or baselines."""
    return _FOLDER.fullmatch(path) is not None


def day_of_path(path: str) -> date | None:
    """Return the day of the folder that a path lies in; None outside the folders of days."""
    match = _DAY.match(path)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def days_of_month(path: str) -> tuple[date, date] | None:
    """Return the first and the last day of a packed month; None for the path of another file."""
    match = _MONTH.fullmatch(path)
    try:
        first = date(int(match[1]), int(match[2]), 1) if match else None
        return (first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)) if first else None
    except (ValueError, OverflowError):
        return None


def month_path(path: str) -> str:
    """Return the path of the packed month that a loose record belongs to."""
    return f"{path[:7]}.jsonl.gz"


def baseline_folder(branch: str) -> str:
    """Return the folder of a branch's baselines: a readable name, different for every branch."""
    slug = re.sub(r"[^A-Za-z0-9]+", "-", branch).strip("-")[:40]
    digest = hashlib.sha256(branch.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return f"baseline/{slug}-{digest}" if slug else f"baseline/{digest}"


def baseline_path(run: RunMeasurements) -> str:
    """Return the path of a run's baseline. Raises LedgerError if the branch or commit of the run is not known."""
    if not run.branch or not _COMMIT.fullmatch(run.commit or ""):
        raise LedgerError(
            f"run {run.run[:80]} cannot be a baseline: its branch is {run.branch!r} and its commit {run.commit!r}; "
            "both must be known"
        )
    return f"{baseline_folder(run.branch)}/{run.commit}.{entry_id(run.run, 1, '')}.json.gz"
