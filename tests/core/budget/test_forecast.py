"""Projections of a window's spend from the days before it."""

from __future__ import annotations

import math
import time
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.forecast import Forecast, forecast
from pytest_carbon.core.budget.spend_history import Spend
from pytest_carbon.core.budget.window import BudgetWindow, parse_window

LAW = settings(max_examples=60, deadline=None)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday, with seven and a half days of November left
ROLLING, MONTH = parse_window("28d"), parse_window("month")
WINDOWS = st.sampled_from([parse_window(text) for text in ("1d", "10d", "28d", "month", "quarter")])
WEEK = (3.0, 5.0, 7.0, 5.0, 4.0, 0.0, 0.0)


def _days(amounts: list[float]) -> list[Spend]:
    """Spend each amount in the middle of one day, the first yesterday, from a day with nothing before them all."""
    first = Spend(NOW - timedelta(days=len(amounts)), 0.0)
    return [first, *(Spend(NOW - timedelta(days=day + 0.5), amount) for day, amount in enumerate(amounts))]


HISTORIES = st.lists(st.floats(0, 1000), min_size=7, max_size=70).map(_days)


def _project(spends: list[Spend], limit: float = 100.0, window: BudgetWindow = ROLLING, seed: str = "seed") -> Forecast:
    found = forecast(spends, limit, window, NOW, seed, 200)
    assert found is not None
    return found


@pytest.mark.parametrize("days", [7, 13, 14, 27, 28, 35, 56, 100])
@pytest.mark.parametrize(
    ("window", "whole"),
    [(ROLLING, 28.0), (parse_window("1d"), 1.0), (parse_window("30d"), 30.0), (parse_window("366d"), 366.0)],
)
def test_constant_spend_is_certain(days: int, window: BudgetWindow, whole: float) -> None:
    """Where every day is the same there is one outcome, and it is exact."""
    found = _project(_days([0.3] * days), window=window)
    assert found.p10 == found.p50 == found.p90 == pytest.approx(0.3 * whole, rel=1e-12)


@pytest.mark.parametrize(
    ("amounts", "whole"),
    [([2.0] * 40, 23 * 2.0 + 7.5 * 2.0), ([2.0] * 9, 9 * 2.0 + 7.5 * 2.0), ([0.0] * 40 + [50.0], 0.0)],
)
def test_calendar_window_adds_what_is_spent_already(amounts: list[float], whole: float) -> None:
    """The end of the month is what it has consumed, and the days that remain, the last of them half a day."""
    found = _project(_days(amounts), window=MONTH)
    assert found.p10 == found.p50 == found.p90 == pytest.approx(whole, rel=1e-12)


def test_weekdays_are_kept() -> None:
    """A week's end is free, so the end of a month that has a whole week and half a Monday left is known exactly."""
    weeks = [WEEK[(-1 - day) % 7] for day in range(56)]  # yesterday was a Sunday
    found = _project(_days(weeks), window=MONTH)
    spent = sum(weeks[:23])
    assert found.p10 == found.p90 == pytest.approx(spent + sum(WEEK) + WEEK[0] / 2)


@pytest.mark.parametrize(
    ("days", "runs", "told"),
    [(7, 5, True), (6.99, 5, False), (7, 4, False), (100, 5, True), (100, 4, False)],
)
def test_too_little_history_is_not_projected(days: float, runs: int, told: bool) -> None:
    """Less than seven days, or fewer than five runs in the last 56, tell nothing."""
    oldest = Spend(NOW - timedelta(days=days), 1.0)
    recent = [Spend(NOW - timedelta(hours=hour), 1.0) for hour in range(runs)]
    assert (forecast([oldest, *recent], 10.0, ROLLING, NOW, "") is not None) == told


@pytest.mark.parametrize("window", [ROLLING, MONTH])
def test_no_history_is_not_projected(window: BudgetWindow) -> None:
    """Without a run, or with runs to come only, there is no projection."""
    assert forecast([], 10.0, window, NOW, "") is None
    assert forecast([Spend(NOW + timedelta(days=day), 1.0) for day in range(1, 30)], 10.0, window, NOW, "") is None


@pytest.mark.parametrize(("days", "used"), [(7, 7), (13, 13), (27, 27), (28, 28), (34, 28), (56, 56), (300, 56)])
def test_projection_says_what_it_rests_on(days: int, used: int) -> None:
    """Every day counts of up to four weeks, then whole weeks, and eight of them at most."""
    assert _project(_days([1.0] * days)).days_of_history == used


