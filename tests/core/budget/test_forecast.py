"""Forecasts of a window's spend from the spends of the days before."""

from __future__ import annotations

import math
import time
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.forecast import Forecast, forecast, quantiles
from pytest_carbon.core.budget.spend_history import Spend
from pytest_carbon.core.budget.window import BudgetWindow, parse_window

LAW = settings(max_examples=60, deadline=None)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)  # a Monday, with seven and a half days of November left
ROLLING, MONTH = parse_window("28d"), parse_window("month")
WINDOWS = st.sampled_from([parse_window(text) for text in ("1d", "10d", "28d", "month", "quarter")])
WEEK = (3.0, 5.0, 7.0, 5.0, 4.0, 0.0, 0.0)


def _days(amounts: list[float]) -> list[Spend]:
    """Return one spend in the middle of each day, the first yesterday, and a spend of 0 before all of them."""
    first = Spend(NOW - timedelta(days=len(amounts)), 0.0)
    return [first, *(Spend(NOW - timedelta(days=day + 0.5), amount) for day, amount in enumerate(amounts))]


HISTORIES = st.lists(st.floats(0, 1000), min_size=7, max_size=70).map(_days)


def _forecast(spends: list[Spend], window: BudgetWindow = ROLLING, seed: str = "seed") -> Forecast:
    result = forecast(spends, window, NOW, seed, 200)
    assert result is not None
    return result


@pytest.mark.parametrize("days", [7, 13, 14, 27, 28, 35, 56, 100])
@pytest.mark.parametrize(
    ("window", "whole"),
    [(ROLLING, 28.0), (parse_window("1d"), 1.0), (parse_window("30d"), 30.0), (parse_window("366d"), 366.0)],
)
def test_constant_spend_is_certain(days: int, window: BudgetWindow, whole: float) -> None:
    """If every day spends the same, all outcomes are the same and exact."""
    result = _forecast(_days([0.3] * days), window=window)
    assert result.p10 == result.p50 == result.p90 == pytest.approx(0.3 * whole, rel=1e-12)


@pytest.mark.parametrize(
    ("amounts", "whole"),
    [([2.0] * 40, 23 * 2.0 + 7.5 * 2.0), ([2.0] * 9, 9 * 2.0 + 7.5 * 2.0), ([0.0] * 40 + [50.0], 0.0)],
)
def test_calendar_window_adds_what_is_spent_already(amounts: list[float], whole: float) -> None:
    """The month ends at what it has spent so far plus the remaining days, the last of them half a day."""
    result = _forecast(_days(amounts), window=MONTH)
    assert result.p10 == result.p50 == result.p90 == pytest.approx(whole, rel=1e-12)


def test_forecast_keeps_weekdays() -> None:
    """With weekends of 0, a month with one whole week and half a Monday left has exactly one outcome."""
    weeks = [WEEK[(-1 - day) % 7] for day in range(56)]  # yesterday was a Sunday
    result = _forecast(_days(weeks), window=MONTH)
    spent = sum(weeks[:23])
    assert result.p10 == result.p90 == pytest.approx(spent + sum(WEEK) + WEEK[0] / 2)


@pytest.mark.parametrize(
    ("days", "runs", "expected"),
    [(7, 5, True), (6.99, 5, False), (7, 4, False), (100, 5, True), (100, 4, False)],
)
def test_too_little_history_gives_no_forecast(days: float, runs: int, expected: bool) -> None:
    """Less than 7 days of history, or fewer than 5 runs in the last 56 days, give no forecast."""
    oldest = Spend(NOW - timedelta(days=days), 1.0)
    recent = [Spend(NOW - timedelta(hours=hour), 1.0) for hour in range(runs)]
    assert (forecast([oldest, *recent], ROLLING, NOW, "") is not None) == expected


@pytest.mark.parametrize("window", [ROLLING, MONTH])
def test_no_history_gives_no_forecast(window: BudgetWindow) -> None:
    """Without runs, or with future runs only, there is no forecast."""
    assert forecast([], window, NOW, "") is None
    assert forecast([Spend(NOW + timedelta(days=day), 1.0) for day in range(1, 30)], window, NOW, "") is None


