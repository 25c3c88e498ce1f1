"""Advice of whole ledgers: its ranking, its thresholds, and that nobody is promised more than was paid."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.accounts.values.account import Account
from pytest_carbon.core.accounts.values.advice import LEAST_G, LEAST_SHARE
from pytest_carbon.core.advice.add_advice import top_of_repository
from pytest_carbon.core.records.entry_details.run_details import CostlyFixture, CostlyTest, FailedTest, RunDetails
from pytest_carbon.core.records.ledger_records import Entry, parse_time
from tests.core.accounts.sample_accounts import DAY, named
from tests.core.advice.sample_ledger import POLICY, SHARES, advised, entries

DETAILS = st.builds(
    RunDetails,
    vcpus=st.sampled_from([None, 2, 4]),
    workers=st.sampled_from([None, 1, 3]),
    utilisation=st.sampled_from([None, 0.1, 0.9]),
    base_share=st.sampled_from([None, 0.0, 0.7, 1.0]),
    exit_status=st.sampled_from([None, 0, 1]),
    suite=st.sampled_from(["", "a1"]),
    failed=st.sampled_from([(), (FailedTest("t.py::a", "checkout"),), (FailedTest("t.py::b", None),)]),
    collection_j=st.sampled_from([None, 5.0, 60.0]),
    setup_j=st.sampled_from([None, 1.0, 30.0]),
    tests=st.sampled_from([(), (CostlyTest("t.py::a", "checkout", 40.0, ""), CostlyTest("t.py::b", None, 70.0, "x"))]),
    fixtures=st.sampled_from([(), (CostlyFixture("db", "module", 4, 9, 30.0),)]),
    docs_only=st.sampled_from([None, False, True]),
)
RUN = st.fixed_dictionaries(
    {
        "ago": st.floats(0.0, 60.0).map(lambda days: days * DAY),
        "pr": st.sampled_from([None, 1, 2]),
        "branch": st.sampled_from(["main", "topic", None]),
        "job": st.sampled_from(["tests", "lint"]),
        "commit": st.sampled_from([None, "a" * 40, "b" * 40]),
        "attempt": st.sampled_from([1, 1, 2]),
        "conclusion": st.sampled_from(["", "cancelled"]),
        "operational_g": st.sampled_from([None, 3.0, 90.0]),
        "wall_s": st.sampled_from([None, 600.0, 200_000.0]),
        "reference_j": st.sampled_from([None, 0.0, 50.0]),
        "labels": st.sampled_from([(), ("feature:search",)]),
        "shares": st.sampled_from([{"checkout": 1.0}, SHARES, {"gone": 0.5, "search": 0.5}]),
        "details": st.none() | DETAILS,
    }
)


def _ledger(bench: Any, runs: list[dict[str, Any]]) -> list[Entry]:
    whole = {"emissions_low_g": None, "emissions_high_g": None}
    own = [bench.entry(n, **whole, **run) for n, run in enumerate(runs)]
    return sorted(own, key=lambda entry: (parse_time(entry.started), entry.id))


def _paid(runs: list[Entry], account: Account, bench: Any) -> float:
    """Return what a holder paid in its last window."""
    length = {"28d": 28 * DAY, "month": 31 * DAY}[account.standing.window if account.standing else "28d"]
    names = {"repository": None, "shop": ("checkout", "search")}.get(account.name, (account.name,))
    own = [run for run in runs if bench.now - length < parse_time(run.started) <= bench.now]
    return math.fsum(
        (run.emissions_g or 0.0) * (1.0 if names is None else sum(run.shares.get(name, 0.0) for name in names))
        for run in own
    )


@settings(max_examples=50, deadline=None)
@given(st.lists(RUN, max_size=25))
def test_laws_of_advice(bench: Any, runs: list[dict[str, Any]]) -> None:
    """Savings are ranked, above both thresholds, in their range, and never more than the holder paid."""
    own = _ledger(bench, runs)
    for account in advised(bench, own).accounts:
        paid_g = _paid(own, account, bench)
        saved = [advice.saves_g.central for advice in account.advice]
        assert saved == sorted(saved, reverse=True)
        assert len({advice.id for advice in account.advice}) == len(account.advice)
        for advice in account.advice:
            central, low, high = advice.saves_g
            assert central >= max(LEAST_G, LEAST_SHARE * paid_g) - 1e-9
            assert 0 <= low <= central <= high + 1e-9
            assert central <= advice.paid_g + 1e-9 <= paid_g + 2e-9


@settings(max_examples=20, deadline=None)
@given(st.lists(RUN, max_size=25), st.lists(RUN, max_size=5))
def test_runs_of_other_repositories_change_no_advice(
    bench: Any, runs: list[dict[str, Any]], others: list[dict[str, Any]]
) -> None:
    """Nor do sums of days: advice is about this repository's own runs."""
    own = _ledger(bench, runs)
    theirs = [replace(run, id=f"theirs-{run.id}", elsewhere=1) for run in _ledger(bench, others)]
    sums = [replace(run, id=f"sum-{run.id}", rolled="", runs=3) for run in _ledger(bench, others)]
    both = sorted([*own, *theirs, *sums], key=lambda entry: (parse_time(entry.started), entry.id))
    alone, among = (
        {
            (account.level, account.name): (account.advice, account.settled)
            for account in advised(bench, ledger).accounts
        }
        for ledger in (own, both)
    )
    assert {holder: among.get(holder, ((), ())) for holder in alone} == alone


