"""How much of a ledger the budgets need."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.needed_history import exact_days, history_needed
from pytest_carbon.core.budget.window import parse_window
from pytest_carbon.core.quantities import parse_quantity

CHECKOUT = Budget("checkout", None, "fail", parse_quantity("120 g"))


@pytest.mark.parametrize(
    ("windows", "days"),
    [((), 58), (("7d",), 58), (("28d",), 58), (("29d",), 60), (("7d", "90d"), 182), (("month",), 64)],
)
def test_history_reaches_over_two_windows_and_a_forecast(bench: Any, windows: tuple[str, ...], days: int) -> None:
    """The longest window counts twice, but at least the 56 days of a forecast; two days are added for time zones."""
    budgets = [replace(CHECKOUT, window=parse_window(window)) for window in windows]
    assert history_needed(budgets, bench.now) == timedelta(days=days)


def test_days_on_which_something_begins_are_exact(bench: Any) -> None:
    """Exact are the last days, and the days in which the pace, a window or the window before begins or ends."""
    month = replace(CHECKOUT, window=parse_window("month", "Europe/Berlin"))
    result = exact_days([CHECKOUT, month], bench.now)
    recent = {(bench.now - timedelta(days=ago)).date() for ago in range(-1, 9)}
    others = {(3, 6), (2, 20), (1, 23), (2, 28), (1, 31), (2, 17)}
    assert {(day.month, day.day) for day in result - recent} == others
    assert recent <= result
