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
from pytest_carbon.core.records.entry_details.details_of_report import details_of
from pytest_carbon.core.records.ledger_records import Entry, normalise_shares, parse_time
from pytest_carbon.core.report import Report

_FIGURES_OF_A_RUN = ("wall_s", "tests", "energy_j", "reference_j", "operational_g", "embodied_g")
_WITH_BACKGROUND = ("energy_j", "operational_g")
_SAFE_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RunSource:
    """Where a run came from: what its report does not say. ``shares`` are its payers, empty if not decided.

    ``docs_only`` says whether its change touches nothing but documentation; None if unknown.
    """

    branch: str | None = None
    pr: int | None = None
    labels: tuple[str, ...] = ()
    attempt: int = 1
    job: str = ""
    shares: Mapping[str, float] = field(default_factory=dict)
    conclusion: str = ""
    docs_only: bool | None = None


def make_entry(report: Report, source: RunSource) -> Entry:
    """Return the ledger entry of a run.

    Energy and grams are the run's own, without other processes of the machine. The payers are ``source.shares`` if
    given, else the features of the tests that ran, else nobody (unattributed).
    Raises LedgerError for shares that do not sum to 1 and for a run id that is not safe as a file name.
    """
    totals, grid, own = report.totals, report.grid, report.own_share
    shares = dict(source.shares) or _shares_of_features(report) or {UNATTRIBUTED: 1.0}
    own_emissions = (report.own_emissions_g or 0.0) / totals.emissions_g if totals.emissions_g else 1.0
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
        energy_j=_times(totals.energy_j, own),
        energy_low_j=_times(totals.low_j, own),
        energy_high_j=_times(totals.high_j, own),
        reference_j=totals.reference_j,
        operational_g=_times(totals.operational_g, own),
        embodied_g=totals.embodied_g,
        emissions_low_g=_times(totals.emissions_low_g, own_emissions),
        emissions_high_g=_times(totals.emissions_high_g, own_emissions),
        tests=len({row.nodeid for row in report.rows if row.kind == "test"}),
        shares=normalise_shares(shares, report.run.id),
        wall_s=report.run.duration_s,
        runner=report.machine.runner,
        conclusion=source.conclusion,
        details=details_of(report, docs_only=source.docs_only),
    )


def _shares_of_features(report: Report) -> dict[str, float]:
    """Return the shares of the features of the run's own energy: what other processes used is nobody's."""
    shares, own = {name: use.share for name, use in report.features.items()}, report.own_share
    if own == 1 or UNATTRIBUTED not in shares or own <= 0:
        return shares
    shares[UNATTRIBUTED] = max(0.0, shares[UNATTRIBUTED] - (1 - own))
    return {name: share / own for name, share in shares.items()}


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else value * factor


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
    names = [name for name in _FIGURES_OF_A_RUN if name not in _WITH_BACKGROUND or not _has_background(known, entry)]
    figures = ((name, getattr(known, name), getattr(entry, name)) for name in names)
    return next((name for name, old, new in figures if not _is_equal(old, new, unknown=name == "wall_s")), None)


def _has_background(known: Entry, entry: Entry) -> bool:
    """Return whether an older version kept the run, which counted other processes of the machine, too."""
    before, now = (known.energy_j, known.operational_g), (entry.energy_j, entry.operational_g)
    if None in before or None in now or not before[0] or not before[1]:
        return False
    ratios = [(new or 0.0) / (old or 1.0) for old, new in zip(before, now, strict=True)]
    return ratios[0] < 1 and math.isclose(*ratios, rel_tol=1e-6)


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
