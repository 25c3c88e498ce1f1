"""What the tests of budgets share: a moment, windows, and spends that are made by hand or drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from pytest_carbon.core.budget.budget_status import BudgetStatus, status_of_spends
from pytest_carbon.core.budget.forecast import Forecast
from pytest_carbon.core.budget.spend_history import Spend
from pytest_carbon.core.budget.window import BudgetWindow, parse_window
from pytest_carbon.core.quantities import Quantity

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ROLLING, MONTH = parse_window("28d"), parse_window("month")
HOUR_S, DAY_S = 3600, 86400
WINDOWS = st.sampled_from(
    [parse_window(text, "Europe/Berlin") for text in ("1d", "7d", "11d", "4w", "90d", "month", "quarter")]
)
SPENDS = st.lists(
    st.builds(
        lambda seconds, eighths: Spend(NOW - timedelta(seconds=seconds), eighths / 8),
        st.one_of(st.integers(-DAY_S, DAY_S), st.integers(-DAY_S, 120 * DAY_S)),
        st.integers(0, 800),
    ),
    max_size=40,
)
LIMITS = st.integers(1, 3000).map(lambda whole: whole + 1 / math.pi)  # never met exactly by eighths


def days_ago(days: float, amount: float) -> Spend:
    """Return a spend so many days before NOW."""
    return Spend(NOW - timedelta(days=days), amount)


def status(
    spends: Iterable[Spend],
    limit: float,
    window: BudgetWindow,
    now: datetime = NOW,
    debt: float = 0.0,
    projected: float | None = None,
) -> BudgetStatus:
    """Return the status of a budget in grams; ``projected`` is the forecast for the window's end, without a range."""
    window_end = None if projected is None else Forecast(projected, projected, projected)
    return status_of_spends(spends, Quantity(limit, "mass", f"{limit} g"), window, now, debt, window_end)
