"""A ledger in a database: SQLite for one machine, PostgreSQL for an organisation."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import Connection

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.records.ledger_records import Record
from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.ledgers.ledger import BASELINES_KEPT, ReadResult, Skipped, VerifyResult
from pytest_carbon.ledgers.sql import day_sums, read_rows, verify_rows
from pytest_carbon.ledgers.sql.engine import LONG_STATEMENT_S, begin, describe_url, is_clear, make_engine, parse_url
from pytest_carbon.ledgers.sql.explain_errors import explain_database_errors, retry_transaction
from pytest_carbon.ledgers.sql.migrate import refuse_other_version
from pytest_carbon.ledgers.sql.partitions import make_partitions
from pytest_carbon.ledgers.sql.read_rows import View
from pytest_carbon.ledgers.sql.rows import MAX_REPOSITORY_BYTES, baseline_row, make_rows
from pytest_carbon.ledgers.sql.write_rows import add_rows

T = TypeVar("T")


class SqlLedger:
    """A ledger in the database at ``url``, which ``migrate`` has made.

    Runs are added for ``repository`` (``org/name``). With ``organisation``, the runs of all repositories are read,
    verified and compacted. With ``private``, no message says where the database is. Records more than a day later than
    ``now`` are skipped. Compacting keeps the newest ``keep`` baselines of each branch. Raises LedgerError for an
    impossible URL or name; no connection is made yet.
    """

    def __init__(
        self,
        url: str,
        repository: str,
        now: datetime,
        keep: int = BASELINES_KEPT,
        organisation: bool = False,
        private: bool = False,
    ) -> None:
        if not repository.isprintable() or not 0 < len(repository.encode()) <= MAX_REPOSITORY_BYTES:
            raise LedgerError(f"{repository[:80]!r} cannot be the name of a repository; write org/name")
        address = parse_url(url)
        self.where = "ledger's database" if private else describe_url(address, url)
        self._engine = make_engine(address)
        self._repository, self._now, self._keep = repository, now, keep
        self._visible_repository = None if organisation else repository
        self._version_checked = False
        self._private = private or not is_clear(url)
        weakref.finalize(self, self._engine.dispose)

    def append(self, records: Sequence[Record], baseline: RunMeasurements | None = None) -> list[str]:
        """Add the records that are not in the ledger yet, all of them or none, and return their ids.

        If the connection is lost on committing, records that were added may count as known already.
        """
        with explain_database_errors(self.where, self._private):
            rows = make_rows(self._repository, records, self._now)
            new_baseline = baseline_row(self._repository, baseline, self._now) if baseline else None
            if not rows.keys and new_baseline is None:
                return []
            added = self._write(lambda connection: add_rows(connection, self._repository, rows, new_baseline))
        return [id_ for day, id_ in rows.keys if (day, id_) in added]

    def read(
        self,
        since: date,
        until: date,
        exact_days: Collection[date] | None = None,
        pull_request: int | None = None,
        features: Collection[str] | None = None,
        all_runs: bool = True,
    ) -> ReadResult:
        """Return the records from ``since`` to ``until``, both included, in UTC.

        With ``exact_days``, all other days that were compacted and not changed since are returned as sums; with
        ``features``, only the sums of whole runs and of these. Without ``all_runs``, runs that ``features`` do not pay
        for are left out; in the ledger of an organisation, only such runs of other repositories.
        """
        return self._read(lambda view: read_rows.read(view, since, until, exact_days, pull_request, features, all_runs))

    def baselines(
        self, branch: str, count: int = BASELINES_KEPT
    ) -> tuple[tuple[RunMeasurements, ...], tuple[Skipped, ...]]:
        """Return the newest baselines of a branch, newest first, and the rows that were skipped."""
        return self._read(lambda view: read_rows.newest_baselines(view, branch, min(count, self._keep)))

    def record_counts(self) -> dict[date, int]:
        """Return the days that have records, in order, and how many records each day has."""
        return self._read(read_rows.record_counts)

    def record_ids(self, since: date, until: date) -> set[str]:
        """Return the ids of the records from ``since`` to ``until``."""
        return self._read(lambda view: read_rows.record_ids(view, since, until))

    def baseline_paths(self) -> dict[str, set[str]]:
        """Return the branches that have baselines, each with the paths that its baselines have in a tree of files."""
        return self._read(read_rows.baseline_paths)

    def is_there(self) -> bool:
        """Return True: a database that is not there, or that has no ledger, is an error when it is read."""
        return True

    def find_loss(self, since: date) -> LostRuns | None:  # noqa: ARG002 - a database keeps no history
        """Return that the database has runs of a repository with the same name, and none of this repository.

        A repository that is written in other letters looks like a new one; one with another owner may be new, too.
        """
        alike = self._read(lambda view: read_rows.namesake(view, self._repository))
        if alike is None:
            return None
        other = "another repository with this name" if self._private else alike
        return LostRuns(
            f"the {self.where} has no run of {self._repository}, and runs of {other}",
            "if this repository was renamed, set repository in [ledger] to its old name; else append a run to begin",
            until_new_base=True,
            doubtful=alike.casefold() != self._repository.casefold(),
        )

    def repositories(self) -> list[str]:
        """Return the repositories that have runs, in order."""
        return self._read(read_rows.repositories)

    def verify(self) -> VerifyResult:
        """Read and check everything, one month at a time."""
        return self._read(verify_rows.verify, LONG_STATEMENT_S)

    def compact(self, before: date) -> list[str]:
        """Sum up the stale days before ``before``, and drop old baselines; return the repositories and months summed.

        Only the owner of the database has the rights for this.
        """
        with explain_database_errors(self.where, self._private):
            self._write(lambda connection: make_partitions(connection, self._now.date()), LONG_STATEMENT_S)
            batches = self._read_patiently(lambda view: list(day_sums.stale_batches(view, before)))
            summed: dict[str, None] = {}
            for repository, days in batches:
                done = self._write(
                    lambda connection, repository=repository, days=days: day_sums.sum_days(  # type: ignore[misc]
                        View(connection, repository, self._now), repository, days
                    ),
                    LONG_STATEMENT_S,
                )
                summed |= {f"{repository} {day:%Y/%m}": None for day in done}
            self._write(
                lambda connection: day_sums.drop_old_baselines(
                    View(connection, self._visible_repository, self._now), self._keep
                )
            )
        return list(summed)

    def _read(self, look: Callable[[View], T], limit_s: int | None = None) -> T:
        with explain_database_errors(self.where, self._private):
            return self._read_patiently(look, limit_s)

    def _read_patiently(self, look: Callable[[View], T], limit_s: int | None = None) -> T:
        def once() -> T:
            with self._transaction(False, limit_s) as connection:
                return look(View(connection, self._visible_repository, self._now, self._repository))

        return retry_transaction(once)

    def _write(self, change: Callable[[Connection], T], limit_s: int | None = None) -> T:
        def once() -> T:
            with self._transaction(True, limit_s) as connection:
                return change(connection)

        return retry_transaction(once)

    @contextmanager
    def _transaction(self, writes: bool, limit_s: int | None) -> Iterator[Connection]:
        with begin(self._engine, writes=writes, limit_s=limit_s) as connection:
            if not self._version_checked:
                refuse_other_version(connection)
                self._version_checked = True
            yield connection
