"""The third story: the ledger -> everybody's account."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pytest_carbon.config.load import Config, default_branch
from pytest_carbon.core.budget.needed_history import history_needed
from pytest_carbon.core.report.ledger_records import (
    Override,
    apply_corrections,
)
from pytest_carbon.ledgers.file_layout import Ledger
from pytest_carbon.usecases.configured_grid import grid_of

if TYPE_CHECKING:
    from pytest_carbon.core.accounts.values.account import Accounts


ACCOUNT_D = 14 * 31


def accounts(config: Config, ledger: Ledger, now: datetime) -> Accounts:
    """Return everybody's account, from the ledger's runs of the last 14 months or two windows, run by run."""
    from pytest_carbon.core.accounts.make_accounts import make_accounts

    since = now - max(timedelta(days=ACCOUNT_D), history_needed(config.budgets, now))
    found = ledger.read(since.date(), (now + timedelta(days=1)).date())
    entries = apply_corrections(found.records)
    overrides = [record for record in found.records if isinstance(record, Override)]
    notes = [_told(skipped) for skipped in found.skipped]
    known_g_per_kwh = grid_of(config).known_g_per_kwh
    return make_accounts(config.policy, entries, overrides, now, known_g_per_kwh, default_branch(config), notes)
