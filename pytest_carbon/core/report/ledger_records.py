"""What a ledger holds: runs, corrections of who pays, overrides, approvals and self-tests, as values and as JSON.

A record is never rewritten. Its ``id`` names its file; ``day_of`` says in which day's folder that lies.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Any

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.quantities import Kind
from pytest_carbon.core.report.report import Report
from pytest_carbon.core.to_plain_json import to_plain_json

_DIGITS = 9
_SAFE_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)
_SAFE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}", re.ASCII)
_TIMES = ("started", "entry_started", "made", "granted", "expires")


@dataclass(frozen=True, slots=True)
class Entry:
    """One run of one job, and the share (0..1, summing to 1) that each feature pays of it.

    Figures that are not known are None, never zero, and those of a feature are its share of each; ``reference_j`` is
    not known where another tool measured. ``fingerprint`` is a digest of the report's. ``runner`` is
    ``github-hosted`` or ``self-hosted`` where a CI told it, and ``conclusion`` how the CI's run ended, where that is
    known; both are empty elsewhere.

    A ledger may answer for a day with what it has summed up: ``runs`` is then how many runs that were, and ``rolled``
    the feature whose shares they are, or empty for the whole runs. ``elsewhere`` is how many of the runs are of other
    repositories, in a ledger of an organisation. None of this is ever kept.
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
    rolled: str | None = None
    runs: int = 1
    elsewhere: int = 0

    @property
    def emissions_g(self) -> float | None:
        """Located grams: operational and embodied."""
        if self.operational_g is None or self.embodied_g is None:
            return None
        return self.operational_g + self.embodied_g


@dataclass(frozen=True, slots=True)
class Correction:
    """New shares for a run that is in the ledger, because who pays for it changed (a label, mostly).

    ``elsewhere`` says that both are of another repository, in a ledger of an organisation; that is never kept.
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

    ``amount`` is in the unit of ``kind`` (J, g, reference J) and becomes debt on the next window. ``elsewhere`` says
    that it was given to a change of another repository, in a ledger of an organisation; that is never kept.
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
    """A decision that a pull request may drop what devices need: who took it, for whom, why, and what is dropped."""

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
    """What comparing the same code with itself said on one kind of machine.

    ``sigma`` and ``smallest`` are log ratios by feature (``""`` is the whole suite): the spread of the same
    code, and the smallest change that could have been seen.
    """

    id: str
    made: str
    fingerprint: str
    comparisons: int
    false_alarms: int
    sigma: Mapping[str, float]
    smallest: Mapping[str, float]


Record = Entry | Correction | Override | Approval | SelfTest
_KINDS: dict[str, type[Record]] = {
    "pytest-carbon/entry/1": Entry,
    "pytest-carbon/correction/1": Correction,
    "pytest-carbon/override/1": Override,
    "pytest-carbon/approval/1": Approval,
    "pytest-carbon/selftest/1": SelfTest,
}
_SCHEMAS = {kind: schema for schema, kind in _KINDS.items()}
_OPTIONAL = {"wall_s": None, "runner": "", "conclusion": "", "rolled": None, "runs": 1}
_NEVER_STORED = ("elsewhere",)


@dataclass(frozen=True, slots=True)
class RunSource:
    """What an edge knows of a run beside its report."""

    branch: str | None = None
    pr: int | None = None
    labels: tuple[str, ...] = ()
    attempt: int = 1
    job: str = ""
    shares: Mapping[str, float] = field(default_factory=dict)
    conclusion: str = ""


def make_entry(report: Report, source: RunSource) -> Entry:
    """Return a run's entry. The payers are ``source.shares`` where given, else the features of the tests it ran.

    Raises LedgerError for shares that do not sum to 1.
    """
    totals, grid = report.totals, report.grid
    shares = dict(source.shares) or {name: use.share for name, use in report.features.items()} or {UNATTRIBUTED: 1.0}
    return Entry(
        id=entry_id(report.run.id, source.attempt, source.job),
        run=report.run.id,
        attempt=source.attempt,
        job=source.job,
        started=report.run.started,
        commit=report.run.commit,
        branch=source.branch or report.run.branch,
        pr=source.pr,
        labels=tuple(source.labels),
        method=report.machine.method,
        machine=report.machine.name,
        fingerprint=fingerprint_digest(report.machine.fingerprint),
        grid_zone=grid.zone,
        grid_g_per_kwh=grid.g_per_kwh.central,
        grid_assumed=grid.assumed,
        energy_j=totals.energy_j,
        energy_low_j=totals.low_j,
        energy_high_j=totals.high_j,
        reference_j=totals.reference_j,
        operational_g=totals.operational_g,
        embodied_g=totals.embodied_g,
        emissions_low_g=totals.emissions_low_g,
        emissions_high_g=totals.emissions_high_g,
        tests=len({row.nodeid for row in report.rows if row.kind == "test"}),
        shares=_normalise_shares(shares, report.run.id),
        wall_s=report.run.duration_s,
        runner=report.machine.runner,
        conclusion=source.conclusion,
    )


def _normalise_shares(shares: Mapping[str, float], run: str) -> dict[str, float]:
    whole = math.fsum(shares.values())
    if not math.isclose(whole, 1.0, rel_tol=1e-4) or any(share < 0 for share in shares.values()):
        raise LedgerError(f"the shares of run {run} sum to {whole:g}; they must be at least 0 and sum to 1")
    return {name: share / whole for name, share in shares.items()}


def entry_id(run: str, attempt: int, job: str) -> str:
    """Return the name of a run's entry: equal for the same run, attempt and job, safe as a file's name."""
    if not _SAFE_RUN.fullmatch(run):
        raise LedgerError(f"the run's id is {run[:80]!r}; it must be letters, digits, dots and dashes")
    if attempt == 1 and not job:
        return run
    slug = re.sub(r"[^A-Za-z0-9]+", "-", job).strip("-")[:40]
    mark = hashlib.sha256(job.encode("utf-8", "backslashreplace")).hexdigest()[:8] if job else ""
    return ".".join(part for part in (run, str(attempt), "-".join(p for p in (slug, mark) if p)) if part)


def fingerprint_digest(fingerprint: Mapping[str, str]) -> str:
    """Return a short digest of a fingerprint: equal exactly when every field is."""
    text = json.dumps(dict(fingerprint), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def environment_digest(fingerprint: Mapping[str, str]) -> str:
    """Return the digest of where something ran: all of a fingerprint but the hash seed, which a self-test sets."""
    return fingerprint_digest({name: value for name, value in fingerprint.items() if name != "hashseed"})


def parse_time(text: str) -> datetime:
    """Read an ISO 8601 time with its zone; LedgerError for anything else."""
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is None:
            raise LedgerError(f"{text[:60]!r} has no time zone; write 2026-01-02T03:04:05Z")
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise LedgerError(f"{text[:60]!r} is not a time such as 2026-01-02T03:04:05Z") from None


def record_day(record: Record) -> date:
    """Return the day in UTC in whose folder a record lies: a correction lies beside what it corrects."""
    if isinstance(record, Entry):
        return parse_time(record.started).date()
    if isinstance(record, Correction):
        return parse_time(record.entry_started).date()
    if isinstance(record, Override | Approval):
        return parse_time(record.granted).date()
    return parse_time(record.made).date()


def record_path(record: Record) -> str:
    """Return a record's path in the tree: ``YYYY/MM/DD/<id>.json``."""
    return f"{record_day(record).isoformat().replace('-', '/')}/{record.id}.json"