def test_old_days_do_not_count() -> None:
    """What was spent before the 56 days changes nothing."""
    recent = [float(day % 11) for day in range(56)]
    assert _project(_days([*recent, 1e6, 1e6])) == _project(_days(recent))


@LAW
@given(HISTORIES, WINDOWS, st.floats(1, 1e5))
def test_quantiles_are_in_order_and_within_what_can_be(spends: list[Spend], window: BudgetWindow, limit: float) -> None:
    """P10 <= P50 <= P90, none below the least days or above the worst, and the chance is a share."""
    found = _project(spends, limit, window)
    assert found.p10 <= found.p50 <= found.p90
    start, end = window.bounds(NOW)
    rolling = window.kind == "rolling"
    ahead_d = ((end - start) if rolling else (end - NOW)).total_seconds() / 86400
    spent = 0.0 if rolling else math.fsum(s.amount for s in spends if start <= s.at <= NOW)
    worst = max(s.amount for s in spends)
    assert spent * (1 - 1e-9) <= found.p10
    assert found.p90 <= (spent + worst * ahead_d) * (1 + 1e-9)
    assert 0 <= found.exhaustion_probability <= 1
    assert (found.exhaustion_probability >= 0.5) >= (found.p50 >= limit)
    assert (found.exhaustion_probability > 0.1) <= (found.p90 >= limit)


@LAW
@given(HISTORIES, WINDOWS, st.floats(1, 1e5), st.floats(1, 100))
def test_more_spent_is_never_less(spends: list[Spend], window: BudgetWindow, limit: float, factor: float) -> None:
    """Every figure of runs that took more is at least that of runs that took less."""
    less = _project(spends, limit, window)
    more = _project([Spend(s.at, s.amount * factor) for s in spends], limit, window)
    assert all(one <= other for one, other in zip(astuple(less), astuple(more), strict=True))


@LAW
@given(HISTORIES, WINDOWS, st.text(max_size=10))
def test_same_input_gives_the_same_output(spends: list[Spend], window: BudgetWindow, seed: str) -> None:
    """A projection can be repeated, and the order of the runs does not matter."""
    assert _project(spends, 1.0, window, seed) == _project(list(reversed(spends)), 1.0, window, seed)


@pytest.mark.parametrize(("name", "below"), [("p10", 19), ("p50", 99), ("p90", 179)])
def test_quantile_is_an_outcome(name: str, below: int) -> None:
    """Of 200 outcomes the 20th is P10, the 100th P50 and the 180th P90."""
    spends = _days([math.sqrt(day + 2) for day in range(27)])
    quantile = getattr(_project(spends), name)
    assert _project(spends, limit=quantile).exhaustion_probability == (200 - below) / 200


def test_another_seed_is_another_draw() -> None:
    """Two seeds tell the same within the noise of the draw."""
    spends = _days([float(day * 37 % 17) for day in range(56)])
    one, other = (forecast(spends, 100.0, ROLLING, NOW, seed) for seed in ("a", "b"))
    assert one is not None
    assert other is not None
    assert one != other
    assert one.p50 == pytest.approx(other.p50, rel=0.05)


def test_chance_is_that_of_the_outcomes() -> None:
    """Of two kinds of day, half and half, the next costs 10 with a chance of a half."""
    found = forecast(_days([0.0, 10.0] * 10), 10.0, parse_window("1d"), NOW, "seed", 4000)
    assert found is not None
    assert (found.p10, found.p90, found.days_of_history) == (0.0, 10.0, 20)
    assert found.exhaustion_probability == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("days", [7, 10, 20, 28, 56])
def test_range_holds_most_of_what_comes(days: int) -> None:
    """Of days that really vary, the range of P10 to P90 holds far more than half of the futures, also after a week."""
    draw, held = Random(days), 0  # noqa: S311
    for case in range(100):
        drawn = [draw.expovariate(1.0) for _ in range(days + 28)]
        found = _project(_days(drawn[28:]), seed=str(case))
        held += found.p10 <= sum(drawn[:28]) <= found.p90
    assert held >= 60


def test_a_thousand_outcomes_take_no_time() -> None:
    """A projection costs a verdict some milliseconds."""
    spends = _days([float(day * 37 % 17) for day in range(56)])
    start = time.process_time()
    for _ in range(10):
        forecast(spends, 100.0, ROLLING, NOW, "seed")
    assert (time.process_time() - start) / 10 < 0.05
