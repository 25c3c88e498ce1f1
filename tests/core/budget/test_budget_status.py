"""The status of a budget: what is used, the debt, the state, and why the use changed."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.budget_status import BudgetStatus, StatusState, budget_status, fits
from pytest_carbon.core.budget.burn_rate import pace_per_day
from pytest_carbon.core.budget.change_cost import runs_of_change, sunk_cost
from pytest_carbon.core.budget.spend_history import Spend, SpendHistory
from pytest_carbon.core.budget.window import BudgetWindow, parse_window
from pytest_carbon.core.quantities import parse_quantity
from tests.core.budget.samples import DAY_S, HOUR_S, LIMITS, NOW, ROLLING, SPENDS, WINDOWS, days_ago, status

LAW = settings(max_examples=60, deadline=None)
MANY = settings(max_examples=150, deadline=None)
LIMIT = parse_quantity("120 g")
CHECKOUT = Budget("checkout", None, "fail", LIMIT)
MONTH = replace(CHECKOUT, window=parse_window("month", "Europe/Berlin"))
TEAM = replace(CHECKOUT, feature=None, team="shop", children=("checkout", "search"))
UNKNOWN: dict[str, Any] = {"energy_j": None, "operational_g": None, "embodied_g": None}
DAY = timedelta(days=1)


def _status(bench: Any, runs: Any, budget: Budget = CHECKOUT, **options: Any) -> BudgetStatus:
    result = budget_status(budget, runs, options.get("overrides", ()), bench.now, options.get("g_per_kwh", 400.0))
    assert result is not None
    return result


def test_budget_without_a_limit_has_no_status(bench: Any) -> None:
    """A budget without a limit for a window has no status."""
    assert budget_status(replace(CHECKOUT, limit=None), bench.spent(10), (), bench.now, 400.0) is None


def test_consumed_is_what_the_window_holds(bench: Any) -> None:
    """Runs before the window, after now and of other holders do not count; runs of unknown use are counted apart."""
    runs = [
        bench.entry(1),
        bench.entry(2, ago=28 * DAY),
        bench.entry(3, ago=28 * DAY - timedelta(seconds=1)),
        bench.entry(4, ago=-timedelta(seconds=1)),
        bench.entry(5, shares={"search": 1.0}),
        bench.entry(6, **UNKNOWN),
        bench.entry(7, ago=30 * DAY, **UNKNOWN),
    ]
    result = _status(bench, runs)
    assert (result.consumed, result.remaining, result.runs, result.unknown_runs) == (2.0, 118.0, 2, 1)
    assert (result.limit, result.debt, result.kind, result.window) == (120.0, 0.0, "mass", "28d")


def test_state_of_a_window_without_known_use(bench: Any) -> None:
    """A window with only runs of unknown use is ``unknown``, not ``ok``; one run of known use gives a state."""
    silent = [bench.entry(1, **UNKNOWN), bench.entry(2, **UNKNOWN)]
    result = _status(bench, silent)
    assert (result.state, result.unmeasured, result.unknown_runs) == ("unknown", True, 2)
    result = _status(bench, silent, overrides=(bench.override(amount=200.0),))
    assert (result.limit, result.state, result.unmeasured) == (0.0, "exhausted", False)
    for runs in ([], [*silent, bench.entry(3)]):
        result = _status(bench, runs)
        assert (result.state, result.unmeasured) == ("ok", False)


def test_month_starts_where_its_clock_says(bench: Any) -> None:
    """A month starts at midnight of its time zone: in Berlin an hour before UTC."""
    start = bench.now - parse_window("month", "Europe/Berlin").bounds(bench.now)[0]
    runs = [bench.entry(1, ago=start), bench.entry(2, ago=start + timedelta(seconds=1))]
    sunk = sunk_cost(MONTH, runs_of_change(runs, None, "run-1"), bench.now, 400.0)
    assert sunk == _status(bench, runs, MONTH).consumed == 1.0


def test_intensity_of_the_budget_takes_precedence(bench: Any) -> None:
    """The g-per-kwh of a budget takes precedence over that of the policy's zone."""
    assert _status(bench, [bench.entry()], replace(CHECKOUT, g_per_kwh=200.0)).consumed == 0.5
    assert _status(bench, [bench.entry()], replace(CHECKOUT, g_per_kwh=200.0), g_per_kwh=None).consumed == 0.5


