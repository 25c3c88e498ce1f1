"""The tree of files that every ledger is: where things lie in it, how it is read, how it changes.

``YYYY/MM/DD/<id>.json`` is a record, ``YYYY/MM.jsonl.gz`` a month of them packed, and
``baseline/<branch>/<commit>.<run>.json.gz`` the figures of one run of a branch. Nothing here touches a file: a Tree
is what a ledger found, a Change what it has to do.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Protocol

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.report.ledger_records import Record
from pytest_carbon.core.report.run_entry import entry_id
from pytest_carbon.core.report.run_measurements import RunMeasurements
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
_DAY = re.compile(r"(\d{4})/(\d\d)/(\d\d)/", re.ASCII)


class LedgerTree(Protocol):
    """What a ledger found: paths of files, and files of a kind that no ledger has."""

    @property
    def paths(self) -> Collection[str]:
        """Every file's path."""

    @property
    def odd(self) -> Sequence[Skipped]:
        """What is no file."""

    def load(self, paths: Sequence[str]) -> tuple[dict[str, bytes], list[Skipped]]:
        """Return the content of files by their path, and what could not be loaded."""


@dataclass(slots=True)
class TreeChange:
    """Files to write and to remove; false if there is nothing to do. Only a packed month may replace a file."""

    files: dict[str, bytes] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.files or self.removed)


def skipped_file(path: str, reason: str) -> Skipped:
    """Return a Skipped whose path can be printed, whatever bytes it is made of."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in path)
    return Skipped(shown, reason)


def size_limit(path: str) -> int:
    """Return the size in bytes above which a file is not worth loading."""
    return file_contents.MAX_PACKED_BYTES if path.endswith(".gz") else file_contents.MAX_RECORD_BYTES


def too_large(path: str) -> Skipped:
    """Return why a file above its limit was not loaded."""
    return skipped_file(path, f"it is larger than {size_limit(path) // 1_000_000} MB")


def is_record(path: str) -> bool:
    """Say whether a path is that of a loose record, by its look."""
    return _RECORD.fullmatch(path) is not None and day_of_path(path) is not None


def is_baseline(path: str) -> bool:
    """Say whether a path is that of a baseline, by its look."""
    return _BASELINE.fullmatch(path) is not None


def day_of_path(path: str) -> date | None:
    """Return the day in whose folder a path is, if it is in one."""
    match = _DAY.match(path)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def days_of_month(path: str) -> tuple[date, date] | None:
    """Return the first and last day of a packed month, if the path is that of one."""
    match = _MONTH.fullmatch(path)
    try:
        first = date(int(match[1]), int(match[2]), 1) if match else None
        return (first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)) if first else None
    except (ValueError, OverflowError):
        return None


def month_path(path: str) -> str:
    """Return the path of the packed month that a loose record's path belongs into."""
    return f"{path[:7]}.jsonl.gz"


def baseline_folder(branch: str) -> str:
    """Return where a branch's baselines are: readable, and another for every branch."""
    slug = re.sub(r"[^A-Za-z0-9]+", "-", branch).strip("-")[:40]
    mark = hashlib.sha256(branch.encode("utf-8", "backslashreplace")).hexdigest()[:8]
    return f"baseline/{slug}-{mark}" if slug else f"baseline/{mark}"


def baseline_path(run: RunMeasurements) -> str:
    """Return where the figures of a run are; LedgerError if its branch or commit is not known."""
    if not run.branch or not _COMMIT.fullmatch(run.commit or ""):
        raise LedgerError(
            f"run {run.run[:80]} cannot be a baseline: its branch is {run.branch!r} and its commit {run.commit!r}; "
            "both must be known"
        )
    return f"{baseline_folder(run.branch)}/{run.commit}.{entry_id(run.run, 1, '')}.json.gz"