def test_features_sum_to_the_repository(bench: Any) -> None:
    """What an action saves the features is what it saves the repository; a team has the sum of its features."""
    accounts = advised(bench, policy="")
    by_holder = {
        account.name: {advice.id: advice.saves_g.central for advice in account.advice} for account in accounts.accounts
    }
    whole = by_holder.pop("repository")
    for id_, grams in whole.items():
        assert sum(saved.get(id_, 0.0) for saved in by_holder.values()) == pytest.approx(grams)
    shop = {advice.id for advice in named(advised(bench), "shop").advice}
    assert shop >= {advice.id for advice in named(advised(bench), "checkout").advice}


def test_a_test_is_paid_by_its_feature(bench: Any) -> None:
    """Halving a test of checkout saves search nothing, where the tests' features pay; a label shares it out."""
    accounts = advised(bench, policy="")
    having = [account.name for account in accounts.accounts if any(own.kind == "test" for own in account.advice)]
    assert having == ["repository", "checkout"]
    labelled = [replace(run, labels=("feature:search",)) for run in entries(bench)]
    accounts = advised(bench, labelled, policy="")
    having = [account.name for account in accounts.accounts if any(own.kind == "test" for own in account.advice)]
    assert having == ["repository", "checkout", "search", "unattributed"]


def test_what_came_of_it(bench: Any) -> None:
    """The fixture's scope saved less than promised, and the smaller machine cost more."""
    settled = {own.kind: own for own in named(advised(bench), "repository").settled}
    assert set(settled) == {"fixture", "idle"}
    assert settled["fixture"].saved_g == pytest.approx(108.6, abs=1.0)
    assert settled["fixture"].promised_g.central == pytest.approx(134.4, abs=1.0)
    assert settled["idle"].saved_g == pytest.approx(-22.6, abs=1.0)
    young = [run for run in entries(bench) if _days(bench, run) < 28]
    assert not named(advised(bench, young), "repository").settled


def test_advice_that_was_followed_is_given_no_more(bench: Any) -> None:
    """Two weeks without a superseded run, where each day had one: the advice is gone, and soon it is settled."""
    runs = [
        run for run in entries(bench) if not (run.id.endswith("0") and run.job == "tests" and _days(bench, run) < 14)
    ]
    account = named(advised(bench, runs), "repository")
    assert "superseded" not in {advice.kind for advice in account.advice}
    (settled,) = (own for own in account.settled if own.kind == "superseded")
    assert settled.saved_g > 50


def _days(bench: Any, run: Entry) -> float:
    return (bench.now - parse_time(run.started)) / DAY


def test_an_id_is_the_same_in_every_window(bench: Any) -> None:
    """A checked box is found again next month."""
    later = [replace(run, started=(parse_time(run.started) - 20 * DAY).isoformat()) for run in entries(bench)]
    first, second = (
        {(own.kind, own.place): own.id for own in named(advised(bench, runs, POLICY), "repository").advice}
        for runs in (entries(bench), later)
    )
    both = first.keys() & second.keys()
    assert len(both) > 2
    assert {first[key] == second[key] for key in both} == {True}


def test_the_top_of_the_repository(bench: Any) -> None:
    """It is the first of the repository's account; without all runs of the window nobody can tell."""
    own, policy, now = entries(bench), bench.policy(POLICY), bench.now
    first = now.date() - 60 * DAY
    top = top_of_repository(policy, own, first, now, "main")
    assert top == (
        "Cancel the runs of job tests that a newer commit of their pull request supersedes: saves 196 g CO2e (151 g … "
        "284 g) in 28 days (a line)"
    )
    assert top_of_repository(policy, own, None, now, "main") == ""
    assert top_of_repository(policy, own, now.date() - 5 * DAY, now, "main") == ""
    assert top_of_repository(policy, [*own[:-1], replace(own[-1], rolled="")], first, now, "main") == ""
    assert top_of_repository(policy, (), first, now, "main") == ""