def test_debt_is_off_the_limit(bench: Any) -> None:
    """Overrides are taken off the limit of the windows after their grant."""
    result = _status(bench, bench.spent(30), overrides=(bench.override(),))
    assert (result.limit, result.debt, result.used) == (110.0, 10.0, pytest.approx(30 / 110))
    month = _status(bench, bench.spent(30), MONTH, overrides=(bench.override(),))
    assert (month.limit, month.debt) == (120.0, 0.0)
    earlier = bench.override(granted="2026-02-10T00:00:00Z", expires="2026-02-12T00:00:00Z")
    assert _status(bench, [], MONTH, overrides=(earlier,)).limit == 110.0


@pytest.mark.parametrize(
    ("consumed", "adds", "fitting"),
    [(0.0, None, True), (119.0, 1.0, True), (119.0, 1.01, False), (119.0, -5.0, True), (120.0, None, False),
     (120.0, -5.0, False), (0.0, 121.0, False)],
)  # fmt: skip
def test_what_is_used_and_added_must_fit(bench: Any, consumed: float, adds: float | None, fitting: bool) -> None:
    """A used-up window has no room; another window has room for what is left of it."""
    assert fits(replace(_status(bench, []), consumed=consumed, recurring=adds)) == fitting


@pytest.mark.parametrize(
    ("energy", "intensity", "driver"),
    [
        (3.0, 1.0, "more energy in each run"),
        (0.3, 1.0, "less energy in each run"),
        (1.0, 3.0, "a dirtier grid"),
        (1.0, 0.5, "a cleaner grid"),
        (1.0, 1.0, ""),
    ],
)
def test_main_driver_is_work_or_grid(bench: Any, energy: float, intensity: float, driver: str) -> None:
    """The driver that changed most since the last window is named; none without a change, or without a last window."""
    before = bench.entry(1, ago=40 * DAY)
    after = bench.entry(2, energy_j=100.0 * energy, operational_g=energy * intensity)
    assert _status(bench, [before, after]).cause == driver
    assert _status(bench, [after]).cause == ""


@LAW
@given(
    st.lists(st.tuples(st.floats(0.1, 40.0), st.floats(0.0, 5.0)), min_size=1, max_size=25),
    st.floats(0.0, 1.0), st.floats(0.0, 30.0), st.sampled_from([CHECKOUT, MONTH]),
)  # fmt: skip
def test_spending_more_never_improves_a_budget(
    bench: Any, spends: list[tuple[float, float]], when: float, more: float, budget: Budget
) -> None:
    """One more run, not before the first run, never improves the state."""
    states = ["ok", "watch", "at risk", "critical", "exhausted"]
    runs = [bench.entry(n, ago=age * DAY, operational_g=g) for n, (age, g) in enumerate(spends)]
    extra = bench.entry(99, ago=when * max(age for age, _ in spends) * DAY, operational_g=more)
    before, after = _status(bench, runs, budget), _status(bench, [*runs, extra], budget)
    assert states.index(after.state) >= states.index(before.state)
    assert after.consumed >= before.consumed


def test_a_budget_by_hand() -> None:
    """One gram a day for ten days, of 40 g in 28 days with 4 g of debt."""
    spends = [days_ago(day + 0.5, 1.0) for day in range(10)]
    result, history = status(spends, 40.0, ROLLING, NOW, debt=4.0), SpendHistory(spends, NOW)
    assert (result.limit, result.debt, result.consumed, result.remaining, result.runs) == (36.0, 4.0, 10.0, 26.0, 10)
    assert result.used == pytest.approx(10 / 36)
    assert pace_per_day(history) == pytest.approx(10 / 9.5)
    assert (result.exhausted_in_s, result.state) == (None, "ok")
    day, three, week = result.burn
    assert (day.long_s, day.short_s) == (DAY_S, 2 * HOUR_S)
    assert (three.long_s, three.short_s) == (3 * DAY_S, 6 * HOUR_S)
    assert (week.long_s, week.short_s) == (7 * DAY_S, DAY_S)
    assert [rate.threshold * rate.long_s / (28 * DAY_S) for rate in result.burn] == pytest.approx([0.1, 0.25, 0.5])
    assert [history.count_runs(history.latest_amounts(rate.long_s)) for rate in result.burn] == [1, 3, 7]
    assert [rate.long_rate for rate in result.burn] == pytest.approx([28 / 36] * 3)
    assert [rate.short_rate for rate in result.burn] == pytest.approx([0.0, 0.0, 28 / 36])
    assert [rate.threshold for rate in result.burn] == pytest.approx([2.8, 7 / 3, 2.0])


