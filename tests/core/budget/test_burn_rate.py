"""Where a budget stands, against tables of the SRE books and an exact reference."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.budget.burn_rate import burn_threshold, standing
from pytest_carbon.core.budget.spend_history import Spend
from pytest_carbon.core.budget.window import BudgetWindow, parse_window

LAW = settings(max_examples=150, deadline=None)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ROLLING, MONTH = parse_window("28d"), parse_window("month")
HOUR_S, DAY_S = 3600, 86400
WINDOWS = st.sampled_from(
    [parse_window(text, "Europe/Berlin") for text in ("1d", "7d", "11d", "4w", "90d", "month", "quarter")]
)


def _ago(days: float, amount: float) -> Spend:
    return Spend(NOW - timedelta(days=days), amount)


SPENDS = st.lists(
    st.builds(
        lambda seconds, eighths: Spend(NOW - timedelta(seconds=seconds), eighths / 8),
        st.one_of(st.integers(-DAY_S, DAY_S), st.integers(-DAY_S, 120 * DAY_S)),
        st.integers(0, 800),
    ),
    max_size=40,
)
LIMITS = st.integers(1, 3000).map(lambda whole: whole + 1 / math.pi)  # never met exactly by eighths


@pytest.mark.parametrize(
    ("period_d", "long_h", "percent", "rate"),
    [
        (30, 1, 2, 14.4), (30, 6, 5, 6.0), (30, 72, 10, 1.0),  # The Site Reliability Workbook, table 5-8
        (30, 24, 10, 3.0),  # Sloth, windows/google-30d.yaml
        (28, 1, 2, 13.44), (28, 6, 5, 5.6), (28, 24, 10, 2.8), (28, 72, 10, 0.9333333333333333),  # google-28d.yaml
        (28, 72, 25, 2.3333333333333335), (28, 168, 50, 2.0),  # ours
    ],
)  # fmt: skip
def test_thresholds_are_those_of_the_books(period_d: int, long_h: int, percent: int, rate: float) -> None:
    """The threshold reproduces the tables of the SRE workbook and of Sloth."""
    assert burn_threshold(percent / 100, period_d * DAY_S, long_h * HOUR_S) == pytest.approx(rate, rel=1e-12)


def test_a_budget_by_hand() -> None:
    """One gram a day for ten days, of 40 g in 28 days with 4 g of debt."""
    found = standing([_ago(day + 0.5, 1.0) for day in range(10)], 40.0, ROLLING, NOW, debt=4.0)
    assert (found.limit, found.debt, found.consumed, found.remaining, found.runs) == (36.0, 4.0, 10.0, 26.0, 10)
    assert found.used == pytest.approx(10 / 36)
    assert found.per_day == pytest.approx(10 / 9.5)
    assert (found.exhausted_in_s, found.state) == (None, "ok")
    day, three, week = found.burn
    assert (day.long_s, day.short_s, day.fraction, day.runs) == (DAY_S, 2 * HOUR_S, 0.1, 1)
    assert (three.long_s, three.short_s, three.fraction, three.runs) == (3 * DAY_S, 6 * HOUR_S, 0.25, 3)
    assert (week.long_s, week.short_s, week.fraction, week.runs) == (7 * DAY_S, DAY_S, 0.5, 7)
    assert [rate.long_rate for rate in found.burn] == pytest.approx([28 / 36] * 3)
    assert [rate.short_rate for rate in found.burn] == pytest.approx([0.0, 0.0, 28 / 36])
    assert [rate.threshold for rate in found.burn] == pytest.approx([2.8, 7 / 3, 2.0])


@pytest.mark.parametrize(
    ("consumed", "projected", "state"),
    [
        (0.0, None, "ok"), (math.nextafter(50, 0), None, "ok"), (50.0, None, "watch"),
        (math.nextafter(75, 0), None, "watch"), (75.0, None, "at risk"),
        (math.nextafter(90, 0), None, "at risk"), (90.0, None, "critical"),
        (math.nextafter(100, 0), None, "critical"), (100.0, None, "exhausted"), (1e9, None, "exhausted"),
        (0.0, math.nextafter(100, 0), "ok"), (0.0, 100.0, "at risk"), (60.0, 100.0, "at risk"),
        (90.0, 100.0, "critical"), (100.0, 0.0, "exhausted"),
    ],
)  # fmt: skip
def test_state_is_told_on_exact_numbers(consumed: float, projected: float | None, state: str) -> None:
    """A budget one bit below a border is on the lower side of it, and a projection only ever makes it worse."""
    found = standing([_ago(20, consumed)], 100.0, ROLLING, NOW, projected=projected)
    assert found.state == state
    assert (found.exhausted_in_s == 0.0) == (state == "exhausted")


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
    """A pair fires when both its rates are above the threshold; then the budget is at risk at least."""
    found = standing([_ago(hour / 24, amount) for hour in hours], 100.0, ROLLING, NOW)
    assert [rate.firing for rate in found.burn] == firing
    assert (found.state == "at risk") == any(firing)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("1d", []), ("7d", []), ("10d", []), ("11d", [1]), ("12d", [1]), ("13d", [1, 3]), ("14d", [1, 3]),
        ("15d", [1, 3, 7]), ("366d", [1, 3, 7]), ("month", [1, 3, 7]), ("quarter", [1, 3, 7]),
    ],
)  # fmt: skip
def test_short_windows_have_fewer_pairs(text: str, days: list[int]) -> None:
    """A pair that would fire at a pace the budget can bear is left out."""
    found = standing([], 1.0, parse_window(text), NOW)
    assert [rate.long_s / DAY_S for rate in found.burn] == days
    assert all(rate.threshold > 1 for rate in found.burn)


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
    """A rolling window is open at its start, a calendar one closed, and what comes after now never counts."""
    found = standing([Spend(at, 1.0)], 10.0, window, NOW)
    assert (found.consumed, found.runs) == ((1.0, 1) if counts else (0.0, 0))


@pytest.mark.parametrize(
    ("window", "spends", "limit", "days"),
    [
        pytest.param(ROLLING, [], 10.0, None, id="nothing spent"),
        pytest.param(ROLLING, [_ago(20, 5.0)], 10.0, None, id="a pace of nothing"),
        pytest.param(ROLLING, [_ago(0, 2.0)], 10.0, 4.0, id="one run today is the pace of a day"),
        pytest.param(ROLLING, [_ago(20, 9.0), _ago(1, 14.0)], 24.0, 1.0, id="before an expiry"),
        pytest.param(ROLLING, [_ago(20, 9.0), _ago(1, 14.0)], 32.0, 18.0, id="after an expiry: 14 + 18 is 32"),
        pytest.param(ROLLING, [_ago(13, 14.0), _ago(12, 14.0)], 40.0, 5.571428571428571, id="28 and 28/13 a day"),
        pytest.param(
            ROLLING, [_ago(28, 1.0), _ago(14, 14.0), _ago(7, 14.0)], 28.5, 0.5, id="what is 28 days old is out"
        ),
        pytest.param(ROLLING, [_ago(10, 10.0)], 28.0, 28.0, id="as it expires it would be 10 + 18"),
        pytest.param(ROLLING, [_ago(10, 10.0)], 27.99, 17.99, id="just before it expires"),
        pytest.param(ROLLING, [_ago(10, 10.0)], 28.01, None, id="a pace that the budget bears"),
        pytest.param(MONTH, [_ago(14, 20.0), _ago(1, 14.0)], 43.0, 9.0, id="nine days before nine and a half are gone"),
        pytest.param(MONTH, [_ago(14, 20.0), _ago(1, 14.0)], 43.5, None, id="at the end of the month is not before it"),
        pytest.param(MONTH, [_ago(40, 20.0), _ago(1, 14.0)], 14.0, 0.0, id="exhausted"),
    ],
)
def test_exhaustion_by_hand(window: BudgetWindow, spends: list[Spend], limit: float, days: float | None) -> None:
    """At the pace of the last 14 days a budget is reached on the day that can be worked out by hand."""
    found = standing(spends, limit, window, NOW).exhausted_in_s
    assert found == (None if days is None else pytest.approx(days * DAY_S, rel=1e-9))


def _reference(spends: Sequence[Spend], limit: float, window: BudgetWindow) -> dict[str, Fraction | None]:
    """Work out the same figures from their definitions, in exact fractions, one spend at a time."""
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
    """Consumption, pace, burn rates and exhaustion are those of their definitions, to a part in 10^9."""
    found, exact = standing(spends, limit, window, NOW), _reference(spends, limit, window)

    def near(figure: Fraction | None) -> object:
        return None if figure is None else pytest.approx(float(figure), rel=1e-9, abs=1e-9)

    assert found.consumed == near(exact["consumed"])
    assert found.per_day == near(exact["pace"])
    assert found.exhausted_in_s == near(exact["when"])
    for rate in found.burn:
        assert rate.long_rate == near(exact[f"rate{rate.long_s / DAY_S:.0f}"])


@LAW
@given(SPENDS, LIMITS, st.integers(1, 60))
def test_exhaustion_is_the_first_time_that_the_limit_is_reached(spends: list[Spend], limit: float, days: int) -> None:
    """Played forward hour by hour, and just before each expiry, the budget is within its limit until then."""
    window = parse_window(f"{days}d")
    found = standing(spends, limit, window, NOW)
    ages = [(NOW - spend.at).total_seconds() for spend in spends]

    def used(in_s: float) -> float:
        kept = [s.amount for s, age in zip(spends, ages, strict=True) if age >= 0 and age + in_s < days * DAY_S]
        return sum(kept) + found.per_day / DAY_S * in_s

    looks = [*range(0, days * DAY_S, HOUR_S), *(days * DAY_S - age - 1e-3 for age in ages if age >= 0), days * DAY_S]
    if found.exhausted_in_s:
        assert used(found.exhausted_in_s) == pytest.approx(limit, rel=1e-9)
    until = math.inf if found.exhausted_in_s is None else found.exhausted_in_s
    assert all(used(in_s) < limit * (1 + 1e-9) for in_s in looks if 0 <= in_s < until)


@LAW
@given(SPENDS, SPENDS, LIMITS, WINDOWS, st.floats(0, 5000))
def test_consumption_adds_up(
    one: list[Spend], other: list[Spend], limit: float, window: BudgetWindow, debt: float
) -> None:
    """What two lots of runs consume is the sum of each, and remaining and consumed make the limit after debt."""
    parts = [standing(spends, limit, window, NOW, debt) for spends in (one, other)]
    whole = standing(one + other, limit, window, NOW, debt)
    assert whole.consumed == pytest.approx(parts[0].consumed + parts[1].consumed, rel=1e-9)
    assert whole.runs == parts[0].runs + parts[1].runs
    assert whole.limit == max(limit - debt, 0.0)
    assert whole.remaining + whole.consumed == pytest.approx(whole.limit, rel=1e-9, abs=1e-9)


@LAW
@given(SPENDS, LIMITS, WINDOWS, st.integers(-8, 8))
def test_unit_does_not_matter(spends: list[Spend], limit: float, window: BudgetWindow, power: int) -> None:
    """The same runs and limit in another unit have the same shares, rates, time and state."""
    unit = 2.0**power
    found = standing(spends, limit, window, NOW)
    scaled = standing([Spend(s.at, s.amount * unit) for s in spends], limit * unit, window, NOW)
    amounts = {name: getattr(found, name) * unit for name in ("limit", "consumed", "remaining", "per_day")}
    assert scaled == replace(found, **amounts)


@LAW
@given(SPENDS, LIMITS, WINDOWS, st.randoms())
def test_order_of_the_spends_does_not_matter(
    spends: list[Spend], limit: float, window: BudgetWindow, order: Random
) -> None:
    """A ledger may tell its runs in any order."""
    mixed = list(spends)
    order.shuffle(mixed)
    assert standing(mixed, limit, window, NOW) == standing(spends, limit, window, NOW)


@LAW
@given(SPENDS, LIMITS, WINDOWS, st.integers(0, 10**9), st.booleans(), st.floats(0, 1e12))
def test_spend_outside_the_window_consumes_nothing(
    spends: list[Spend], limit: float, window: BudgetWindow, away_us: int, later: bool, amount: float
) -> None:
    """A run before the window's start, or after now, takes nothing of the budget however large it is."""
    away = timedelta(microseconds=away_us + 1)
    outside = Spend(NOW + away if later else window.bounds(NOW)[0] - away, amount)
    with_it, without = (standing(some, limit, window, NOW) for some in ([*spends, outside], spends))
    assert (with_it.consumed, with_it.runs) == (without.consumed, without.runs)
    if later:
        assert with_it == without


