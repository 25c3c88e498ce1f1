"""The protocol of a ledger, which every kind of ledger implements, and the values that its methods return.

A ledger stores records (runs, corrections, overrides, approvals, self-tests) by their day and id, and the newest
baselines of each branch.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, runtime_checkable

from pytest_carbon.core.records.ledger_records import Record
from pytest_carbon.core.records.lost_runs import LostRuns
from pytest_carbon.core.records.run_measurements import RunMeasurements

BASELINES_KEPT = 10


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or row of a ledger that is corrupt or foreign: reported, never counted, never fatal."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadResult:
    """The records that were asked for, ordered by path, and the files that were skipped."""

    records: tuple[Record, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """The result of reading and checking everything.

    ``kinds`` counts the records of each kind; ``runs`` counts the runs that have an entry; ``twice`` lists the ids that
    more than one record has; ``misplaced`` lists sound records that lie under another name or day than their own.
    """

    kinds: Mapping[str, int]
    runs: int
    baselines: int
    skipped: tuple[Skipped, ...]
    twice: tuple[str, ...]
    misplaced: tuple[Skipped, ...]

    @property
    def whole(self) -> bool:
        """Whether no fault was found."""
        return not (self.skipped or self.twice or self.misplaced)


class Ledger(Protocol):
    """A store of records. ``where`` names the place in messages. Every method raises LedgerError if it cannot work."""

    where: str

    def append(self, records: Sequence[Record], baseline: RunMeasurements | None = None) -> list[str]:
        """Add the records that are not in the ledger yet, and return their ids.

        A record of the ledger is never changed. A ``baseline`` is added if it is among the newest of its branch. Raises
        LedgerError for a record that could not be read back, RecordError if only this kind of ledger cannot store it.
        """

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

        A ledger that sums up days may return the sums (``Entry.rolled``) of all days but ``exact_days`` and the days
        with runs of ``pull_request``; of these sums only those of whole runs and of ``features`` are needed. Without
        ``exact_days``, every run is returned by itself. Without ``all_runs``, runs that none of ``features`` pays for
        may be left out. A ledger without sums may ignore these four arguments.
        """

    def baselines(
        self, branch: str, count: int = BASELINES_KEPT
    ) -> tuple[tuple[RunMeasurements, ...], tuple[Skipped, ...]]:
        """Return the newest baselines of a branch, newest first, and the files that were skipped."""

    def record_counts(self) -> Mapping[date, int]:
        """Return the days that have records, in order, and about how many each has. Checks no record."""

    def record_ids(self, since: date, until: date) -> set[str]:
        """Return the ids of the records from ``since`` to ``until``. Checks no record."""

    def baseline_paths(self) -> Mapping[str, Collection[str]]:
        """Return the branches that have baselines, each with the paths that its baselines have in a tree of files."""

    def verify(self) -> VerifyResult:
        """Read and check everything."""

    def compact(self, before: date) -> list[str]:
        """Make older records cheaper to read, without a change of what is read; return what was packed or summed.

        A ledger of files packs every month that ended before ``before``; a database sums up the days before it.
        """


@runtime_checkable
class KnowsItsPast(Protocol):
    """A ledger that tells a loss from a beginning. A kind of ledger need not be one."""

    def is_there(self) -> bool:
        """Return whether there is a ledger at this place. Raises LedgerError."""

    def find_loss(self, since: date) -> LostRuns | None:
        """Return what shows that runs of the days from ``since`` on are lost; None if nothing shows that.

        Raises LedgerError.
        """
