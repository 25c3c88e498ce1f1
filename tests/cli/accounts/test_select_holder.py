"""One holder's account by its name."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.cli.accounts.select_holder import select_holder
from pytest_carbon.core.errors import ConfigError
from tests.core.accounts.sample_accounts import with_teams
from tests.core.conftest import Bench


def test_one_account_and_its_objectives() -> None:
    """Objectives of others are left out."""
    accounts: Any = with_teams(Bench())
    one = select_holder(accounts, "shop")
    assert [account.name for account in one.accounts] == ["shop"]
    assert {objective.holder for objective in one.objectives} == {"shop"}
    with pytest.raises(ConfigError, match=r"no feature or team is called 'shp'; did you mean \"shop\"\?"):
        select_holder(accounts, "shp")
