"""A ledger on a branch of a git repository, usually of a remote: one commit for every append."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.records.ledger_records import Record, record_path
from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.core.retry import doubling, retry
from pytest_carbon.git import remote_access
from pytest_carbon.git.run_git import GitError
from pytest_carbon.ledgers import append_and_compact, read_tree
from pytest_carbon.ledgers.branch import branch_past
from pytest_carbon.ledgers.branch.commit_tree import CommitTree, make_commit
from pytest_carbon.ledgers.branch.remote_cache import open_branch
from pytest_carbon.ledgers.explain_errors import explain_errors
from pytest_carbon.ledgers.file_layout import LedgerTree, TreeChange, days_of_month
from pytest_carbon.ledgers.ledger import BASELINES_KEPT, ReadResult, Skipped, VerifyResult
from pytest_carbon.ledgers.lost_files import COMMITS_LOOKED_AT

_LOCK_WAITS_S = (0.1, 0.3, 1.0)
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.2, 5.0
T = TypeVar("T")


class BranchLedger:
    """A ledger on a branch of ``remote``, or of the repository at ``folder`` itself if that has no remote.

    Records more than a day later than ``now`` are skipped; the newest ``keep`` baselines of each branch are kept. An
    append tries for ``time_limit_s``, which is also the limit of one git command. ``settings`` are given to git beside
    the repository's own, such as a header with a token. ``git_dir`` is a bare repository of ours. With
    ``one_state``, all reads see the branch as the first read found it, until an append. Raises LedgerError outside a
    repository and for a remote that the repository does not have.
    """

    def __init__(
        self,
        folder: Path,
        branch: str,
        now: datetime,
        remote: str | None = "origin",
        keep: int = BASELINES_KEPT,
        *,
        time_limit_s: float = 60.0,
        settings: remote_access.Settings = (),
        git_dir: Path | None = None,
    ) -> None:
        self._repository = open_branch(folder, branch, remote, time_limit_s, settings, git_dir)
        self.where = self._repository.where
        self._now, self._keep, self._limit_s = now, keep, time_limit_s
        self.one_state = False
        self._read_tree: CommitTree | None = None

    def append(self, records: Sequence[Record], baseline: RunMeasurements | None = None) -> list[str]:
        """Add the records that are not in the ledger yet, and return their ids.

        Tries again while other writers are faster. Raises LedgerError when the time is up, and at once for an error
        that trying again cannot mend.
        """
        if not records and baseline is None:
            return []
        names = [record.id for record in records] or [f"baseline {baseline.run}" if baseline else ""]
        change = self._commit_change(
            lambda tree: append_and_compact.plan_append(tree, records, baseline, self._keep, self._now),
            f"Add {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else ""),
        )
        ids = {record_path(record): record.id for record in records}
        return [id_ for path, id_ in ids.items() if path in change.files]

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
        return self._look(lambda tree: read_tree.read(tree, since, until, self._now))

    def baselines(
        self, branch: str, count: int = BASELINES_KEPT
    ) -> tuple[tuple[RunMeasurements, ...], tuple[Skipped, ...]]:
        """Return the newest baselines of a branch, newest first, and the files that were skipped."""
        baselines, skipped = self._look(lambda tree: read_tree.branch_baselines(tree, branch, self._now))
        return tuple(run for _, run in baselines[:count]), tuple(skipped)

    def record_counts(self) -> dict[date, int]:
        """Return the days that have records, in order, and how many files each day has."""
        return {day: len(ids) for day, ids in self._look(read_tree.ids_by_day).items()}

    def record_ids(self, since: date, until: date) -> set[str]:
        """Return the ids in the file names from ``since`` to ``until``."""
        return self._look(lambda tree: read_tree.ids_between(tree, since, until))

    def baseline_paths(self) -> dict[str, set[str]]:
        """Return the branches that have a sound baseline, each with the paths of all its baselines."""
        return self._look(lambda tree: read_tree.paths_by_branch(tree, self._now))

    def verify(self) -> VerifyResult:
        """Read and check everything."""
        return self._look(lambda tree: read_tree.verify(tree, self._now))

    def compact(self, before: date) -> list[str]:
        """Pack the records of every month that ended before ``before``; return the paths of the packed months."""
        change = self._commit_change(
            lambda tree: append_and_compact.plan_compact(tree, before, self._now), f"Pack the months before {before}"
        )
        return sorted(path for path in change.files if days_of_month(path))

    def is_there(self) -> bool:
        """Return whether there is such a branch. Raises LedgerError for one that holds other files and no ledger."""
        with explain_errors(self.where), self._repository.locked():
            if self._repository.tip() is None:
                return False
        self._look(append_and_compact.refuse_other_files)
        return True

    def find_loss(self, since: date) -> LostRuns | None:
        """Return what shows that the branch has lost runs of the days from ``since`` on; None if nothing shows that."""
        with explain_errors(self.where), self._repository.locked():
            tree = CommitTree.of_newest_commit(self._repository, COMMITS_LOOKED_AT)
            return branch_past.find_loss(tree, since)

    def _look(self, look: Callable[[LedgerTree], T]) -> T:
        with explain_errors(self.where), self._repository.locked():
            if self._read_tree is not None:
                with suppress(GitError):  # another process may have replaced the cache
                    return look(self._read_tree)
            return self._look_at_newest(lambda tree: self._look_at(tree, look))

    def _look_at(self, tree: CommitTree, look: Callable[[LedgerTree], T]) -> T:
        result = look(tree)
        self._read_tree = tree if self.one_state else None
        return result

    def _look_at_newest(self, look: Callable[[CommitTree], T]) -> T:
        """Look at the newest tree. What fails with a cache is tried again, once, with a new cache."""
        try:
            return self._look_despite_locks(look)
        except GitError as error:
            if not error.output or not self._repository.renew():  # an error without output is the time limit
                raise
        return self._look_despite_locks(look)

    def _look_despite_locks(self, look: Callable[[CommitTree], T]) -> T:
        """Wait for locks of git: when a process is killed, its git runs on for a moment and holds its locks."""
        return retry(
            lambda: look(CommitTree.of_newest_commit(self._repository)),
            _LOCK_WAITS_S,
            errors=GitError,
            may_pass=lambda error: "File exists" in error.output,
            pause=time.sleep,
        )

    def _commit_change(self, plan: Callable[[LedgerTree], TreeChange], message: str) -> TreeChange:
        """Commit a change on top of the newest tree, and plan it anew for as long as other writers are faster.

        The waits grow and are random (exponential back-off with full jitter), so that writers do not collide again.
        """
        deadline = time.monotonic() + self._limit_s
        attempts = 0

        def attempt() -> TreeChange:
            nonlocal attempts
            attempts += 1
            return self._try_change(plan, message)

        waits = doubling(_FIRST_WAIT_S, _LONGEST_WAIT_S)
        waits_s = (random.uniform(0, wait_s) for wait_s in waits)  # noqa: S311 - no secret
        with explain_errors(self.where):
            try:
                return retry(
                    attempt,
                    waits_s,
                    errors=GitError,
                    may_pass=remote_access.may_pass,
                    pause=time.sleep,
                    time_left_s=lambda: deadline - time.monotonic(),
                )
            except GitError as error:
                if not remote_access.may_pass(error):
                    raise
                raise LedgerError(
                    f"other writers were faster, or the server was busy, in {attempts} attempts within "
                    f"{self._limit_s:.0f} s. Try again: records that were added are not added twice. {error}"
                ) from error

    def _try_change(self, plan: Callable[[LedgerTree], TreeChange], message: str) -> TreeChange:
        def prepare(tree: CommitTree) -> tuple[TreeChange, str | None, str | None]:
            change = plan(tree)
            return change, make_commit(tree, change, message) if change else None, tree.tip

        self._read_tree = None
        with self._repository.locked():
            change, commit, tip = self._look_at_newest(prepare)
            if commit is not None:
                self._repository.publish(commit, tip)
        return change
