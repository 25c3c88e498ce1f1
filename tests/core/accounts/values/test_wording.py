"""The words of an account: days, windows, holders and amounts."""

from __future__ import annotations

import pytest

from pytest_carbon.core.accounts.values.wording import (
    amount_of_limit,
    amount_text,
    budget_name,
    capitalised,
    day_text,
    holder_in_sentence,
    month_text,
    range_text,
    split_rolling_window,
)
from pytest_carbon.core.model import Range
from pytest_carbon.core.quantities import Kind
from pytest_carbon.core.verdict.verdict import Level


@pytest.mark.parametrize(
    ("value", "limit", "expected"),
    [
        (1240.0, 2000.0, "1.24 of 2 kg CO2e"),
        (999.999, 1000.0, "999.999 g of 1 kg CO2e"),
        (0.0, 2000.0, "0 of 2 kg CO2e"),
        (2000.0, 2000.0, "2 of 2 kg CO2e"),
        (2000.4, 2000.0, "2.0004 of 2 kg CO2e"),
        (0.05, 2000.0, "50 mg of 2 kg CO2e"),
    ],
)
def test_amount_and_limit_share_a_unit(value: float, limit: float, expected: str) -> None:
    """Both have one unit, and a limit has the digits that it has elsewhere; rounding never makes them look equal."""
    assert amount_of_limit(value, limit, "mass") == expected


@pytest.mark.parametrize(
    ("window", "day", "expected"),
    [("month", "2026-11-01", "November carbon budget"), ("quarter", "2026-10-01", "October to December carbon budget"),
     ("28d", "2026-10-24", "28-day carbon budget"), (" 2 w ", "2026-10-24", "2-week carbon budget")],
)  # fmt: skip
def test_names_of_budgets(window: str, day: str, expected: str) -> None:
    """A budget is named by its month, its quarter or its length."""
    assert budget_name(window, day) == expected


def test_a_day_of_another_year_has_its_year() -> None:
    """The year is written only if it differs from the year of the account."""
    assert day_text("2026-11-03", "2026-12-01") == "3 November"
    assert day_text("2027-01-03T10:00:00Z", "2026-12-01") == "3 January 2027"


@pytest.mark.parametrize(
    ("value", "kind", "expected"),
    [
        (1240.0, "mass", "1.24 kg CO2e"),
        (3000.0, "energy", "3 kJ"),
        (3000.0, "reference", "3 kJ of reference energy"),
        (0.0, "mass", "0 g CO2e"),
    ],
)
def test_an_amount_names_its_quantity(value: float, kind: Kind, expected: str) -> None:
    """Grams are CO2e, and reference energy is not confused with energy."""
    assert amount_text(value, kind) == expected


@pytest.mark.parametrize(
    ("name", "level", "expected"),
    [
        ("repository", "repository", "the repository"),
        ("shop", "team", "team shop"),
        ("checkout", "feature", "checkout"),
        ("unattributed", "feature", "unattributed work"),
        ("repository", "feature", "repository"),
    ],
)
def test_holder_in_a_sentence(name: str, level: Level, expected: str) -> None:
    """A team has its level; a feature that is called repository is not the repository."""
    assert holder_in_sentence(name, level) == expected


def test_a_long_holder_is_shortened() -> None:
    """A name from outside cannot fill the sentence."""
    assert len(holder_in_sentence("x" * 500, "feature")) == 60


@pytest.mark.parametrize(
    ("window", "expected"), [("28d", ("28", "day")), ("4w", ("4", "week")), (" 2 w ", ("2", "week"))]
)
def test_rolling_window_is_split(window: str, expected: tuple[str, str]) -> None:
    """Blanks around the number and the unit do not count."""
    assert split_rolling_window(window) == expected


def test_only_the_first_letter_is_capitalised() -> None:
    """The rest of a name stays as it is; an empty text stays empty."""
    assert (capitalised("unattributed work"), capitalised("cartAPI"), capitalised("")) == (
        "Unattributed work", "CartAPI", "",
    )  # fmt: skip


def test_months_and_ranges() -> None:
    """A month has its year, grams have the digits that they have everywhere."""
    assert month_text("2026-01") == "January 2026"
    assert range_text(Range(1234.0, 980.0, 1900.0)) == "1.23 kg (980 g … 1.9 kg)"
