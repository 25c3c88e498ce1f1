"""The third story as a straight line: ledger -> accounts -> advice."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pytest_carbon.config.load import Config, default_branch
from pytest_carbon.core.budget.needed_history import history_needed
from pytest_carbon.core.records.corrections import apply_corrections
from pytest_carbon.core.records.ledger_records import Override
from pytest_carbon.ledgers.ledger import Ledger
from pytest_carbon.usecases.configured_grid import grid_factor_to_judge
from pytest_carbon.usecases.ledger_history import skipped_note

if TYPE_CHECKING:
    from pytest_carbon.core.accounts.values.account import Accounts

HISTORY_D = 14 * 31
"""14 months of at most 31 days."""


def read_accounts(config: Config, ledger: Ledger, now: datetime) -> Accounts:
    """Return every holder's account with its advice, from runs of 14 months or of two windows, whichever is longer."""
    from pytest_carbon.core.accounts.make_accounts import make_accounts
    from pytest_carbon.core.advice.add_advice import add_advice

    since = now - max(timedelta(days=HISTORY_D), history_needed(config.budgets, now))
    content = ledger.read(since.date(), (now + timedelta(days=1)).date())
    entries = apply_corrections(content.records)
    overrides = [record for record in content.records if isinstance(record, Override)]
    notes = [skipped_note(skipped) for skipped in content.skipped]
    known_g_per_kwh = grid_factor_to_judge(config).known_g_per_kwh
    branch = default_branch(config)
    accounts = make_accounts(config.policy, entries, overrides, now, known_g_per_kwh, branch, notes)
    return add_advice(accounts, config.policy, entries, now, branch)
