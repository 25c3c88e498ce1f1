"""Calendar months and days of a holder: their bounds, their use and their changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.accounts.monthly_use import (
    AccountContext,
    compute_days,
    compute_months,
    month_bounds,
    split_by_scope,
)
from pytest_carbon.core.accounts.values.holder_shares import shares_by_feature
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.window import parse_window
from pytest_carbon.core.model import Range
from pytest_carbon.core.quantities import parse_quantity

DAY = timedelta(days=1)
CHECKOUT = Budget("checkout", None, "warn", parse_quantity("31 g"), parse_window("month"))
UNKNOWN: dict[str, Any] = {"energy_j": None, "operational_g": None, "embodied_g": None}


def _at(text: str) -> dict[str, str]:
    return {"started": f"{text}:00Z"}


def _months(bench: Any, runs: Any, holder: Budget = CHECKOUT, **options: Any) -> dict[str, Any]:
    shares = shares_by_feature(runs).get("checkout", [])
    context = AccountContext(shares[0].at if shares else None, bench.now, 400.0, options.get("machines"), "main")
    return {month.month: month for month in compute_months(holder, shares, options.get("overrides", ()), context)}


def test_months_begin_in_the_time_zone_of_the_budget(bench: Any) -> None:
    """Half an hour before midnight UTC it is March in Berlin; there are 13 months, with and without summer time."""
    run = [bench.entry(1, **_at("2026-02-28T23:30"))]
    assert set(_months(bench, run)) == {"2026-02", "2026-03"}
    berlin = replace(CHECKOUT, window=parse_window("month", "Europe/Berlin"))
    assert [(name, month.runs, month.over) for name, month in _months(bench, run, berlin).items()] == [
        ("2026-03", 1, False)
    ]
    bounds = month_bounds("Europe/Berlin", bench.now)
    assert len(bounds) == 14
    assert bounds[-1] == datetime(2026, 3, 31, 22, tzinfo=UTC)
    assert bounds[-2] == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert bounds[0] == datetime(2025, 2, 28, 23, tzinfo=UTC)


def test_values_of_a_month(bench: Any) -> None:
    """A month has its runs, unknown runs, pull requests, grams with their range, and its use of the budget."""
    runs = [
        bench.entry(1, **_at("2026-02-01T00:00"), pr=7),
        bench.entry(2, **_at("2026-02-10T00:00"), pr=7, shares={"checkout": 0.5, "search": 0.5}),
        bench.entry(3, **_at("2026-02-11T00:00"), pr=8, **UNKNOWN),
        bench.entry(4, **_at("2026-03-01T00:00")),
    ]
    month = _months(bench, runs)["2026-02"]
    assert month.emissions_g == Range(1.5, pytest.approx(1.2), 2.25)
    assert (month.energy_j, month.consumed, month.budget) == (150.0, 1.5, 31.0)
    assert (month.runs, month.unknown_runs, month.pulls, month.over) == (3, 1, 2, True)


def test_unknown_values_are_none(bench: Any) -> None:
    """A month of unknown runs has no grams; a month without runs used nothing of its budget."""
    runs = [bench.entry(1, **_at("2026-01-05T00:00"), **UNKNOWN), bench.entry(2, **_at("2026-03-05T00:00"))]
    january, february, _ = _months(bench, runs).values()
    assert (january.emissions_g, january.energy_j, january.consumed, january.scope_3_g) == (None, None, None, None)
    assert (february.emissions_g, february.consumed, february.runs) == (None, 0.0, 0)
    assert _months(bench, runs, replace(CHECKOUT, limit=None))["2026-03"].consumed is None
    assert _months(bench, []) == {}


def test_a_missing_range_is_the_value_itself(bench: Any) -> None:
    """Grams without bounds are their own bounds; the data quality says so."""
    run = [bench.entry(1, emissions_low_g=None, emissions_high_g=None)]
    assert _months(bench, run)["2026-03"].emissions_g == Range(1.0, 1.0, 1.0)


@pytest.mark.parametrize(
    ("window", "expected"),
    [("month", {"2026-02": 31.0, "2026-03": 31.0}), ("28d", {"2026-02": 31.0, "2026-03": 31.0 * 31 / 28}),
     ("quarter", {"2026-02": 31.0 * 28 / 90, "2026-03": 31.0 * 31 / 90})],
)  # fmt: skip
def test_budget_of_a_month(bench: Any, window: str, expected: dict[str, float]) -> None:
    """A month has the whole of a monthly budget, and another window's budget prorated by time."""
    holder = replace(CHECKOUT, window=parse_window(window))
    months = _months(bench, [bench.entry(1, **_at("2026-02-02T00:00"))], holder)
    assert {name: month.budget for name, month in months.items()} == pytest.approx(expected)


