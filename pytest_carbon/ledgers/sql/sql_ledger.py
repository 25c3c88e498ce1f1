"""A ledger in a database: SQLite for one machine, PostgreSQL for an organisation."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import Connection

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.report.ledger_records import Record
from pytest_carbon.core.report.run_measurements import RunMeasurements
from pytest_carbon.ledgers.ledger import BASELINES_KEPT, ReadResult, Skipped, VerifyResult
from pytest_carbon.ledgers.sql import day_sums as rollups
from pytest_carbon.ledgers.sql import read_rows as reading
from pytest_carbon.ledgers.sql import verify_rows as verifying
from pytest_carbon.ledgers.sql.engine import LONG_STATEMENT_S, begin, describe_url, make_engine, parse_url
from pytest_carbon.ledgers.sql.explain_errors import explain_database_errors, retry_transaction
from pytest_carbon.ledgers.sql.migrate import refuse_other_version
from pytest_carbon.ledgers.sql.partitions import make_partitions
from pytest_carbon.ledgers.sql.read_rows import View
from pytest_carbon.ledgers.sql.rows import MAX_REPOSITORY_BYTES, baseline_row, make_rows
from pytest_carbon.ledgers.sql.write_rows import add_rows

T = TypeVar("T")


class SqlLedger:
    """A ledger in the database at ``url``, as migrations made it; records of later than ``now`` are not believed.

    Runs are added for ``repository`` (``org/name``). With ``organisation`` those of all repositories are read, verified
    and compacted. With ``private`` no text tells where the database is. Raises LedgerError for a URL or a name that
    cannot be; nothing is connected yet.
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
            raise LedgerError(f"a repository cannot be called {repository[:80]!r}; write org/name")
        place = parse_url(url)
        self.where = "ledger's database" if private else describe_url(place)
        self._engine = make_engine(place)
        self._repository, self._now, self._keep = repository, now, keep
        self._visible_repository = None if organisation else repository
        self._version_checked = False
        self._private = private
        weakref.finalize(self, self._engine.dispose)

    def append(self, records: Sequence[Record], baseline: RunMeasurements | None = None) -> list[str]:
        """Add the records that are not there yet, all or none of them, and return their ids.

        After a connection that was lost at the very end, those that had been added count as there already.
        """
        with explain_database_errors(self.where, self._private):
            rows = make_rows(self._repository, records, self._now)
            figures = baseline_row(self._repository, baseline, self._now) if baseline else None
            if not rows.keys and figures is None:
                return []
            added = self._write(lambda connection: add_rows(connection, self._repository, rows, figures))
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
        """Return the records of the days from ``since`` to ``until``, both included, in UTC.

        With ``exact``, days that were compacted and did not change since come as their sums, of ``features`` only
        where these are named. Without ``whole`` runs that these do not pay for may be left out; in an organisation's
        ledger, only those of other repositories.
        """
        return self._read(lambda view: reading.read(view, since, until, exact_days, pull_request, features, all_runs))

    def baselines(
        self, branch: str, count: int = BASELINES_KEPT
    ) -> tuple[tuple[RunMeasurements, ...], tuple[Skipped, ...]]:
        """Return the newest baselines of a branch, newest first, and what could not be read as one."""
        return self._read(lambda view: reading.newest_baselines(view, branch, min(count, self._keep)))

    def record_counts(self) -> dict[date, int]:
        """Return the days that have records, in order, and how many each has."""
        return self._read(reading.record_counts)

    def record_ids(self, since: date, until: date) -> set[str]:
        """Return the ids of the records of some days."""
        return self._read(lambda view: reading.record_ids(view, since, until))

    def baseline_paths(self) -> dict[str, set[str]]:
        """Return the branches that have baselines, and the path that each of these has in a tree."""
        return self._read(reading.baseline_paths)

    def repositories(self) -> list[str]:
        """Return the repositories that have runs, in order."""
        return self._read(reading.repositories)

    def verify(self) -> VerifyResult:
        """Read and check everything, a month at a time."""
        return self._read(verifying.verify, LONG_STATEMENT_S)

    def compact(self, before: date) -> list[str]:
        """Sum the days before that day which changed since they were summed, and drop old baselines.

        Returns the repositories and months that were summed. It is the owner's to do: a writer has no right to.
        """
        with explain_database_errors(self.where, self._private):
            self._write(lambda connection: make_partitions(connection, self._now.date()), LONG_STATEMENT_S)
            batches = self._read_patiently(lambda view: list(rollups.stale_batches(view, before)))
            summed: dict[str, None] = {}
            for repository, days in batches:
                done = self._write(
                    lambda connection, repository=repository, days=days: rollups.sum_days(  # type: ignore[misc]
                        View(connection, repository, self._now), repository, days
                    ),
                    LONG_STATEMENT_S,
                )
                summed |= {f"{repository} {day:%Y/%m}": None for day in done}
            self._write(
                lambda connection: rollups.drop_old_baselines(
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
