"""The second story as a straight line: report + ledger -> everything that the verdict is made from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pytest_carbon.config.load import Config, default_branch
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.needed_history import exact_days, history_needed
from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.judge.evaluate import holder_statuses
from pytest_carbon.core.judge.verdict_inputs import VerdictInputs
from pytest_carbon.core.report.ledger_records import Entry, Override, RunSource, SelfTest, apply_corrections, parse_time
from pytest_carbon.core.report.paired_runs import from_json
from pytest_carbon.core.report.report import Report
from pytest_carbon.core.verdict.verdict import HolderVerdict
from pytest_carbon.ledgers.file_layout import Ledger, Skipped
from pytest_carbon.usecases.configured_grid import grid_of

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a ledger holds of the last windows."""

    entries: tuple[Entry, ...]
    overrides: tuple[Override, ...]
    selftests: tuple[SelfTest, ...]
    notes: tuple[str, ...]


def remembered(
    ledger: Ledger,
    budgets: Sequence[Budget],
    now: datetime,
    pull: int | None = None,
    run: datetime | None = None,
    whole: bool = True,
) -> Remembered:
    """Read what judging needs: two windows back, so that debts and last month are known, and the days before now.

    Days of which only the sum counts may come summed up (``exact_days`` says what is not exact then), but not those
    with runs of the pull request ``pull``, nor those around the run that began at ``run``. Without ``whole`` only what
    the holders of the budgets pay for is read, where the ledger can tell that.
    """
    around = {(run + timedelta(days=days)).date() for days in (-1, 0, 1)} if run else set()
    features = paying(budgets)
    found = ledger.read(
        (now - history_needed(budgets, now)).date(),
        (now + timedelta(days=1)).date(),
        exact_days(budgets, now) | around,
        pull,
        features,
        whole,
    )
    return Remembered(
        tuple(entry for entry in apply_corrections(found.records) if parse_time(entry.started) <= now),
        tuple(record for record in found.records if isinstance(record, Override)),
        tuple(record for record in found.records if isinstance(record, SelfTest)),
        tuple(_told(skipped) for skipped in found.skipped),
    )


def of_everything(config: Config) -> bool:
    """Say whether a budget's window counts whatever was run, so that no run may be left out."""
    return any(b.feature is None and b.team is None and b.limit is not None for b in config.budgets)


def paying(budgets: Sequence[Budget]) -> set[str]:
    """Return the features whose runs the windows of these budgets count."""
    limited = [budget for budget in budgets if budget.limit is not None]
    return {name for budget in limited for name in (budget.feature, *budget.children) if name}


def _told(skipped: Skipped) -> str:
    return f"skipped in the ledger: {skipped.path}: {skipped.reason}"


def case_of(config: Config, report: Report, source: RunSource, ledger: Ledger, now: datetime) -> VerdictInputs:
    """Gather everything the verdict on a report is made from.

    Raises ReportError for a run of the future. Clocks that differ by less than a day are believed.
    """
    started = parse_time(report.run.started)
    if started > now + timedelta(days=1):
        raise ReportError(
            f"run {report.run.id} began at {report.run.started}, later than {now.isoformat(timespec='seconds')}, as of "
            "which it is judged; was a clock wrong, or is --now too early?"
        )
    now = max(now, started)
    branch = default_branch(config)
    whole = of_everything(config) or not config.ledger.organisation
    known = remembered(ledger, config.budgets, now, source.pr, started, whole)
    baseline, skipped = ledger.baselines(branch, config.ledger.runs)
    return VerdictInputs(
        report=report,
        source=source,
        policy=config.policy,
        policy_source=config.source,
        grid=grid_of(config),
        default_branch=branch,
        now=now,
        entries=known.entries,
        overrides=known.overrides,
        selftests=known.selftests,
        baseline=tuple(baseline),
        pairs=from_json(report.pairs) if report.pairs is not None else None,
        notes=(*known.notes, *(_told(one) for one in skipped)),
    )


def stand(config: Config, ledger: Ledger, now: datetime) -> tuple[list[HolderVerdict], tuple[str, ...]]:
    """Return where every budget stands, and notes on what was skipped."""
    known = remembered(ledger, config.budgets, now, whole=of_everything(config))
    grid = grid_of(config)
    branch = default_branch(config)
    found = holder_statuses(config.policy, known.entries, known.overrides, now, grid.known_g_per_kwh, branch)
    return found, known.notes
