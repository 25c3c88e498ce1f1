"""The history that judging needs of a ledger: runs, overrides and self-tests of the last windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pytest_carbon.config.load import Config
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.needed_history import exact_days, history_needed
from pytest_carbon.core.records.corrections import apply_corrections
from pytest_carbon.core.records.ledger_records import Entry, Override, SelfTest, parse_time
from pytest_carbon.ledgers.ledger import Ledger, Skipped


@dataclass(frozen=True, slots=True)
class LedgerHistory:
    """The records that the status of the budgets depends on, and the records that could not be read."""

    entries: tuple[Entry, ...]
    overrides: tuple[Override, ...]
    selftests: tuple[SelfTest, ...]
    skipped: tuple[Skipped, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence on each record that could not be read."""
        return tuple(map(skipped_note, self.skipped))


def read_history(
    ledger: Ledger,
    budgets: Sequence[Budget],
    now: datetime,
    pr: int | None = None,
    run_started: datetime | None = None,
    every_run: bool = True,
) -> LedgerHistory:
    """Read the records of two windows back, for debts and the last window, and of the last days.

    A ledger may return a day as one sum, unless its runs are needed one by one: the days that ``exact_days`` names, the
    days with runs of the pull request ``pr``, and the days around ``run_started``. Without ``every_run``, a ledger that
    knows who pays may leave out runs that no holder of these budgets pays for.
    """
    days_around_run = {(run_started + timedelta(days=days)).date() for days in (-1, 0, 1)} if run_started else set()
    content = ledger.read(
        (now - history_needed(budgets, now)).date(),
        (now + timedelta(days=1)).date(),
        exact_days(budgets, now) | days_around_run,
        pr,
        paying_features(budgets),
        every_run,
    )
    return LedgerHistory(
        tuple(entry for entry in apply_corrections(content.records) if parse_time(entry.started) <= now),
        tuple(record for record in content.records if isinstance(record, Override)),
        tuple(record for record in content.records if isinstance(record, SelfTest)),
        content.skipped,
    )


def counts_every_run(config: Config) -> bool:
    """Return whether the repository has a budget over a window: then every run counts."""
    return any(b.feature is None and b.team is None and b.limit is not None for b in config.budgets)


def counts_on_ledger(config: Config) -> bool:
    """Return whether a budget is judged by what the ledger has: over a window, or against runs to compare with."""
    return any(budget.limit is not None or budget.growth is not None for budget in config.budgets)


def paying_features(budgets: Sequence[Budget]) -> set[str]:
    """Return the features whose runs count in the windows of these budgets, with those of teams."""
    limited = [budget for budget in budgets if budget.limit is not None]
    return {name for budget in limited for name in (budget.feature, *budget.children) if name}


def skipped_note(skipped: Skipped) -> str:
    """Return a sentence that names a record that could not be read, and the reason."""
    return f"skipped in the ledger: {skipped.path}: {skipped.reason}"
