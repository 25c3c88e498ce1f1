"""How much of a ledger is read, and which runs count."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pytest_carbon.ledgers.ledger import Skipped
from pytest_carbon.usecases.append_run import append_run
from pytest_carbon.usecases.ledger_history import counts_every_run, paying_features, read_history, skipped_note
from tests.samples import NOW, make_report
from tests.usecases.conftest import MAIN, Shop

TEAM = '[teams.shop]\nfeatures = ["checkout", "search"]\nbudget = { limit = "1 kJ" }\n'


@pytest.mark.parametrize(
    ("policy", "every", "features"),
    [
        ("", False, set()),
        ('[budget]\nlimit = "1 kJ"\n', True, set()),
        ('[features.checkout.budget]\nlimit = "1 kJ"\n', False, {"checkout"}),
        ('[features.checkout.budget]\nper-run = "1 kJ"\n', False, set()),
        (TEAM, False, {"checkout", "search"}),
    ],
)
def test_which_runs_count_in_the_windows(shop: Shop, policy: str, every: bool, features: set[str]) -> None:
    """Only a budget of the repository counts every run; a limit per run has no window."""
    config = shop.config(policy)
    assert counts_every_run(config) is every
    assert paying_features(config.budgets) == features


def test_runs_after_now_are_left_out(shop: Shop) -> None:
    """The history has no runs after the time of judgement, and none from before both windows."""
    config = shop.config('[features.checkout.budget]\nlimit = "1 kJ"\n')
    for number, ago in enumerate((timedelta(days=400), timedelta(days=1), -timedelta(hours=2))):
        append_run(config, make_report(number, ago=ago), MAIN, shop.ledger)
    history = read_history(shop.ledger, config.budgets, NOW)
    assert [entry.id for entry in history.entries] == ["run-1"]
    assert (history.overrides, history.selftests, history.notes) == ((), (), ())


def test_a_note_names_the_file_and_the_reason() -> None:
    """The note is one sentence."""
    assert skipped_note(Skipped("2026/06/01/x.json", "it is empty")) == (
        "skipped in the ledger: 2026/06/01/x.json: it is empty"
    )
