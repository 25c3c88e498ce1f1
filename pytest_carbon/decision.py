"""The second story as a straight line: report + ledger -> case -> verdict, and what else asks the same ledger."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from pytest_carbon import git
from pytest_carbon.config import DEFAULT_BRANCH, Config
from pytest_carbon.core.budget import Budget
from pytest_carbon.core.case import Case, paid
from pytest_carbon.core.entry import Entry, Override, SelfTest, Source, corrected, entry_of, moment
from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.evaluate import standings
from pytest_carbon.core.figures import RunFigures, figures_of
from pytest_carbon.core.pairs import from_json
from pytest_carbon.core.projection import MOST_D
from pytest_carbon.core.report import Report
from pytest_carbon.core.verdict import Judged
from pytest_carbon.ledgers.folder import FolderLedger
from pytest_carbon.ledgers.git_branch import BranchLedger
from pytest_carbon.ledgers.tree import Ledger, Skipped
from pytest_carbon.pipeline import grid_of


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a ledger holds of the last windows."""

    entries: tuple[Entry, ...]
    overrides: tuple[Override, ...]
    selftests: tuple[SelfTest, ...]
    notes: tuple[str, ...]


def open_ledger(
    config: Config,
    now: datetime,
    *,
    folder: str | None = None,
    branch: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Ledger:
    """Open the ledger that is asked for, else the configured one.

    With neither it is the branch ``carbon-ledger`` in a CI that has the remote, and the folder elsewhere.
    """
    settings = config.ledger
    remote = settings.remote if git.maybe(["remote", "get-url", settings.remote], config.root) else None
    if folder is None and branch is None:
        branch = settings.branch
        if branch is None and not settings.folder_named and environment.get("CI") and remote:
            branch = DEFAULT_BRANCH
    if branch is not None:
        return BranchLedger(config.root, branch, now, remote, settings.runs)
    return FolderLedger(Path.cwd() / folder if folder else config.root / settings.folder, now, settings.runs)


def default_branch(config: Config) -> str:
    """Return the branch that runs are compared with: the policy's, the remote's own, else main or master."""
    if config.policy.default_branch:
        return config.policy.default_branch
    head = git.maybe(["symbolic-ref", "--short", "-q", f"refs/remotes/{config.ledger.remote}/HEAD"], config.root)
    if head:
        return head.removeprefix(f"{config.ledger.remote}/")
    names = git.maybe(["for-each-ref", "--format=%(refname:lstrip=-1)", "refs/heads", "refs/remotes"], config.root)
    known = (names or "").split()
    return next((name for name in ("main", "master", "trunk") if name in known), "main")


def remembered(ledger: Ledger, budgets: Sequence[Budget], now: datetime) -> Remembered:
    """Read what judging needs: two windows back, so that debts and last month are known, and the days before now."""
    longest_d = max((budget.window.length_s(now) / 86_400 for budget in budgets), default=0.0)
    since = now - timedelta(days=max(2 * longest_d, MOST_D) + 2)
    found = ledger.read(since.date(), (now + timedelta(days=1)).date())
    return Remembered(
        tuple(entry for entry in corrected(found.records) if moment(entry.started) <= now),
        tuple(record for record in found.records if isinstance(record, Override)),
        tuple(record for record in found.records if isinstance(record, SelfTest)),
        tuple(_told(skipped) for skipped in found.skipped),
    )


def _told(skipped: Skipped) -> str:
    return f"skipped in the ledger: {skipped.path}: {skipped.reason}"


def case_of(config: Config, report: Report, source: Source, ledger: Ledger, now: datetime) -> Case:
    """Gather everything the verdict on a report is made from.

    Raises ReportError for a run of the future. Clocks that differ by less than a day are believed.
    """
    started = moment(report.run.started)
    if started > now + timedelta(days=1):
        raise ReportError(
            f"run {report.run.id} began at {report.run.started}, later than {now.isoformat(timespec='seconds')}, as of "
            "which it is judged; was a clock wrong, or is --now too early?"
        )
    now = max(now, started)
    branch = default_branch(config)
    known = remembered(ledger, config.budgets, now)
    baseline, skipped = ledger.baselines(branch, config.ledger.runs)
    return Case(
        report=report,
        source=source,
        policy=config.policy,
        policy_from=config.source,
        grid=grid_of(config),
        branch=branch,
        now=now,
        entries=known.entries,
        overrides=known.overrides,
        selftests=known.selftests,
        baseline=tuple(baseline),
        pairs=from_json(report.pairs) if report.pairs is not None else None,
        notes=(*known.notes, *(_told(one) for one in skipped)),
    )


def append(config: Config, report: Report, source: Source, ledger: Ledger) -> list[str]:
    """Put a run into the ledger, and return the ids added.

    One of the default branch joins its baseline, if it had tests and its commit is known.
    """
    whole = report if (source.branch or report.run.branch) == default_branch(config) and source.pr is None else None
    return append_parts(config, [(source.job, report)], source, ledger, whole)


def append_parts(
    config: Config,
    parts: Sequence[tuple[str, Report]],
    source: Source,
    ledger: Ledger,
    whole: Report | None,
    overrides: Sequence[Override] = (),
) -> list[str]:
    """Put the jobs of one run into the ledger, each by its name, and overrides with them; return the ids added.

    ``whole`` is the run of the default branch that its baseline is to learn from, if it had tests and its commit is
    known; None where there is none.
    """
    entries = [entry_of(report, replace(paid(source, config.policy), job=job)) for job, report in parts]
    figures: RunFigures | None = None
    if whole is not None and whole.run.commit and any(row.kind == "test" for row in whole.rows):
        figures = replace(figures_of(whole), branch=default_branch(config))
    return ledger.append([*entries, *overrides], figures)


def stand(config: Config, ledger: Ledger, now: datetime) -> tuple[list[Judged], tuple[str, ...]]:
    """Return where every budget stands, and notes on what was skipped."""
    known = remembered(ledger, config.budgets, now)
    grid = grid_of(config)
    branch = default_branch(config)
    found = standings(config.policy, known.entries, known.overrides, now, grid.known_g_per_kwh, branch)
    return found, known.notes
