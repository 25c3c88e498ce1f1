"""The account of one holder, by its name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pytest_carbon.core.accounts.values.account import Accounts


def select_holder(accounts: Accounts, name: str) -> Accounts:
    """Return the account and the objectives of one holder. Raises ConfigError for an unknown name."""
    from pytest_carbon.core.errors import ConfigError, did_you_mean, there_are

    names = [account.name for account in accounts.accounts]
    if name not in names:
        raise ConfigError(f"no feature or team is called {name!r}{did_you_mean(name, names)}{there_are(names)}")
    return replace(
        accounts,
        accounts=tuple(account for account in accounts.accounts if account.name == name),
        objectives=tuple(objective for objective in accounts.objectives if objective.holder == name),
    )