@pytest.mark.parametrize(
    ("consumed", "projected", "state"),
    [
        (0.0, None, "ok"), (math.nextafter(90, 0), None, "ok"), (90.0, None, "watch"),
        (math.nextafter(100, 0), None, "watch"), (100.0, None, "exhausted"), (1e9, None, "exhausted"),
        (0.0, math.nextafter(100, 0), "ok"), (0.0, 100.0, "at risk"), (60.0, 100.0, "at risk"),
        (90.0, 100.0, "at risk"), (100.0, 0.0, "exhausted"),
    ],
)  # fmt: skip
def test_state_follows_exact_numbers(consumed: float, projected: float | None, state: str) -> None:
    """A budget one bit below a border is on the lower side of it; a forecast only ever makes the state worse."""
    result = status([days_ago(20, consumed)], 100.0, ROLLING, NOW, projected=projected)
    assert result.state == state
    assert (result.exhausted_in_s == 0.0) == (state == "exhausted")


def _month(day: float, *spends: tuple[float, float]) -> StatusState:
    """Return the state of a budget of 100 g on a day of a month of 30 days, with spends on days of that month."""
    first = datetime(2026, 11, 1, tzinfo=UTC)
    made = [Spend(first + timedelta(days=at), amount) for at, amount in spends]
    return status(made, 100.0, parse_window("month"), first + timedelta(days=day)).state


def _daily(first: int, last: int, amount: float) -> list[tuple[float, float]]:
    return [(day + 0.5, amount) for day in range(first, last)]


@pytest.mark.parametrize(
    ("day", "spends", "state"),
    [
        (29.5, [*_daily(0, 15, 5.0), *_daily(15, 29, 0.8)], "ok"),  # 86 % on the last day, at a pace of 0.3
        (2.5, [*_daily(0, 2, 30.0)], "critical"),  # 60 % on day three
        (2.5, [*_daily(0, 2, 8.0), *_daily(0, 2, 8.0), *_daily(0, 2, 8.0)], "watch"),  # 48 %, of few days
        (15.0, _daily(0, 15, 2.5), "ok"),  # a pace of 0.75
        (15.0, _daily(0, 15, 3.1), "watch"),
        (15.0, _daily(0, 15, 3.6), "at risk"),
        (15.0, _daily(0, 15, 5.0), "critical"),
        (29.9, [*_daily(0, 10, 9.9), (29.5, 0.5)], "watch"),
        (1.0, [(0.5, 5.0)], "watch"),  # one run: at this pace 150 %, but a run says little
        (1.0, [(0.1 * n, 1.0) for n in range(6)], "watch"),
    ],
)  # fmt: skip
def test_state_looks_at_time(day: float, spends: list[tuple[float, float]], state: str) -> None:
    """Below the limit, the pace and what it leads to give the state, not the share that is used."""
    assert _month(day, *spends) == state


@pytest.mark.parametrize(
    ("early", "late", "state"),
    [(5.0, 1.0, "ok"), (3.4, 3.4, "watch"), (1.0, 3.7, "at risk"), (2.0, 4.9, "critical"), (6.0, 1.0, "watch")],
)
def test_state_of_a_rolling_window_looks_at_what_expires(early: float, late: float, state: str) -> None:
    """Old spends expire: a window that is nearly full at a slow pace is fine, one that fills up fast is not."""
    spends = [days_ago(day + 0.5, early if day >= 14 else late) for day in range(28)]
    assert status(spends, 100.0, ROLLING, NOW).state == state


@MANY
@given(SPENDS, SPENDS, LIMITS, WINDOWS, st.floats(0, 5000))
def test_consumption_adds_up(
    one: list[Spend], other: list[Spend], limit: float, window: BudgetWindow, debt: float
) -> None:
    """The consumption of two sets of runs is the sum of both; remaining plus consumed is the limit after debt."""
    parts = [status(spends, limit, window, NOW, debt) for spends in (one, other)]
    whole = status(one + other, limit, window, NOW, debt)
    assert whole.consumed == pytest.approx(parts[0].consumed + parts[1].consumed, rel=1e-9)
    assert whole.runs == parts[0].runs + parts[1].runs
    assert whole.limit == max(limit - debt, 0.0)
    assert whole.remaining + whole.consumed == pytest.approx(whole.limit, rel=1e-9, abs=1e-9)


@MANY
@given(SPENDS, LIMITS, WINDOWS, st.integers(-8, 8))
def test_unit_does_not_matter(spends: list[Spend], limit: float, window: BudgetWindow, power: int) -> None:
    """The same runs and limit in another unit have the same shares, rates, time and state."""
    unit = 2.0**power
    result = status(spends, limit, window, NOW)
    scaled = status([Spend(s.at, s.amount * unit) for s in spends], limit * unit, window, NOW)
    amounts = {name: getattr(result, name) * unit for name in ("limit", "consumed", "remaining")}
    assert scaled == replace(result, **amounts)
    paces = [pace_per_day(SpendHistory([Spend(s.at, s.amount * u) for s in spends], NOW)) for u in (1.0, unit)]
    assert paces[1] == paces[0] * unit


