"""The account of one holder, by its name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_carbon.core.accounts.values.account import Accounts


def select_holder(accounts: Accounts, name: str) -> Accounts:
    """Return the account and the objectives of one holder. Raises ConfigError for an unknown name."""
    from pytest_carbon.core.errors import ConfigError, no_such_name
    from pytest_carbon.core.policy.find_holder import HOLDER

    names = [account.name for account in accounts.accounts]
    if name not in names:
        raise ConfigError(no_such_name(HOLDER, name, names))
    return replace(
        accounts,
        accounts=tuple(account for account in accounts.accounts if account.name == name),
        objectives=tuple(objective for objective in accounts.objectives if objective.holder == name),
    )
