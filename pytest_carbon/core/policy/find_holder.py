"""Finds a holder by the name that somebody has written: a feature, a team, or the repository."""

from __future__ import annotations

from pytest_carbon.core.budget.budget import REPOSITORY, Budget, holder_name
from pytest_carbon.core.errors import ConfigError, no_such_name
from pytest_carbon.core.policy.policy import Policy

HOLDER = "feature or team"
"""What errors call a holder."""


def holder_names(policy: Policy) -> list[str]:
    """Return the names of all holders: the repository, the teams and the features."""
    return [REPOSITORY, *(budget.team for budget in policy.budgets if budget.team), *policy.features]


def budget_over_window(name: str, policy: Policy) -> Budget:
    """Return the budget over a window of the holder of this name.

    Raises ConfigError for a name that no holder has, and for a holder without such a budget.
    """
    budgets = {holder_name(budget): budget for budget in policy.budgets if budget.limit is not None}
    if name in budgets:
        return budgets[name]
    names = holder_names(policy)
    if name not in names:
        raise ConfigError(no_such_name(HOLDER, name, names))
    raise ConfigError(
        f"{name!r} has no budget over a window (these have: {', '.join(budgets) or 'none'}); a limit, such as "
        'limit = "120 g", gives it one'
    )
