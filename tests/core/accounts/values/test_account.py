"""Accounts as JSON values."""

from __future__ import annotations

from typing import Any

from pytest_carbon.core.accounts.values.account import to_json
from tests.core.advice.sample_ledger import advised


def test_an_account_without_advice_has_no_key_for_it(bench: Any) -> None:
    """Whoever does not ask for advice reads what was there before."""
    with_advice, without = to_json(advised(bench))["accounts"][0], to_json(advised(bench, []))["accounts"][0]
    assert with_advice.keys() - without.keys() == {"advice", "settled"}
    assert with_advice["advice"][0]["saves_g"].keys() == {"central", "low", "high"}
