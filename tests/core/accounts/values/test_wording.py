"""The words of an account: days, windows, holders and amounts."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [
        (1240.0, 2000.0, "1.24 of 2.00 kg CO2e"),
        (999.999, 1000.0, "999.999 g of 1 kg CO2e"),
        (0.0, 2000.0, "0 of 2 kg CO2e"),
        (2000.0, 2000.0, "2 of 2 kg CO2e"),
        (2000.4, 2000.0, "2.0004 of 2.0000 kg CO2e"),
        (0.05, 2000.0, "50 mg of 2 kg CO2e"),
    ],
)
def test_an_amount_of_a_limit(value: float, limit: float, expected: str) -> None:
    """Both in one unit with as many decimals; rounding never makes them look equal."""
    assert amount_of_limit(value, limit, "mass") == expected


@pytest.mark.parametrize(
    ("window", "day", "expected"),
    [("month", "2026-11-01", "November carbon budget"), ("quarter", "2026-10-01", "October to December carbon budget"),
     ("28d", "2026-10-24", "28-day carbon budget"), (" 2 w ", "2026-10-24", "2-week carbon budget")],
)  # fmt: skip
def test_names_of_budgets(window: str, day: str, expected: str) -> None:
    """A budget is called by its month, its quarter or its length."""
    assert budget_name(window, day) == expected


def test_days_in_words() -> None:
    """The year is told where it is another."""
    assert day_text("2026-11-03", "2026-12-01") == "3 November"
    assert day_text("2027-01-03T10:00:00Z", "2026-12-01") == "3 January 2027"
