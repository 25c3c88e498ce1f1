"""Percentages and relative changes as texts: rounding never makes a text untrue."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pytest_carbon.core.percentages import change_text, debt_time_text, percent_text, signed_percent

LAW = settings(max_examples=200, deadline=None)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (0.0, "0 %"), (0.05, "5 %"), (0.0314, "3.1 %"), (0.29, "29 %"), (0.994, "99 %"), (0.996, ">99 %"),
        (math.nextafter(1, 0), ">99 %"), (1.0, "100 %"), (1.0001, "over 100 %"), (1.004, "over 100 %"),
        (1.006, "101 %"), (1.15, "115 %"), (12.0, "1200 %"), (0.00042, "0.042 %"),
    ],
)  # fmt: skip
def test_percent_of_known_ratios(ratio: float, text: str) -> None:
    """A share below 1 has two digits, a share above 1 has three."""
    assert percent_text(ratio) == text


def test_percent_can_have_more_digits() -> None:
    """The requested number of digits is written, without zeros at the end."""
    assert (percent_text(0.12345, 4), percent_text(0.125, 3), percent_text(0.5, 4)) == ("12.35 %", "12.5 %", "50 %")


@LAW
@given(st.floats(0, 100))
@example(0.99999999)
@example(1.00000001)
def test_only_exactly_one_is_written_as_100_percent(ratio: float) -> None:
    """A share just below or just above a limit never looks equal to it."""
    assert (percent_text(ratio) == "100 %") == (ratio * 100 == 100)


@pytest.mark.parametrize(
    ("ratio", "text"),
    [
        (0.082, "8.2 % more"), (-0.03, "3 % less"), (0.0, "no more"), (0.0004, "no more"), (-0.0004, "no more"),
        (0.0005, "0.05 % more"), (-0.9999, ">99 % less"), (-1.0, "100 % less"), (1.234, "123 % more"),
    ],
)  # fmt: skip
def test_change_of_known_ratios(ratio: float, text: str) -> None:
    """A change is written as more or less; a change below 0.05 % is "no more"."""
    assert change_text(ratio) == text


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(0.082, "+8.2 %"), (-0.082, "-8.2 %"), (0.0, "+0.0 %"), (-0.0, "+0.0 %"), (-0.0004, "+0.0 %"), (2.5, "+250.0 %")],
)
def test_signed_percent_of_known_ratios(ratio: float, text: str) -> None:
    """A change has its sign; zero never has a minus."""
    assert signed_percent(ratio) == text


@LAW
@given(st.floats(-1, 1e6))
def test_text_never_reverses_a_change(ratio: float) -> None:
    """A decrease is never written as an increase, nor an increase as a decrease."""
    assert change_text(ratio).endswith(("no more", "more" if ratio > 0 else "less"))
    assert signed_percent(ratio).startswith("-") == (round(ratio * 100, 1) < 0)


@pytest.mark.parametrize(
    ("window", "text"),
    [("month", "in the next month"), ("quarter", "in the next quarter"), ("28d", "at once, for 28 days")],
)
def test_debt_is_in_the_window_that_an_override_borrows_from(window: str, text: str) -> None:
    """A rolling window has no next one: its debt counts from the grant on."""
    assert debt_time_text(window) == text