def to_data(record: Record) -> dict[str, Any]:
    """Return a record as JSON values, without what an entry does not know of itself."""
    values = to_plain_json(record, _DIGITS)
    unknown = [name for name, nothing in _OPTIONAL.items() if values.get(name, nothing) == nothing]
    unknown += _NEVER_STORED
    return {"schema": _SCHEMAS[type(record)], **{name: values[name] for name in values if name not in unknown}}


def to_text(record: Record) -> str:
    """Return a record as one line of canonical JSON; the same record gives the same bytes."""
    return (
        json.dumps(to_data(record), sort_keys=True, separators=(",", ":"), allow_nan=False, ensure_ascii=False) + "\n"
    )


def from_data(data: Mapping[str, Any]) -> Record:
    """Make a record from JSON values that the schema has accepted; LedgerError for times and names that are none."""
    kind = _KINDS[data["schema"]]
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in data.items() if key != "schema"
    }
    record: Record = kind(**values)
    for name in _TIMES:
        if name in values:
            parse_time(values[name])
    if not _SAFE_ID.fullmatch(record.id):
        raise LedgerError(f"its id is {record.id[:80]!r}; it must be letters, digits, dots and dashes")
    if isinstance(record, Entry | Correction):
        _normalise_shares(record.shares, record.id)
    return record


def apply_corrections(records: Iterable[Record]) -> list[Entry]:
    """Return the entries in the order of their start, each once, with the shares of its last correction."""
    entries: dict[str, Entry] = {}
    corrections: dict[tuple[str, bool], Correction] = {}
    for record in records:
        if isinstance(record, Entry):
            entries.setdefault(record.id, record)
        elif isinstance(record, Correction):
            known = corrections.get((record.entry, record.elsewhere))
            if known is None or (parse_time(known.made), known.id) < (parse_time(record.made), record.id):
                corrections[record.entry, record.elsewhere] = record
    out = []
    for entry in sorted(entries.values(), key=lambda e: (parse_time(e.started), e.id)):
        correction = corrections.get((entry.id, entry.elsewhere > 0))
        out.append(_with_shares(entry, correction) if correction else entry)
    return out


def _with_shares(entry: Entry, correction: Correction) -> Entry:
    values: dict[str, Any] = {part.name: getattr(entry, part.name) for part in fields(entry)}
    return Entry(**{**values, "labels": correction.labels, "shares": correction.shares})
