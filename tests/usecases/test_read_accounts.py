"""How much of a ledger the accounts are made from, and what they note."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pytest_carbon.usecases.append_run import append_run
from pytest_carbon.usecases.read_accounts import read_accounts
from tests.samples import NOW, make_report
from tests.usecases.conftest import MAIN, Shop

LIMITED = '[features.checkout.budget]\nlimit = "100 kJ"\n'


@pytest.mark.parametrize(("days", "months"), [(1, 1), (300, 11), (434, 13), (436, 0)])
def test_runs_of_the_last_fourteen_months_are_read(shop: Shop, days: int, months: int) -> None:
    """An account begins with the month of the oldest run that is read, and shows at most 13 months."""
    config = shop.config(LIMITED)
    append_run(config, make_report(1, ago=timedelta(days=days)), MAIN, shop.ledger)
    accounts = read_accounts(config, shop.ledger, NOW)
    assert [account.name for account in accounts.accounts] == ["repository", "checkout", "search"]
    assert len(accounts.accounts[0].months) == months


def test_a_record_that_cannot_be_read_is_a_note(shop: Shop) -> None:
    """The record is named, and the accounts are made without it."""
    config = shop.config(LIMITED)
    append_run(config, make_report(1), MAIN, shop.ledger)
    (path,) = (shop.root / "runs" / "2026").rglob("run-1.json")
    path.write_text("{", encoding="ascii")
    accounts = read_accounts(config, shop.ledger, NOW)
    assert len(accounts.notes) == 1
    assert accounts.notes[0].startswith("skipped in the ledger: 2026/06/15/run-1.json: ")
