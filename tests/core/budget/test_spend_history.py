"""The spends of a budget up to now: which amounts a window includes, and which spends are refused."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from pytest_carbon.core.budget.spend_history import Spend, SpendHistory
from pytest_carbon.core.budget.window import BudgetWindow, parse_window
from tests.core.budget.samples import MONTH, NOW, ROLLING, days_ago, status


@pytest.mark.parametrize(
    ("window", "at", "counts"),
    [
        (ROLLING, NOW - timedelta(days=28), False),
        (ROLLING, NOW - timedelta(days=28) + timedelta(microseconds=1), True),
        (ROLLING, NOW, True),
        (ROLLING, NOW + timedelta(microseconds=1), False),
        (MONTH, datetime(2026, 11, 1, tzinfo=UTC) - timedelta(microseconds=1), False),
        (MONTH, datetime(2026, 11, 1, tzinfo=UTC), True),
        (MONTH, NOW, True),
        (MONTH, NOW + timedelta(microseconds=1), False),
    ],
)
def test_borders_of_a_window(window: BudgetWindow, at: datetime, counts: bool) -> None:
    """A rolling window is open at its start, a calendar window closed; a spend after now never counts."""
    result = status([Spend(at, 1.0)], 10.0, window, NOW)
    assert (result.consumed, result.runs) == ((1.0, 1) if counts else (0.0, 0))


def test_hours_are_real_hours_over_a_change_of_the_clocks() -> None:
    """Times differ by their instants, not by what the clocks show."""
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 3, 29, 12, tzinfo=berlin)
    in_window = datetime(2026, 3, 28, 11, 0, 1, tzinfo=berlin)  # 25 hours by the clock, less than 24 in truth
    spends = [Spend(in_window, 1.0), Spend(in_window - timedelta(seconds=1), 2.0)]
    assert status(spends, 10.0, parse_window("1d"), now).consumed == 1.0


def test_spends_are_sorted_and_counted_back_from_now() -> None:
    """Spends come in any order; a spend after now is left out, and a summed day counts all its runs."""
    history = SpendHistory([days_ago(1, 2.0), Spend(NOW, 3.0, 4), days_ago(-1, 9.0), days_ago(2, 1.0)], NOW)
    assert (history.at_s, history.amounts, history.age_s) == ([-172_800.0, -86_400.0, 0.0], [1.0, 2.0, 3.0], 172_800.0)
    assert history.latest_amounts(86_400.0) == [3.0]
    assert history.latest_amounts(86_401.0) == [2.0, 3.0]
    assert [history.count_runs(history.latest_amounts(length_s)) for length_s in (1.0, 86_401.0, 1e9)] == [4, 5, 6]


def test_history_without_spends_has_no_age() -> None:
    """Without spends, or with future spends only, the age is 0 and no amounts are in a window."""
    for spends in ([], [days_ago(-1, 1.0)]):
        history = SpendHistory(spends, NOW)
        assert (history.age_s, history.amounts_in(ROLLING), history.count_runs([])) == (0.0, [], 0)


@pytest.mark.parametrize("amount", [-1.0, math.nan, math.inf])
def test_impossible_amount_is_refused(amount: float) -> None:
    """An amount that is negative or not finite raises ValueError, even after now."""
    with pytest.raises(ValueError, match=f"a spend is {amount}; it must be at least 0 and finite"):
        SpendHistory([days_ago(-1, amount)], NOW)
