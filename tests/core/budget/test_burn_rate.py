"""Burn rates, pace and exhaustion, against tables of the SRE books and an exact reference."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.burn_rate import burn_threshold, pace_per_day
from pytest_carbon.core.budget.spend_history import Spend, SpendHistory
from pytest_carbon.core.budget.window import BudgetWindow, parse_window
from tests.core.budget.samples import DAY_S, HOUR_S, LIMITS, MONTH, NOW, ROLLING, SPENDS, WINDOWS, days_ago, status

LAW = settings(max_examples=150, deadline=None)


@pytest.mark.parametrize(
    ("period_d", "long_h", "percent", "rate"),
    [
        (30, 1, 2, 14.4), (30, 6, 5, 6.0), (30, 72, 10, 1.0),  # The Site Reliability Workbook, table 5-8
        (30, 24, 10, 3.0),  # Sloth, windows/google-30d.yaml
        (28, 1, 2, 13.44), (28, 6, 5, 5.6), (28, 24, 10, 2.8), (28, 72, 10, 0.9333333333333333),  # google-28d.yaml
        (28, 72, 25, 2.3333333333333335), (28, 168, 50, 2.0),  # ours
    ],
)  # fmt: skip
def test_thresholds_match_the_published_tables(period_d: int, long_h: int, percent: int, rate: float) -> None:
    """The threshold reproduces the tables of the SRE workbook and of Sloth."""
    assert burn_threshold(percent / 100, period_d * DAY_S, long_h * HOUR_S) == pytest.approx(rate, rel=1e-12)


@pytest.mark.parametrize(
    ("hours", "amount", "firing"),
    [
        ([0.5, 1, 1.5, 3, 4], 2.1, [True, False, False]),
        ([0.5, 1, 1.5, 3, 4], 2.0, [False, False, False]),  # exactly the threshold of a day is not above it
        ([0.5, 1, 1.5, 3], 6.0, [False, False, False]),  # four runs
        ([3, 4, 5, 6, 7], 4.0, [False, False, False]),  # the last two hours were calm
        ([1, 2, 4, 30, 40, 50, 60], 4.0, [False, True, False]),
        ([7, 20, 23, 75, 90, 100, 110, 130, 150, 160], 5.5, [False, False, True]),
    ],
)
def test_burn_rate_fires_on_both_windows_and_five_runs(hours: list[float], amount: float, firing: list[bool]) -> None:
    """A pair fires if both rates exceed the threshold and its long window has 5 runs; the budget is then at risk."""
    result = status([days_ago(hour / 24, amount) for hour in hours], 100.0, ROLLING, NOW)
    assert [rate.firing for rate in result.burn] == firing
    assert not any(firing) or result.state in ("at risk", "critical")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("1d", []), ("7d", []), ("10d", []), ("11d", [1]), ("12d", [1]), ("13d", [1, 3]), ("14d", [1, 3]),
        ("15d", [1, 3, 7]), ("366d", [1, 3, 7]), ("month", [1, 3, 7]), ("quarter", [1, 3, 7]),
    ],
)  # fmt: skip
def test_short_windows_have_fewer_pairs(text: str, days: list[int]) -> None:
    """A pair that would fire at a pace that the budget can sustain is left out."""
    result = status([], 1.0, parse_window(text), NOW)
    assert [rate.long_s / DAY_S for rate in result.burn] == days
    assert all(rate.threshold > 1 for rate in result.burn)


@pytest.mark.parametrize(
    ("window", "spends", "limit", "days"),
    [
        pytest.param(ROLLING, [], 10.0, None, id="nothing spent"),
        pytest.param(ROLLING, [days_ago(20, 5.0)], 10.0, None, id="a pace of nothing"),
        pytest.param(ROLLING, [days_ago(0, 2.0)], 10.0, 4.0, id="one run today is the pace of a day"),
        pytest.param(ROLLING, [days_ago(20, 9.0), days_ago(1, 14.0)], 24.0, 1.0, id="before an expiry"),
        pytest.param(ROLLING, [days_ago(20, 9.0), days_ago(1, 14.0)], 32.0, 18.0, id="after an expiry: 14 + 18"),
        pytest.param(
            ROLLING, [days_ago(13, 14.0), days_ago(12, 14.0)], 40.0, 5.571428571428571, id="28 at 28/13 a day"
        ),
        pytest.param(
            ROLLING,
            [days_ago(28, 1.0), days_ago(14, 14.0), days_ago(7, 14.0)],
            28.5,
            0.5,
            id="28 days old is out",
        ),
        pytest.param(ROLLING, [days_ago(10, 10.0)], 28.0, 28.0, id="as it expires it would be 10 + 18"),
        pytest.param(ROLLING, [days_ago(10, 10.0)], 27.99, 17.99, id="just before it expires"),
        pytest.param(ROLLING, [days_ago(10, 10.0)], 28.01, None, id="a sustainable pace"),
        pytest.param(MONTH, [days_ago(14, 20.0), days_ago(1, 14.0)], 43.0, 9.0, id="9 days of 9.5"),
        pytest.param(MONTH, [days_ago(14, 20.0), days_ago(1, 14.0)], 43.5, None, id="at the month's end is never"),
        pytest.param(MONTH, [days_ago(40, 20.0), days_ago(1, 14.0)], 14.0, 0.0, id="exhausted"),
    ],
)
def test_exhaustion_by_hand(window: BudgetWindow, spends: list[Spend], limit: float, days: float | None) -> None:
    """At the pace of the last 14 days, the limit is reached on the day worked out by hand."""
    result = status(spends, limit, window, NOW).exhausted_in_s
    assert result == (None if days is None else pytest.approx(days * DAY_S, rel=1e-9))


def _reference(spends: Sequence[Spend], limit: float, window: BudgetWindow) -> dict[str, Fraction | None]:
    """Compute the same figures from their definitions, in exact fractions, one spend at a time."""
    start, end = window.bounds(NOW)
    rolling = window.kind == "rolling"
    period = Fraction((end - start) // timedelta(microseconds=1), 1_000_000)

    def total(after: datetime, until: datetime = NOW, closed: bool = False) -> Fraction:
        return sum(
            (Fraction(s.amount) for s in spends if (after < s.at or (closed and s.at == after)) and s.at <= until),
            Fraction(0),
        )

    consumed = total(start, closed=not rolling)
    past = [s.at for s in spends if s.at <= NOW]
    age = max([(NOW - at) // timedelta(seconds=1) for at in past], default=0)
    pace = total(NOW - timedelta(days=14)) / min(max(age, DAY_S), 14 * DAY_S)
    rates = {
        f"rate{days}": total(NOW - timedelta(days=days)) * period / (Fraction(limit) * days * DAY_S)
        for days in (1, 3, 7)
    }
    when = None
    if consumed >= limit:
        when = Fraction(0)
    elif pace and rolling:
        drops = sorted({0, int(period), *(int(period) - (NOW - s.at) // timedelta(seconds=1) for s in spends)})
        for one, other in pairwise(drops):
            if one < 0 or other > period:
                continue
            there = (Fraction(limit) - total(start + timedelta(seconds=one))) / pace
            if there < other or (there == other == period):
                when = there
                break
    elif pace:
        there = (Fraction(limit) - consumed) / pace
        when = there if there < (end - NOW) // timedelta(seconds=1) else None
    return {"consumed": consumed, "pace": pace * DAY_S, "when": when, **rates}


@settings(max_examples=300, deadline=None)
@given(SPENDS, LIMITS, WINDOWS)
def test_figures_agree_with_an_exact_reference(spends: list[Spend], limit: float, window: BudgetWindow) -> None:
    """Consumption, pace, burn rates and exhaustion follow their definitions to 10^-9."""
    result, exact = status(spends, limit, window, NOW), _reference(spends, limit, window)

    def near(figure: Fraction | None) -> object:
        return None if figure is None else pytest.approx(float(figure), rel=1e-9, abs=1e-9)

    assert result.consumed == near(exact["consumed"])
    assert pace_per_day(SpendHistory(spends, NOW)) == near(exact["pace"])
    assert result.exhausted_in_s == near(exact["when"])
    for rate in result.burn:
        assert rate.long_rate == near(exact[f"rate{rate.long_s / DAY_S:.0f}"])


@LAW
@given(SPENDS, LIMITS, st.integers(1, 60))
def test_exhaustion_is_the_first_time_that_the_limit_is_reached(spends: list[Spend], limit: float, days: int) -> None:
    """Simulated hour by hour, and just before each expiry, the budget stays within its limit until then."""
    window = parse_window(f"{days}d")
    result, pace = status(spends, limit, window, NOW), pace_per_day(SpendHistory(spends, NOW))
    ages = [(NOW - spend.at).total_seconds() for spend in spends]

    def used(in_s: float) -> float:
        unexpired = [s.amount for s, age in zip(spends, ages, strict=True) if age >= 0 and age + in_s < days * DAY_S]
        return sum(unexpired) + pace / DAY_S * in_s

    looks = [*range(0, days * DAY_S, HOUR_S), *(days * DAY_S - age - 1e-3 for age in ages if age >= 0), days * DAY_S]
    if result.exhausted_in_s:
        assert used(result.exhausted_in_s) == pytest.approx(limit, rel=1e-9)
    until = math.inf if result.exhausted_in_s is None else result.exhausted_in_s
    assert all(used(in_s) < limit * (1 + 1e-9) for in_s in looks if 0 <= in_s < until)


def test_rounding_never_gives_a_time_before_now() -> None:
    """A limit one bit above what is consumed, which a sum in another order already exceeds, is reached now."""
    limit = math.nextafter(math.fsum([0.1] * 18), math.inf)
    result = status([days_ago(1, 0.1)] * 18, limit, ROLLING, NOW)
    assert (result.state, result.exhausted_in_s) == ("critical", 0.0)