@LAW
@given(SPENDS, LIMITS, WINDOWS, st.floats(0, 1000), st.integers(0, 60))
def test_one_more_run_or_more_debt_never_makes_it_better(
    spends: list[Spend], limit: float, window: BudgetWindow, more: float, hours: int
) -> None:
    """More spent, or less allowed, is never a better state and never a later end of a budget that has one."""
    order = ("ok", "watch", "at risk", "critical", "exhausted")
    before = standing(spends, limit, window, NOW)
    indebted = standing(spends, limit, window, NOW, debt=more)
    assert order.index(indebted.state) >= order.index(before.state)
    if before.exhausted_in_s is not None:
        assert indebted.exhausted_in_s is not None
        assert indebted.exhausted_in_s <= before.exhausted_in_s * (1 + 1e-9)
    spent = standing([*spends, _ago(hours / 24, more)], limit, window, NOW)
    assert order.index(spent.state) >= order.index(before.state)


def test_hours_are_real_hours_over_a_change_of_the_clocks() -> None:
    """Times of one zone differ by the instants they are, not by what the clocks show."""
    berlin = ZoneInfo("Europe/Berlin")
    now = datetime(2026, 3, 29, 12, tzinfo=berlin)
    in_window = datetime(2026, 3, 28, 11, 0, 1, tzinfo=berlin)  # 25 hours by the clock, less than 24 in truth
    spends = [Spend(in_window, 1.0), Spend(in_window - timedelta(seconds=1), 2.0)]
    assert standing(spends, 10.0, parse_window("1d"), now).consumed == 1.0