def test_a_debt_reduces_the_next_month(bench: Any) -> None:
    """An override of February reduces the budget of March."""
    override = bench.override(granted="2026-02-10T00:00:00Z", expires="2026-02-12T00:00:00Z", amount=3.0)
    months = _months(bench, [bench.entry(1, **_at("2026-02-02T00:00"))], overrides=[override])
    assert [month.budget for month in months.values()] == [31.0, 28.0]


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([("2026-01-01T00:00", 2.0), ("2026-02-20T00:00", 3.0)], {"2026-02": 0.5}),
        ([("2026-01-02T00:00", 2.0), ("2026-02-20T00:00", 3.0)], {}),
        ([("2026-02-01T08:00", 2.0), ("2026-02-25T00:00", 9.0), ("2026-03-02T00:00", 1.0)], {"2026-03": -0.5}),
        ([("2026-01-01T00:00", 2.0), ("2026-03-02T00:00", 1.0)], {}),
        ([("2026-01-01T00:00", 2.0), ("2026-01-02T00:00", None), ("2026-02-02T00:00", 1.0)], {}),
    ],
    ids=["a whole month", "a part of a month", "as much of the month before", "no run before", "unknown before"],
)
def test_change_from_the_previous_month(bench: Any, runs: Any, expected: dict[str, float]) -> None:
    """The change compares complete months, or the same stretch of the previous month, if enough is known of both."""
    entries = [
        bench.entry(n, **_at(at), **(UNKNOWN if grams is None else {"operational_g": grams}))
        for n, (at, grams) in enumerate(runs)
    ]
    changes_by_month = {
        name: month.change for name, month in _months(bench, entries).items() if month.change is not None
    }
    assert changes_by_month == expected


@pytest.mark.parametrize(
    ("runner", "machines", "expected"),
    [
        ("github-hosted", None, (0.0, 1.25, 0.0)),
        ("github-hosted", "own", (0.0, 1.25, 0.0)),
        ("self-hosted", None, (1.0, 0.25, 0.0)),
        ("self-hosted", "hosted", (1.0, 0.25, 0.0)),
        ("", None, (None, None, 1.25)),
        ("", "own", (1.0, 0.25, 0.0)),
        ("", "hosted", (0.0, 1.25, 0.0)),
    ],
)
def test_scopes_follow_the_owner_of_the_machine(bench: Any, runner: str, machines: Any, expected: Any) -> None:
    """A hosted machine is scope 3; a machine of one's own is scopes 2 and 3; the policy names unknown owners."""
    shares = shares_by_feature([bench.entry(1, runner=runner, embodied_g=0.25)])["checkout"]
    assert tuple(split_by_scope(shares, machines)) == expected
    assert _months(bench, [shares[0].entry], machines=machines)["2026-03"].scope_1_g is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 400.0), st.sampled_from(["github-hosted", "self-hosted", ""])), max_size=20))
def test_scopes_and_days_sum_to_the_month(bench: Any, runs: list[tuple[float, str]]) -> None:
    """No gram is lost or counted twice between scopes, months and days."""
    entries = [bench.entry(n, ago=ago * DAY, runner=runner, embodied_g=0.25) for n, (ago, runner) in enumerate(runs)]
    shares = shares_by_feature(sorted(entries, key=lambda entry: entry.started)).get("checkout", [])
    context = AccountContext(shares[0].at if shares else None, bench.now, 400.0, None, "main")
    months = compute_months(CHECKOUT, shares, (), context)
    for month in months:
        if month.emissions_g:
            parted = (month.scope_2_g or 0.0) + (month.scope_3_g or 0.0) + month.unscoped_g
            assert parted == pytest.approx(month.emissions_g.central)
    bounds = month_bounds("UTC", bench.now)
    inside = [part for part in shares if part.at >= bounds[0]]
    assert sum(month.runs for month in months) == len(inside)
    days = compute_days(CHECKOUT, shares, bounds[0], context)
    assert sum(day.runs for day in days) == len(inside)
    assert sum(day.consumed or 0.0 for day in days) == pytest.approx(1.25 * len(inside))


def test_days_are_in_the_time_zone_of_the_budget(bench: Any) -> None:
    """Every day has a value, also a day without runs, but none before the ledger's first run."""
    berlin = replace(CHECKOUT, window=parse_window("month", "Europe/Berlin"))
    runs = [bench.entry(1, **_at("2026-03-17T23:30")), bench.entry(2, **_at("2026-03-20T11:00"), **UNKNOWN)]
    shares = shares_by_feature(runs)["checkout"]
    context = AccountContext(shares[0].at, bench.now, 400.0, None, "main")
    days = [
        (day.day, day.consumed, day.emissions_g, day.runs)
        for day in compute_days(berlin, shares, bench.now - 9 * DAY, context)
    ]
    assert days == [("2026-03-18", 1.0, 1.0, 1), ("2026-03-19", 0.0, 0.0, 0), ("2026-03-20", None, None, 1)]
    assert compute_days(berlin, (), bench.now, AccountContext(None, bench.now, None, None, "main")) == ()
