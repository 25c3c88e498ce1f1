"""Sentences on how complete and how certain an account is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.accounts.text.tables import months_table
from tests.core.accounts.sample_accounts import DAY, POLICY, make, named


def test_runs_of_other_repositories_are_counted(bench: Any) -> None:
    """A sentence says how many there are; their features are no removed features of this policy."""
    ours = [bench.entry(n, pr=n, branch="topic") for n in range(2)]
    other_runs = [bench.entry(n, elsewhere=1, shares={"checkout": 0.5, "payments": 0.5}) for n in range(2, 5)]
    accounts = make(bench, POLICY, [*ours, *other_runs], notes=["a note"])
    assert (
        "3 of 5 runs are from other repositories; pull requests, waste and top consumers cover this repository only."
        in named(accounts).coverage
    )
    assert not any("runs of pull requests before their merge" in text for text in named(accounts).coverage)
    assert accounts.notes == ("a note",)
    only = make(bench, POLICY, [bench.entry(0), *(replace(run, branch="topic") for run in other_runs)])
    assert any("The ledger has only runs of main" in text for text in named(only).coverage)


@pytest.mark.parametrize(
    ("policy", "run", "sentence"),
    [
        (
            'limit = "9 g"',
            {},
            "The budget counts grams at a fixed 400 g/kWh (1 kWh is 3.6 MJ), so a week of dirty electricity costs no "
            "more.",
        ),
        ('limit = "9 g"\ng-per-kwh = 50', {}, "at a fixed 50 g/kWh"),
        (
            'limit = "9 g"\ncounts = "located"',
            {},
            "The budget counts located grams (the grid of each run), so a week of dirty electricity costs more.",
        ),
        ('limit = "9 kJ"', {}, "The budget counts energy, whatever its source."),
        ('limit = "9 kJ ref"', {}, "The budget counts reference energy, so a slower or busier machine costs no more."),
        ('limit = "9 g"', {"method": "counter"}, "All energy was read from hardware counters."),
        (
            'limit = "9 g"',
            {"energy_j": None, "operational_g": None},
            "The emissions of 1 of 2 runs are not known and are in no total.",
        ),
        ('limit = "9 g"', {"emissions_low_g": None}, "The uncertainty of the emissions of 1 run is not known."),
        (
            'limit = "9 g"',
            {"grid_assumed": True},
            "The grid zone of 1 of 2 runs is not known; the world average was assumed.",
        ),
        (
            'limit = "9 g"',
            {},
            "The ledger has only runs of main; runs of pull requests before their merge are not counted.",
        ),
        ('limit = "9 g"', {}, "The ledger begins on 17 March 2026; nothing is known of the time before."),
    ],
)
def test_sentences_on_data_quality(bench: Any, policy: str, run: dict[str, Any], sentence: str) -> None:
    """How a budget counts, what is not known and how certain the rest is: one sentence each."""
    runs = [
        bench.entry(1, ago=3 * DAY, **run),
        bench.entry(2, ago=2 * DAY, **{name: value for name, value in run.items() if name == "method"}),
    ]
    account = named(make(bench, f"[features.checkout.budget]\n{policy}\n", runs))
    assert [text for text in account.coverage if sentence in text]
    assert all(text.endswith(".") for text in account.coverage)


def test_a_budget_in_grams_needs_a_zone(bench: Any) -> None:
    """Without a grid zone, a sentence says that nothing can be counted, and the use of runs is not known."""
    policy = '[features.checkout.budget]\nlimit = "9 g"\nwindow = "month"\n'
    account = named(make(bench, policy, [bench.entry()], g_per_kwh=None))
    assert "but no grid zone is set, so nothing can be counted." in account.coverage[0]
    assert (account.months[-1].consumed, account.standing and account.standing.unknown_runs) == (None, 1)
    table = months_table(account)
    assert table.rows[0][table.titles.index("Budget used")] == "not known"


def test_the_repository_names_its_unattributed_share(bench: Any) -> None:
    """Only the repository's account says which share of the emissions belongs to no feature."""
    accounts = make(bench, "", [bench.entry(1, shares={"checkout": 0.75, "unattributed": 0.25})])
    assert "25 % of the emissions belong to no feature." in named(accounts, "repository").coverage
    assert not [text for text in named(accounts).coverage if "belong to no feature" in text]


def test_the_policy_names_the_owner_of_unknown_machines(bench: Any) -> None:
    """A machine of an unknown owner counts as the policy says, and the method says so."""
    policy, runs = 'machines = "own"\n', [bench.entry(1, embodied_g=0.5)]
    accounts = make(bench, policy, runs)
    assert named(accounts).months[-1].scope_2_g == 1.0
    owner = 'Machines of an unknown owner count as your own, because the policy sets machines to "own".'
    assert owner in accounts.method
    assert len(make(bench, policy, [bench.entry(1, runner="self-hosted")]).method) == len(accounts.method) - 1