def test_projection_is_held_against_what_debt_leaves() -> None:
    """With a tenth owed, a projection of nine tenths reaches the limit."""
    assert standing([], 100.0, ROLLING, NOW, debt=10.0, projected=90.0).state == "at risk"


def test_rounding_of_a_sum_never_gives_a_time_before_now() -> None:
    """A limit one bit above what is consumed, which a sum in another order already exceeds, is reached now."""
    limit = math.nextafter(math.fsum([0.1] * 18), math.inf)
    found = standing([_ago(1, 0.1)] * 18, limit, ROLLING, NOW)
    assert (found.state, found.exhausted_in_s) == ("critical", 0.0)


def test_debt_that_takes_the_whole_limit_exhausts_it() -> None:
    """Nothing is left to take a share of, so the share is not known, and the budget is exhausted."""
    found = standing([_ago(1, 3.0)], 10.0, ROLLING, NOW, debt=12.0)
    assert (found.limit, found.consumed, found.remaining, found.used) == (0.0, 3.0, -3.0, None)
    assert (found.burn, found.exhausted_in_s, found.state) == ((), 0.0, "exhausted")


@pytest.mark.parametrize(
    ("spend", "limit", "debt", "complaint"),
    [
        (_ago(1, -1.0), 1.0, 0.0, "a spend is -1.0"),
        (_ago(1, math.nan), 1.0, 0.0, "a spend is nan"),
        (_ago(1, math.inf), 1.0, 0.0, "a spend is inf"),
        (Spend(datetime(2026, 11, 20), 1.0), 1.0, 0.0, "has no time zone"),
        (_ago(1, 1.0), 0.0, 0.0, "the limit 0.0 must be above 0"),
        (_ago(1, 1.0), math.nan, 0.0, "the limit nan"),
        (_ago(1, 1.0), 1.0, -1.0, "the debt -1.0"),
        (_ago(1, 1.0), 1.0, math.inf, "the debt inf"),
    ],
)
def test_figures_that_cannot_be_are_a_mistake(spend: Spend, limit: float, debt: float, complaint: str) -> None:
    """Negative or endless amounts, a limit of nothing and times without a zone are refused."""
    with pytest.raises(ValueError, match=complaint):
        standing([spend], limit, ROLLING, NOW, debt)


def test_a_hundred_thousand_runs_take_no_time() -> None:
    """A year of a busy repository is judged in well under a second."""
    spends = [Spend(NOW - timedelta(seconds=index * 7919 % (28 * DAY_S)), 1.0) for index in range(100_000)]
    start = time.process_time()
    found = standing(spends, 150_000.0, ROLLING, NOW)
    assert time.process_time() - start < 1.0
    assert (found.consumed, found.state) == (100_000.0, "watch")
