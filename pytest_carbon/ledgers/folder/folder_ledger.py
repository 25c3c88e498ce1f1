"""A ledger in a folder. Every file is written completely or not at all; a record is never overwritten."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from pytest_carbon.core.hide_secrets import hide_in_address
from pytest_carbon.core.records.ledger_records import Record, record_path
from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.core.retry import retry
from pytest_carbon.core.verdict.wording import count_text
from pytest_carbon.files import write_safely
from pytest_carbon.files.follow_links import follow_links
from pytest_carbon.ledgers import append_and_compact, read_tree
from pytest_carbon.ledgers.explain_errors import explain_errors
from pytest_carbon.ledgers.file_layout import README, LedgerTree, days_of_month
from pytest_carbon.ledgers.folder.folder_past import removed_files
from pytest_carbon.ledgers.folder.folder_tree import FolderTree
from pytest_carbon.ledgers.ledger import BASELINES_KEPT, ReadResult, Skipped, VerifyResult
from pytest_carbon.ledgers.lost_files import is_of_a_run, lost_files
from pytest_carbon.ledgers.process_lock import locked

_ABANDONED_AFTER_S = 3600.0
_LOCK_LIMIT_S = 60.0
_LOOKS_AGAIN = 4
T = TypeVar("T")


class FolderLedger:
    """A ledger in the folder ``root`` that keeps the newest ``keep`` baselines of each branch.

    Records more than a day later than ``now`` are skipped. ``project`` is the folder of the project, by default the
    working directory: a link in it may not lead the ledger out of it.
    """

    def __init__(self, root: Path, now: datetime, keep: int = BASELINES_KEPT, project: Path | None = None) -> None:
        self.where = f"folder {hide_in_address(str(root))}"
        self._root, self._now, self._keep = root, now, keep
        self._project = project or Path.cwd()

    def append(self, records: Sequence[Record], baseline: RunMeasurements | None = None) -> list[str]:
        """Add the records that are not in the ledger yet, and return their ids. Of two processes, one adds a record."""
        with explain_errors(self.where):
            change = self._look(
                lambda tree: append_and_compact.plan_append(tree, records, baseline, self._keep, self._now)
            )
            written = self._write(change.files) if change else set()
            self._remove(change.removed)
        ids = {record_path(record): record.id for record in records}
        return [id_ for path, id_ in ids.items() if path in written]

    def read(
        self,
        since: date,
        until: date,
        exact_days: Collection[date] | None = None,  # noqa: ARG002 - a ledger of files has no sums
        pull_request: int | None = None,  # noqa: ARG002
        features: Collection[str] | None = None,  # noqa: ARG002
        all_runs: bool = True,  # noqa: ARG002
    ) -> ReadResult:
        """Return the records from ``since`` to ``until``, both included, in UTC. Every run is returned by itself."""
        with explain_errors(self.where):
            return self._look(lambda tree: read_tree.read(tree, since, until, self._now))

    def baselines(
        self, branch: str, count: int = BASELINES_KEPT
    ) -> tuple[tuple[RunMeasurements, ...], tuple[Skipped, ...]]:
        """Return the newest baselines of a branch, newest first, and the files that were skipped."""
        with explain_errors(self.where):
            baselines, skipped = self._look(lambda tree: read_tree.branch_baselines(tree, branch, self._now))
        return tuple(run for _, run in baselines[:count]), tuple(skipped)

    def record_counts(self) -> dict[date, int]:
        """Return the days that have records, in order, and how many files each day has."""
        with explain_errors(self.where):
            return {day: len(ids) for day, ids in self._look(read_tree.ids_by_day).items()}

    def record_ids(self, since: date, until: date) -> set[str]:
        """Return the ids in the file names from ``since`` to ``until``."""
        with explain_errors(self.where):
            return self._look(lambda tree: read_tree.ids_between(tree, since, until))

    def baseline_paths(self) -> dict[str, set[str]]:
        """Return the branches that have a sound baseline, each with the paths of all its baselines."""
        with explain_errors(self.where):
            return self._look(lambda tree: read_tree.paths_by_branch(tree, self._now))

    def verify(self) -> VerifyResult:
        """Read and check everything."""
        with explain_errors(self.where):
            return self._look(lambda tree: read_tree.verify(tree, self._now))

    def compact(self, before: date) -> list[str]:
        """Pack the records of every month that ended before ``before``; return the paths of the packed months.

        A month is written before its loose files are removed. If the process is killed in between, readers count a
        record that is both packed and loose once.
        """
        if not self._root.exists():
            return []
        with explain_errors(self.where), locked(self._real_root() / ".lock", _LOCK_LIMIT_S):
            change = self._look(lambda tree: append_and_compact.plan_compact(tree, before, self._now))
            self._write(change.files)
            self._remove(change.removed)
        return sorted(change.files)

    @property
    def _mark(self) -> Path | None:
        """The file beside a ledger in ``.carbon`` that says that it had runs: git does not keep that folder."""
        return self._root.with_name(f"{self._root.name}.had-runs") if self._root.parent.name == ".carbon" else None

    def _real_root(self) -> Path:
        return follow_links(self._root, self._project)

    def is_there(self) -> bool:
        """Return whether there is such a folder. Raises LedgerError for one that holds other files and no ledger."""
        if not self._root.is_dir():
            return False
        with explain_errors(self.where):
            self._look(append_and_compact.refuse_other_files)
        return True

    def find_loss(self, since: date) -> LostRuns | None:
        """Return what shows that the folder has lost runs: files that git has, or what is left beside the runs."""
        with explain_errors(self.where):
            removed = removed_files(self._root)
            tree, present = self._look(lambda tree: (tree, read_tree.paths_with_packed(tree, removed)))
            left = any(path == README for path in tree.paths) or any(self._root.glob("[0-9][0-9][0-9][0-9]"))
            left = left or (self._mark is not None and self._mark.is_file())
        lost = lost_files(removed, present, since)
        if lost:
            seen = f"the {self.where} has lost {count_text(len(lost), 'file')} of runs that git had, such as {lost[0]}"
            return LostRuns(seen, "restore them: git checkout COMMIT -- FOLDER, with the last commit that has them")
        if not left or any(is_of_a_run(path) for path in tree.paths):
            return None
        return LostRuns(
            f"the {self.where} has no run, though it had some: what pytest-carbon writes beside runs is still there",
            f"restore the folder, or begin anew: rm -rf '{self._root}'" + (f" '{self._mark}'" if self._mark else ""),
        )

    def _look(self, look: Callable[[LedgerTree], T]) -> T:
        """Look at the tree; again where another process packed or dropped a file meanwhile."""
        return retry(
            lambda: look(FolderTree.of_folder(self._real_root())),
            [0.0] * _LOOKS_AGAIN,
            errors=FileNotFoundError,
            pause=time.sleep,
        )

    def _write(self, files: dict[str, bytes]) -> set[str]:
        """Write files, and return the paths of those that were not there before."""
        write_safely.make_folder(self._root, self._project, self._root.parent)
        self._remove_abandoned()
        if self._mark is not None and not self._mark.exists():
            write_safely.write_new(self._mark, b"", self._project, scratch=self._root)
        return {path for path, data in files.items() if self._add(path, data)}

    def _remove_abandoned(self) -> None:
        """Remove the temporary files that killed processes left."""
        for path in self._real_root().glob(f"{write_safely.PREFIX}*{write_safely.SUFFIX}"):
            with suppress(OSError):
                if time.time() - path.lstat().st_mtime > _ABANDONED_AFTER_S:
                    write_safely.remove_file(path, self._project)

    def _add(self, path: str, data: bytes) -> bool:
        """Write a file; return whether it was not there before. Only a packed month replaces a file."""
        root = self._real_root()
        target = root / path
        write_safely.make_folder(target.parent, root)
        if days_of_month(path):
            with write_safely.replace_when_whole(target, root, durable=True, scratch=root) as file:
                file.write(data)
        elif not write_safely.write_new(target, data, root, scratch=root):
            return False
        _sync(target.parent)
        return True

    def _remove(self, paths: Sequence[str]) -> None:
        for path in paths:
            write_safely.remove_file(self._real_root() / path, self._project)


def _sync(folder: Path) -> None:
    """Write a folder's list of files to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
