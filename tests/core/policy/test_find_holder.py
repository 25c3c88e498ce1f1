"""A holder by the name that somebody has written."""

from __future__ import annotations

import pytest

from pytest_carbon.config.policy_tables import read_policy
from pytest_carbon.config.toml_table import TomlTable
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.policy.find_holder import budget_over_window, holder_names

POLICY = read_policy(
    TomlTable(
        {
            "features": {
                "cart": {"budget": {"per-run": "2 J"}},
                "search": {"budget": {"limit": "40 kJ"}},
                "catalogue": {},
            },
            "teams": {"shop": {"features": ["cart"], "budget": {"limit": "20 g"}}},
        },
        "carbon.toml",
    )
)


def test_holders_are_the_repository_the_teams_and_the_features() -> None:
    """Also those without a budget."""
    assert holder_names(POLICY) == ["repository", "shop", "cart", "search", "catalogue"]


@pytest.mark.parametrize(("name", "limit"), [("search", "40 kJ"), ("shop", "20 g")])
def test_the_budget_of_a_holder(name: str, limit: str) -> None:
    """Of a feature or a team."""
    budget = budget_over_window(name, POLICY)
    assert budget.limit is not None
    assert budget.limit.text == limit


@pytest.mark.parametrize(
    ("name", "error"),
    [
        (
            "cartt",
            "no feature or team is called 'cartt'; did you mean \"cart\"? "
            "(there are: repository, shop, cart, search, catalogue)",
        ),
        ("Shpo", "no feature or team is called 'Shpo'; did you mean \"shop\"?"),
        ("zzz", "no feature or team is called 'zzz' (there are: "),
        (
            "cart",
            "'cart' has no budget over a window (these have: search, shop); a limit, such as limit = \"120 g\", "
            "gives it one",
        ),
        ("repository", "'repository' has no budget over a window (these have: search, shop)"),
    ],
)
def test_a_name_without_a_budget_over_a_window(name: str, error: str) -> None:
    """A misspelt holder has the nearest name, whatever budgets it has; a known one is told which have such a budget."""
    with pytest.raises(ConfigError) as caught:
        budget_over_window(name, POLICY)
    assert str(caught.value).startswith(error)
