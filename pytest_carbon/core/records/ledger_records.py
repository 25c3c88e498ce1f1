"""The records of a ledger: entries of runs, corrections of who pays, overrides, approvals and self-tests.

A record is never rewritten. Its ``id`` names its file, and ``record_day`` the day's folder that holds the file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.quantities import Kind
from pytest_carbon.core.records.entry_details.run_details import RunDetails

FIRST_YEAR, LAST_YEAR = 1970, 2999
LEAST_FIGURE = 1e-12
"""In the unit of a figure: a picojoule, a picogram."""
_FIGURES = (
    "energy_j", "energy_low_j", "energy_high_j", "reference_j", "operational_g", "embodied_g", "emissions_low_g",
    "emissions_high_g", "grid_g_per_kwh", "wall_s",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One run of one job, and the share (0..1, summing to 1) that each feature pays of it.

    An unknown figure is None, never zero. ``reference_j`` is unknown if another tool measured the run.
    ``fingerprint`` is a digest of the report's fingerprint. ``runner`` is ``github-hosted`` or ``self-hosted``, and
    ``conclusion`` says how the CI run ended; both are empty if unknown. ``details`` are None in entries of older
    versions and of other tools.

    A ledger may return the sums of a day instead of its runs: ``runs`` is then the number of runs in the sum, and
    ``rolled`` is the feature whose shares were summed, or empty for the whole runs. In a ledger of an organisation,
    ``elsewhere`` is the number of runs of other repositories. These three fields are computed on reading and never
    stored.
    """

    id: str
    run: str
    attempt: int
    job: str
    started: str
    commit: str | None
    branch: str | None
    pr: int | None
    labels: tuple[str, ...]
    method: str
    machine: str
    fingerprint: str
    grid_zone: str
    grid_g_per_kwh: float
    grid_assumed: bool
    energy_j: float | None
    energy_low_j: float | None
    energy_high_j: float | None
    reference_j: float | None
    operational_g: float | None
    embodied_g: float | None
    emissions_low_g: float | None
    emissions_high_g: float | None
    tests: int
    shares: Mapping[str, float]
    wall_s: float | None = None
    runner: str = ""
    conclusion: str = ""
    details: RunDetails | None = None
    rolled: str | None = None
    runs: int = 1
    elsewhere: int = 0

    def __post_init__(self) -> None:
        """Take figures below LEAST_FIGURE for 0: nothing measures them, and ratios to them are beyond all numbers."""
        for name in _FIGURES:
            if 0.0 < (getattr(self, name) or 0.0) < LEAST_FIGURE:
                object.__setattr__(self, name, 0.0)

    @property
    def emissions_g(self) -> float | None:
        """Located grams, operational plus embodied; None if either is unknown."""
        if self.operational_g is None or self.embodied_g is None:
            return None
        return self.operational_g + self.embodied_g


@dataclass(frozen=True, slots=True)
class Correction:
    """New shares for an entry of the ledger, mostly because a label of its pull request changed.

    ``elsewhere`` says that the entry and its correction belong to another repository in a ledger of an organisation.
    It is computed on reading and never stored.
    """

    id: str
    entry: str
    entry_started: str
    made: str
    reason: str
    labels: tuple[str, ...]
    shares: Mapping[str, float]
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Override:
    """A permission to pass in spite of a budget: who gave it, to whom, why, how much and until when.

    ``amount`` is in the unit of ``kind`` (J, g, reference J) and becomes debt: in the next calendar window, or at
    once in a rolling one. ``elsewhere`` says that the override was given to a change of another repository in a
    ledger of an organisation. It is computed on reading and never stored.
    """

    id: str
    feature: str
    granted: str
    expires: str
    reason: str
    author: str
    approver: str
    amount: float
    kind: Kind
    commit: str | None = None
    pr: int | None = None
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Approval:
    """A permission to drop support that devices need: who gave it, to whom, why, and for which drops."""

    id: str
    granted: str
    reason: str
    author: str
    approver: str
    drops: tuple[str, ...]
    commit: str | None = None
    pr: int | None = None


@dataclass(frozen=True, slots=True)
class SelfTest:
    """The result of comparing the same code with itself on one kind of machine.

    ``sigma`` and ``smallest`` are log ratios by feature, ``""`` for the whole suite: the spread of the same code, and
    the smallest change that would have been seen.
    """

    id: str
    made: str
    fingerprint: str
    comparisons: int
    false_alarms: int
    sigma: Mapping[str, float]
    smallest: Mapping[str, float]


Record = Entry | Correction | Override | Approval | SelfTest


def parse_time(text: str) -> datetime:
    """Return the UTC time of an ISO 8601 text.

    Raises LedgerError for any other text, one without a time zone, and a year before FIRST_YEAR or after LAST_YEAR: at
    the ends of the calendar, neither a window nor the next day can be computed.
    """
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is None:
            raise LedgerError(f"{text[:60]!r} has no time zone; write 2026-01-02T03:04:05Z")
        time = time.astimezone(UTC)
    except (ValueError, OverflowError):
        raise LedgerError(f"{text[:60]!r} is not a time such as 2026-01-02T03:04:05Z") from None
    if not FIRST_YEAR <= time.year <= LAST_YEAR:
        raise LedgerError(f"{text[:60]!r} is not in the years from {FIRST_YEAR} to {LAST_YEAR}; a clock was wrong")
    return time


class ChosenTime(datetime):
    """A time that a person chose: records that are later are passed over, and no clock is blamed for them."""

    @classmethod
    def parse(cls, text: str) -> ChosenTime:
        """Return the UTC time of an ISO 8601 text. Raises LedgerError as ``parse_time`` does."""
        time = parse_time(text)
        return cls.combine(time.date(), time.timetz())


def record_day(record: Record) -> date:
    """Return the UTC day whose folder holds a record. A correction lies in the folder of its entry."""
    if isinstance(record, Entry):
        return parse_time(record.started).date()
    if isinstance(record, Correction):
        return parse_time(record.entry_started).date()
    if isinstance(record, Override | Approval):
        return parse_time(record.granted).date()
    return parse_time(record.made).date()


def record_path(record: Record) -> str:
    """Return a record's path in a ledger's tree: ``YYYY/MM/DD/<id>.json``."""
    return f"{record_day(record).isoformat().replace('-', '/')}/{record.id}.json"


def normalise_shares(shares: Mapping[str, float], id_: str) -> dict[str, float]:
    """Return shares that sum to 1 exactly. Raises LedgerError for a negative share, or a sum off by more than 1e-4."""
    total = math.fsum(shares.values())
    if not math.isclose(total, 1.0, rel_tol=1e-4) or any(share < 0 for share in shares.values()):
        raise LedgerError(f"the shares of run {id_} sum to {total:g}; they must be at least 0 and sum to 1")
    return {name: share / total for name, share in shares.items()}
