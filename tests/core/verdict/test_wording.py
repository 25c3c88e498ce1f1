"""The wording of a verdict: digits, shares, ages and cuts."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pytest_carbon.core.budget.burn_rate import BurnRate
from pytest_carbon.core.model import Range
from pytest_carbon.core.verdict import wording
from tests.core.verdict.samples import DAY_S, GROWTH, LAW, STATUS


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((), ""), ((1.0,), ""), ((0.0, 0.0), "▄▄"), ((5.0, 5.0, 5.0), "▄▄▄"), ((100.0, 95.0), "▄▄"),
        ((0.0, 0.5, 1.0), "▁▅█"), ((1.0, 2.0), "▅█"), (tuple(range(20)), "▄▄▅▅▅▆▆▇▇▇██"),
    ],
)  # fmt: skip
def test_sparkline(values: tuple[float, ...], expected: str) -> None:
    """Heights start at zero, noise is drawn flat, and only the latest 12 values are drawn."""
    assert wording.sparkline(values) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0.0, "less than 2 minutes"), (119.0, "less than 2 minutes"), (120.0, "2 minutes"), (7199.0, "119 minutes"),
        (7200.0, "2 hours"), (47 * 3600.0, "47 hours"), (2 * DAY_S, "2 days"), (6.99 * DAY_S, "6 days"),
    ],
)  # fmt: skip
def test_duration(seconds: float, expected: str) -> None:
    """A duration is in the largest unit of which there are two, rounded down."""
    assert wording.duration_text(seconds) == expected


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        (Range(1.234, 0.81, 1.9), ("1.23 g", "(810 mg … 1.9 g)")),
        (Range(1.234, 1.23, 1.24), ("1.23 g", "(1.2 g … 1.2 g)")),
        (Range(100.0, 20.0, 400.0), ("100 g", "(20 g … 400 g)")),
        (Range(1.84, 0.2, 4.0), ("1.84 g", "(200 mg … 4 g)")),
        (Range(5.0, 5.0, 5.0), ("5 g", "(range not known)")),
        (Range(0.0, 0.0, 0.0), ("0 g", "(0 g … 0 g)")),
        (Range(0.0, 0.0, 1.0), ("0 g", "(0 g … 1 g)")),
    ],
)
def test_amount_has_its_digits_whatever_its_range(amount: Range, expected: tuple[str, str]) -> None:
    """Three digits, as in the report of the run, and two for the bounds."""
    assert wording.amount_with_range(amount, "mass") == expected


@pytest.mark.parametrize(
    ("change", "low", "high", "allowed", "expected"),
    [
        (0.082, 0.057, 0.107, None, ("+8.2 %", "(+6 … +11)")),
        (0.018, -0.03, 0.07, None, ("+1.8 %", "(-3 … +7)")),
        (0.018, -0.13, 0.17, None, ("+2 %", "(-13 … +17)")),
        (-0.31, -0.35, -0.27, None, ("-31.0 %", "(-35 … -27)")),
        (0.0004, -0.05, 0.05, None, ("0 %", "(-5 … +5)")),
        (0.0004, 0.0001, 0.1, None, ("+0.04 %", "(+0.01 … +10)")),
        (0.0504, 0.0, 0.1, 0.05, ("+5.04 %", "(0 … +10)")),
        (0.05, 0.0, 0.1, 0.05, ("+5.0 %", "(0 … +10)")),
        (0.05, 0.05, 0.05, None, ("+5.0 %", "(+5.0 … +5.0)")),
        (None, None, None, None, ("", "")),
    ],
)
def test_change_has_the_digits_of_its_error(
    change: float | None, low: float | None, high: float | None, allowed: float | None, expected: tuple[str, str]
) -> None:
    """A change has the digits that its error supports, and more if it would look like 0 or like the limit."""
    assert wording.change_with_bounds(replace(GROWTH, change=change, low=low, high=high, allowed=allowed)) == expected


RATIOS = st.floats(-0.9, 10)


@LAW
@given(RATIOS, RATIOS, RATIOS, st.floats(0.001, 10))
def test_change_never_looks_like_zero_or_like_its_limit(a: float, b: float, c: float, allowed: float) -> None:
    """Rounding never changes the sign of a visible change, moves a bound over 0, or crosses the limit."""
    low, change, high = sorted((a, b, c))
    assume(all(value == 0 or abs(value) > 1e-9 for value in (low, change, high)))
    text, bounds = wording.change_with_bounds(replace(GROWTH, change=change, low=low, high=high, allowed=allowed))
    shown = float(text.removesuffix(" %"))
    shown_low, shown_high = (float(part) for part in bounds.strip("()").split(" … "))
    assert math.copysign(1, shown_low) == math.copysign(1, low) or low == 0
    assert (shown_low > 0, shown_high < 0) == (low > 0, high < 0)
    if low > 0 or high < 0:
        assert (shown > 0) == (change > 0)
    assert (change <= allowed) == (shown <= round(allowed * 100, 15)) or change == allowed


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, "0 %"), (0.001, "<1 %"), (0.42, "42 %"), (0.9999, ">99 %"), (1.0, "100 %"),
     (1.0001, ">100 %"), (1.09, "109 %")],
)  # fmt: skip
def test_only_a_budget_used_exactly_has_100_per_cent(share: float, expected: str) -> None:
    """A share just below or just above the limit never reads 100 %."""
    assert wording.share_text(share) == expected
    assert wording.budget_use_text(replace(STATUS, used=share)) == f"{expected} of 120 g in 28 days"


def test_texts_of_a_budget_status() -> None:
    """What is left, when it is exhausted, and the forecast; bounds if the use of some runs is unknown."""
    assert (wording.remaining_text(STATUS), wording.exhaustion_text(STATUS), wording.forecast_text(STATUS)) == (
        "70 g",
        "not at the present pace",
        "",
    )
    over = replace(STATUS, remaining=-11.0, exhausted_in_s=0.0, p10=100.0, p90=140.0)
    assert (wording.remaining_text(over), wording.exhaustion_text(over), wording.forecast_text(over)) == (
        "11 g over",
        "already",
        "100 g … 140 g",
    )
    assert wording.exhaustion_text(replace(STATUS, exhausted_in_s=6.5 * DAY_S)) == "in 6 days"
    some = replace(STATUS, unknown_runs=2)
    assert (wording.budget_use_text(some), wording.remaining_text(some)) == (
        "at least 42 % of 120 g in 28 days",
        "at most 70 g",
    )
    assert wording.remaining_text(replace(over, unknown_runs=2)) == "at least 11 g over"
    none = replace(some, runs=0, used=0.0, state="unknown")
    assert (wording.budget_use_text(none), wording.remaining_text(none), wording.exhaustion_text(none)) == (
        "not known, of 120 g in 28 days",
        "not known",
        "not known",
    )
    assert wording.budget_use_text(replace(STATUS, limit=0.0)) == "nothing left in 28 days: the whole limit is debt"
    assert wording.budget_use_text(replace(STATUS, kind="reference", limit=1.8)) == "42 % of 1.8 J ref in 28 days"


def test_burn_rate_is_of_the_fastest_alarm_or_the_longest_window() -> None:
    """A firing alarm comes before the longest window."""
    day, week = BurnRate(DAY_S, 7200.0, 6.2, 7.0, 2.8, False), BurnRate(7 * DAY_S, DAY_S, 0.9, 0.4, 2.0, False)
    assert wording.burn_rate_text(()) == ("", "")
    assert wording.burn_rate_text((day, week)) == ("0.9x", "in 7 days")
    assert wording.burn_rate_text((replace(day, firing=True), week)) == ("6.2x, alarm", "in 24 hours")


@LAW
@given(st.text(max_size=40), st.integers(1, 30))
def test_shortened_text_keeps_both_ends(text: str, cells: int) -> None:
    """A text that fits is unchanged; a longer text is cut to exactly the allowed length."""
    short = wording.shorten(text, cells)
    assert short == text if len(text) <= cells else len(short) == cells
    assert short[-1:] == text[-1:] or cells == 1


def test_unseen_changes_of_several_holders_are_a_range() -> None:
    """It has the bounds of all."""
    growths = [replace(GROWTH, low=low, high=high) for low, high in ((-0.5, 0.39), (-0.1, 0.8))]
    assert wording.unseen_text(growths) == "it may be anything from -50.0 % to +80.0 %"
    assert wording.unseen_text(growths[:1]) == "it may be anything from -50.0 % to +39.0 %"
