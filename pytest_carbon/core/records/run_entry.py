"""The ledger entry of one run, made from its report and from where the run came from."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.model import UNATTRIBUTED
from pytest_carbon.core.records.ledger_records import Entry, normalise_shares, parse_time
from pytest_carbon.core.report import Report

_FIGURES_OF_A_RUN = ("wall_s", "tests", "energy_j", "reference_j", "operational_g", "embodied_g")
_SAFE_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RunSource:
    """Where a run came from: what its report does not say. ``shares`` are its payers, empty if not decided."""

    branch: str | None = None
    pr: int | None = None
    labels: tuple[str, ...] = ()
    attempt: int = 1
    job: str = ""
    shares: Mapping[str, float] = field(default_factory=dict)
    conclusion: str = ""


def make_entry(report: Report, source: RunSource) -> Entry:
    """Return the ledger entry of a run.

    The payers are ``source.shares`` if given, else the features of the tests that ran, else nobody (unattributed).
    Raises LedgerError for shares that do not sum to 1 and for a run id that is not safe as a file name.
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
        shares=normalise_shares(shares, report.run.id),
        wall_s=report.run.duration_s,
        runner=report.machine.runner,
        conclusion=source.conclusion,
    )


def refuse_other_run(entry: Entry, recorded: Iterable[Entry]) -> None:
    """Raise LedgerError if the ledger has an entry's run id for another run: of another commit, time or cost.

    Who pays, pull request, branch, part and attempt may differ: they are told by whoever records the run.
    """
    for known in recorded:
        if known.run == entry.run and (name := _differing_fact(known, entry)):
            raise LedgerError(
                f"run {entry.run} is in the ledger with {name} {getattr(known, name)}, "
                f"but this report has {name} {getattr(entry, name)}; was the id of an earlier run copied? "
                "Measure this commit again"
            )


def _differing_fact(known: Entry, entry: Entry) -> str | None:
    """Return the first fact in which two runs differ but for rounding; a duration may be missing in an old entry."""
    if known.commit != entry.commit:
        return "commit"
    if parse_time(known.started) != parse_time(entry.started):
        return "started"
    figures = ((name, getattr(known, name), getattr(entry, name)) for name in _FIGURES_OF_A_RUN)
    return next((name for name, old, new in figures if not _is_equal(old, new, unknown=name == "wall_s")), None)


def _is_equal(old: float | None, new: float | None, *, unknown: bool) -> bool:
    if old is None or new is None:
        return unknown or old is new
    return math.isclose(old, new, rel_tol=1e-6, abs_tol=1e-12)


def entry_id(run: str, attempt: int, job: str) -> str:
    """Return an entry's id: equal for the same run, attempt and job, and safe as a file name.

    Raises LedgerError for a run id with other characters than letters, digits, dots, dashes and underscores.
    """
    if not _SAFE_RUN.fullmatch(run):
        raise LedgerError(f"the run's id is {run[:80]!r}; it must be letters, digits, dots and dashes")
    if attempt == 1 and not job:
        return run
    slug = re.sub(r"[^A-Za-z0-9]+", "-", job).strip("-")[:40]
    mark = hashlib.sha256(job.encode("utf-8", "backslashreplace")).hexdigest()[:8] if job else ""
    return ".".join(part for part in (run, str(attempt), "-".join(p for p in (slug, mark) if p)) if part)


def fingerprint_digest(fingerprint: Mapping[str, str]) -> str:
    """Return a short digest of a fingerprint, equal exactly if every field is equal."""
    text = json.dumps(dict(fingerprint), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def environment_digest(fingerprint: Mapping[str, str]) -> str:
    """Return the digest of a fingerprint without its hash seed, which a self-test sets."""
    return fingerprint_digest({name: value for name, value in fingerprint.items() if name != "hashseed"})
