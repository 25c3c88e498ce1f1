"""Merged pull requests that raised the cost of each run: found on simulated ledgers, and on none without a plant."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.accounts.make_accounts import make_accounts
from pytest_carbon.core.advice.add_advice import add_advice
from pytest_carbon.core.advice.kinds.raised_cost import KIND, find
from pytest_carbon.core.records.entry_details.run_details import RunDetails
from pytest_carbon.core.records.ledger_records import Entry
from tests.core.accounts.decomposition.planted_ledgers import NOW, ONE, PLANTED, UNCHANGED, Plant, ledger
from tests.core.accounts.sample_accounts import named
from tests.core.advice.sample_runs import costly, window

PLANT = ONE[4]
"""Search takes 40 % more."""


def _since(entries: list[Entry], month: str = "2026-11") -> Any:
    runs = window(*entries)
    recent = [run for run in runs.runs if run.entry.started[:7] >= month]
    return replace(runs, runs=recent, earlier=[run for run in runs.runs if run.entry.started[:7] < month])


def test_what_is_said() -> None:
    """The pull request, the feature, per cent, joules, job and day; the range lies around the figure."""
    entries, pull = ledger(PLANT)
    (finding,) = find(_since(entries))
    assert (finding.place, finding.feature, finding.effort) == (f"#{pull} search", "search", "a decision")
    assert finding.action == f"Look again at #{pull}: since its merge the tests of search cost 40 % more"
    assert finding.evidence == (
        "8.4 J more of reference energy in each run of job tests, as the runs before and after the merge on "
        "2026-11-05 bear out"
    )
    assert all(saving.low < saving.central < saving.high for saving in finding.savings.values())


@pytest.mark.parametrize("plant", ONE, ids=str)
def test_a_planted_pull_request_is_the_only_one(plant: Plant) -> None:
    """Of the eight ledgers with one pull request of 10 to 50 %, each names it and no other."""
    entries, pull = ledger(plant)
    assert {finding.place for finding in find(_since(entries))} <= {f"#{pull} {plant.feature}"}


def test_most_planted_pull_requests_are_found() -> None:
    """All but one at most, of ten."""
    plants = [plant for plant in PLANTED if plant.feature]
    assert sum(bool(list(find(_since(ledger(plant)[0])))) for plant in plants) >= len(plants) - 1


@pytest.mark.parametrize("plant", UNCHANGED, ids=str)
def test_nothing_without_a_plant(plant: Plant) -> None:
    """No pull request is blamed for noise."""
    assert not list(find(_since(ledger(plant)[0])))


def test_the_tests_that_rose() -> None:
    """Where runs list their costliest tests, those of the feature that rose most are named."""
    entries, pull = ledger(PLANT)
    told = []
    for entry in entries:
        rose = entry.pr is not None and entry.pr >= pull
        tests = (costly("tests/t.py::test_find", 9.0 if rose else 2.0)._replace(feature="search"), costly())
        told.append(replace(entry, details=RunDetails(tests=tests)))
    (finding,) = find(_since(told))
    assert finding.evidence.endswith("bear out; of its costliest tests, most in tests/t.py::test_find")


def test_it_is_the_first_action(bench: Any) -> None:
    """What caused a change stands before larger savings, with its grams, for the feature alone that caused it."""
    entries, pull = ledger(PLANT)
    policy = bench.policy("[features.payment]\n")
    accounts = add_advice(make_accounts(policy, entries, (), NOW, 380.0, "main"), policy, entries, NOW, "main")
    advice = named(accounts, "search").advice[0]
    assert (advice.kind, advice.place) == (KIND, f"#{pull} search")
    assert advice.saves_g.low < advice.saves_g.central < advice.saves_g.high
    assert all(own.kind != KIND for own in named(accounts, "payment").advice)


def test_no_merge_no_finding(bench: Any) -> None:
    """A window without a merged pull request has nothing to look at."""
    assert not list(find(window()))
    assert not list(find(window(bench.entry(1))))