@pytest.mark.parametrize(("days", "used"), [(7, 7), (13, 13), (27, 27), (28, 28), (34, 28), (56, 56), (300, 56)])
def test_forecast_rests_on_whole_weeks(days: int, used: int) -> None:
    """Up to four weeks every day counts, then whole weeks only, and at most eight of them."""
    amounts = [1.0] * days
    last_used = [1.0] * (used - 1) + [1e6] + [1.0] * (days - used)
    assert _forecast(_days(last_used)) != _forecast(_days(amounts))
    assert _forecast(_days([1.0] * used + [1e6] * (days - used))) == _forecast(_days([1.0] * used))


def test_old_days_do_not_count() -> None:
    """Spends from before the last 56 days change nothing."""
    recent = [float(day % 11) for day in range(56)]
    assert _forecast(_days([*recent, 1e6, 1e6])) == _forecast(_days(recent))


@LAW
@given(HISTORIES, WINDOWS)
def test_quantiles_are_in_order_and_within_the_possible_range(spends: list[Spend], window: BudgetWindow) -> None:
    """P10 <= P50 <= P90; P10 is at least what is spent, P90 at most what is spent plus the worst day every day."""
    result = _forecast(spends, window)
    assert result.p10 <= result.p50 <= result.p90
    start, end = window.bounds(NOW)
    rolling = window.kind == "rolling"
    ahead_d = ((end - start) if rolling else (end - NOW)).total_seconds() / 86400
    spent = 0.0 if rolling else math.fsum(s.amount for s in spends if start <= s.at <= NOW)
    worst = max(s.amount for s in spends)
    assert spent * (1 - 1e-9) <= result.p10
    assert result.p90 <= (spent + worst * ahead_d) * (1 + 1e-9)


@LAW
@given(HISTORIES, WINDOWS, st.floats(1, 100))
def test_larger_spends_never_lower_the_forecast(spends: list[Spend], window: BudgetWindow, factor: float) -> None:
    """Every figure of larger spends is at least the figure of smaller spends."""
    less = _forecast(spends, window)
    more = _forecast([Spend(s.at, s.amount * factor) for s in spends], window)
    assert all(one <= other for one, other in zip(astuple(less), astuple(more), strict=True))


@LAW
@given(HISTORIES, WINDOWS, st.text(max_size=10))
def test_same_input_gives_the_same_output(spends: list[Spend], window: BudgetWindow, seed: str) -> None:
    """A forecast can be repeated, and the order of the runs does not matter."""
    assert _forecast(spends, window, seed) == _forecast(list(reversed(spends)), window, seed)


@pytest.mark.parametrize(("count", "expected"), [(1, (0, 0, 0)), (10, (0, 4, 8)), (200, (19, 99, 179))])
def test_quantile_is_an_outcome(count: int, expected: tuple[int, int, int]) -> None:
    """Of 200 outcomes in any order the 20th smallest is P10, the 100th P50 and the 180th P90."""
    outcomes = [float(index) for index in range(count)]
    Random(count).shuffle(outcomes)  # noqa: S311
    assert astuple(quantiles(outcomes)) == expected


def test_another_seed_is_another_draw() -> None:
    """Two seeds give different outcomes that agree within the noise of the draw."""
    spends = _days([float(day * 37 % 17) for day in range(56)])
    one, other = (forecast(spends, ROLLING, NOW, seed) for seed in ("a", "b"))
    assert one is not None
    assert other is not None
    assert one != other
    assert one.p50 == pytest.approx(other.p50, rel=0.05)


def test_two_kinds_of_day_span_the_range() -> None:
    """If half of the days spend 0 and half spend 10, the next day is between 0 and 10."""
    result = forecast(_days([0.0, 10.0] * 10), parse_window("1d"), NOW, "seed", 4000)
    assert result is not None
    assert (result.p10, result.p90) == (0.0, 10.0)


@pytest.mark.parametrize("days", [7, 10, 20, 28, 56])
def test_range_contains_most_futures(days: int) -> None:
    """For days that vary, P10 to P90 contains at least 60 % of the futures, even after one week of history."""
    draw, contained = Random(days), 0  # noqa: S311
    for trial in range(100):
        drawn = [draw.expovariate(1.0) for _ in range(days + 28)]
        result = _forecast(_days(drawn[28:]), seed=str(trial))
        contained += result.p10 <= sum(drawn[:28]) <= result.p90
    assert contained >= 60


def test_forecast_takes_less_than_50_ms() -> None:
    """A forecast of 1000 outcomes costs a verdict a few milliseconds."""
    spends = _days([float(day * 37 % 17) for day in range(56)])
    start = time.process_time()
    for _ in range(10):
        forecast(spends, ROLLING, NOW, "seed")
    assert (time.process_time() - start) / 10 < 0.05