@MANY
@given(SPENDS, LIMITS, WINDOWS, st.randoms())
def test_order_of_the_spends_does_not_matter(
    spends: list[Spend], limit: float, window: BudgetWindow, order: Random
) -> None:
    """A ledger may return its runs in any order."""
    mixed = list(spends)
    order.shuffle(mixed)
    assert status(mixed, limit, window, NOW) == status(spends, limit, window, NOW)


@MANY
@given(SPENDS, LIMITS, WINDOWS, st.integers(0, 10**9), st.booleans(), st.floats(0, 1e12))
def test_spend_outside_the_window_consumes_nothing(
    spends: list[Spend], limit: float, window: BudgetWindow, away_us: int, later: bool, amount: float
) -> None:
    """A run before the window's start or after now uses nothing of the budget, however large the run is."""
    away = timedelta(microseconds=away_us + 1)
    outside = Spend(NOW + away if later else window.bounds(NOW)[0] - away, amount)
    with_it, without = (status(some, limit, window, NOW) for some in ([*spends, outside], spends))
    assert (with_it.consumed, with_it.runs) == (without.consumed, without.runs)
    if later:
        assert with_it == without


@MANY
@given(SPENDS, LIMITS, WINDOWS, st.floats(0, 1000), st.integers(0, 60))
def test_one_more_run_or_more_debt_never_makes_it_better(
    spends: list[Spend], limit: float, window: BudgetWindow, more: float, hours: int
) -> None:
    """More debt, or a spend not before the first, never improves the state; more debt never delays the exhaustion."""
    order = ("ok", "watch", "at risk", "critical", "exhausted")
    before = status(spends, limit, window, NOW)
    indebted = status(spends, limit, window, NOW, debt=more)
    assert order.index(indebted.state) >= order.index(before.state)
    if before.exhausted_in_s is not None:
        assert indebted.exhausted_in_s is not None
        assert indebted.exhausted_in_s <= before.exhausted_in_s * (1 + 1e-9)
    first = min((spend.at for spend in spends), default=NOW)  # an earlier spend makes the pace slower
    spent = status([*spends, Spend(max(first, NOW - timedelta(hours=hours)), more)], limit, window, NOW)
    assert order.index(spent.state) >= order.index(before.state)


def test_forecast_is_compared_with_the_limit_after_debt() -> None:
    """With a tenth of the limit in debt, a forecast of nine tenths reaches the limit."""
    assert status([], 100.0, ROLLING, NOW, debt=10.0, projected=90.0).state == "at risk"


def test_debt_that_takes_the_whole_limit_exhausts_it() -> None:
    """Nothing is left of the limit, so the budget counts as used whole and exhausted."""
    result = status([days_ago(1, 3.0)], 10.0, ROLLING, NOW, debt=12.0)
    assert (result.limit, result.consumed, result.remaining, result.used) == (0.0, 3.0, -3.0, 1.0)
    assert (result.burn, result.exhausted_in_s, result.state) == ((), 0.0, "exhausted")


@pytest.mark.parametrize(
    ("spend", "limit", "debt", "complaint"),
    [
        (days_ago(1, -1.0), 1.0, 0.0, "a spend is -1.0"),
        (days_ago(1, math.nan), 1.0, 0.0, "a spend is nan"),
        (days_ago(1, math.inf), 1.0, 0.0, "a spend is inf"),
        (Spend(datetime(2026, 11, 20), 1.0), 1.0, 0.0, "has no time zone"),
        (days_ago(1, 1.0), 0.0, 0.0, "the limit 0.0 must be above 0"),
        (days_ago(1, 1.0), math.nan, 0.0, "the limit nan"),
        (days_ago(1, 1.0), 1.0, -1.0, "the debt -1.0"),
        (days_ago(1, 1.0), 1.0, math.inf, "the debt inf"),
    ],
)
def test_impossible_figures_are_refused(spend: Spend, limit: float, debt: float, complaint: str) -> None:
    """Negative or infinite amounts, a limit of 0 and times without a time zone raise ValueError."""
    with pytest.raises(ValueError, match=complaint):
        status([spend], limit, ROLLING, NOW, debt)


def test_a_hundred_thousand_runs_take_less_than_a_second() -> None:
    """A year of a busy repository is judged in well under a second."""
    spends = [Spend(NOW - timedelta(seconds=index * 7919 % (28 * DAY_S)), 1.0) for index in range(100_000)]
    start = time.process_time()
    result = status(spends, 150_000.0, ROLLING, NOW)
    assert time.process_time() - start < 1.0
    assert (result.consumed, result.state) == (100_000.0, "ok")
