"""A ledger in a branch of a git repository, usually a remote's: one commit for every append."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.report.ledger_records import Record, record_path
from pytest_carbon.core.report.run_measurements import RunMeasurements
from pytest_carbon.git import remote_access
from pytest_carbon.git.run_git import GitError
from pytest_carbon.ledgers import plan_changes, read_tree
from pytest_carbon.ledgers.branch.commit_tree import BranchTree, make_commit
from pytest_carbon.ledgers.branch.remote_cache import open_branch
from pytest_carbon.ledgers.file_layout import LedgerTree, TreeChange, days_of_month
from pytest_carbon.ledgers.ledger import BASELINES_KEPT, ReadResult, Skipped, VerifyResult

_LOCKED_PAUSES_S = (0.1, 0.3, 1.0)
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0
T = TypeVar("T")


class BranchLedger:
    """A ledger in a branch of the ``remote`` of the repository at ``folder``, or of itself if it has no remote.

    Records of later than ``now`` are not believed; ``time_limit_s`` is how long an append tries, and how long git
    may take for one step. ``settings`` are told to git beside the repository's own, such as a header with a token.
    Raises LedgerError outside a repository and for a remote that it does not have.
    """

    def __init__(
        self,
        folder: Path,
        branch: str,
        now: datetime,
        remote: str | None = "origin",
        keep: int = BASELINES_KEPT,
        time_limit_s: float = 60.0,
        settings: remote_access.Settings = (),
    ) -> None:
        self._repository = open_branch(folder, branch, remote, time_limit_s, settings)
        self.where = self._repository.where
        self._now, self._keep, self._limit_s = now, keep, time_limit_s

    def append(self, records: Sequence[Record], baseline: RunMeasurements | None = None) -> list[str]:
        """Add the records that are not there yet, and return their ids.

        Other writers are waited for. Raises LedgerError when the time is up, and at once for what time cannot mend.
        """
        if not records and baseline is None:
            return []
        names = [record.id for record in records] or [f"baseline {baseline.run}" if baseline else ""]
        change = self._commit_change(
            lambda tree: plan_changes.plan_append(tree, records, baseline, self._keep, self._now),
            f"Add {names[0]}" + (f" and {len(names) - 1} more" if len(names) > 1 else ""),
        )
        ids = {record_path(record): record.id for record in records}
        return [known for path, known in ids.items() if path in change.files]

    def read(
        self,
        since: date,
        until: date,
        exact_days: Collection[date] | None = None,  # noqa: ARG002 - there are no sums here
        pull_request: int | None = None,  # noqa: ARG002
        features: Collection[str] | None = None,  # noqa: ARG002
        all_runs: bool = True,  # noqa: ARG002
    ) -> ReadResult:
        """Return the records of the days from ``since`` to ``until``, both included, in UTC; always run by run."""
        return self._look(lambda tree: read_tree.read(tree, since, until, self._now))

    def baselines(
        self, branch: str, count: int = BASELINES_KEPT
    ) -> tuple[tuple[RunMeasurements, ...], tuple[Skipped, ...]]:
        """Return the newest baselines of a branch, newest first, and what could not be read as one."""
        found, bad = self._look(lambda tree: read_tree.branch_baselines(tree, branch, self._now))
        return tuple(run for _, run in found[:count]), tuple(bad)

    def record_counts(self) -> dict[date, int]:
        """Return the days that have records, in order, and how many files each has."""
        return {day: len(ids) for day, ids in self._look(read_tree.ids_by_day).items()}

    def record_ids(self, since: date, until: date) -> set[str]:
        """Return the ids that the files of some days are named by."""
        return self._look(lambda tree: read_tree.ids_between(tree, since, until))

    def baseline_paths(self) -> dict[str, set[str]]:
        """Return the branches that have a sound baseline, and the paths of all of theirs."""
        return self._look(lambda tree: read_tree.paths_by_branch(tree, self._now))

    def verify(self) -> VerifyResult:
        """Read and check everything."""
        return self._look(lambda tree: read_tree.verify(tree, self._now))

    def compact(self, before: date) -> list[str]:
        """Pack the records of every month that ended before that day; return the paths of the packed months."""
        change = self._commit_change(
            lambda tree: plan_changes.plan_compact(tree, before, self._now), f"Pack the months before {before}"
        )
        return sorted(path for path in change.files if days_of_month(path))

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except GitError as error:
            raise LedgerError(f"{self.where}: {remote_access.explain_refusal(error)}") from error
        except LedgerError as error:
            raise LedgerError(f"{self.where}: {error}") from error
        except OSError as error:
            raise LedgerError(
                f"{self.where}: {error.filename} cannot be used ({error.strerror}); check its permissions and space"
            ) from error

    def _look(self, look: Callable[[LedgerTree], T]) -> T:
        with self._explained(), self._repository.locked():
            return self._look_at_newest(look)

    def _look_at_newest(self, look: Callable[[BranchTree], T]) -> T:
        """Look at the newest tree. What fails with a cache is tried once more with a fresh one.

        The git of a process that was killed runs on for a moment, and holds its locks that long.
        """
        for pause_s in (*_LOCKED_PAUSES_S, 0.0):
            try:
                return look(BranchTree.of_newest_commit(self._repository))
            except GitError as error:
                if pause_s and "File exists" in error.output:
                    time.sleep(pause_s)
                elif not error.output or not self._repository.renew():  # without output, it was the time limit
                    raise
        return look(BranchTree.of_newest_commit(self._repository))

    def _commit_change(self, plan: Callable[[LedgerTree], TreeChange], message: str) -> TreeChange:
        """Commit a change on top of the newest tree, and plan it anew for as long as other writers are faster.

        The pauses grow and are random (exponential back-off with full jitter), so that many writers come apart.
        """
        deadline = time.monotonic() + self._limit_s
        pause_s, attempts = _FIRST_PAUSE_S, 0
        with self._explained():
            while True:
                attempts += 1
                try:
                    return self._try_change(plan, message)
                except GitError as error:
                    if not remote_access.may_pass(error):
                        raise
                    pause_s = min(_LONGEST_PAUSE_S, 2 * pause_s)
                    nap_s = random.uniform(0, pause_s)  # noqa: S311 - no secret
                    if time.monotonic() + nap_s > deadline:
                        raise LedgerError(
                            f"other writers were faster, or the server was busy, in {attempts} attempts within "
                            f"{self._limit_s:.0f} s. Try again: what is there by then is not added twice. {error}"
                        ) from error
                time.sleep(nap_s)

    def _try_change(self, plan: Callable[[LedgerTree], TreeChange], message: str) -> TreeChange:
        def prepare(tree: BranchTree) -> tuple[TreeChange, str | None, str | None]:
            change = plan(tree)
            return change, make_commit(tree, change, message) if change else None, tree.tip

        with self._repository.locked():
            change, commit, tip = self._look_at_newest(prepare)
            if commit is not None:
                self._repository.publish(commit, tip)
        return change
