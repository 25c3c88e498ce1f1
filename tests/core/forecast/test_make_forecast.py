"""The forecast of a grid from its own past: its laws, and when there is none."""

from __future__ import annotations

import math
import random
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.forecast.features import NAMES, Features
from pytest_carbon.core.forecast.local_slots import History
from pytest_carbon.core.forecast.make_forecast import COMMON, LONGEST, NoForecastError, learn, make_forecast

START = datetime(2026, 2, 25, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def days(count: int, *, seed: int = 0, noise: float = 20.0) -> list[float | None]:
    """Half-hours that are dirtiest at noon, with noise."""
    chance = random.Random(seed)  # noqa: S311
    return [300 - 100 * math.cos(n * math.pi / 24) + chance.gauss(0, noise) for n in range(48 * count)]


def test_it_finds_the_shape_of_the_day() -> None:
    """Two days ahead, within the noise, also across a change of the clock."""
    points = make_forecast(History(START, days(40, noise=1.0)))
    assert len(points) == LONGEST == 96
    assert [point.p50 for point in points] == pytest.approx(days(2, noise=0.0), abs=3)
    local = [300 - 100 * math.cos(hour * math.pi / 12) for hour in range(24)]
    by_clock = [
        local[datetime.fromtimestamp(START.timestamp() + 1800 * n, BERLIN).hour] for n in range(48 * 35)
    ]  # the clock changes on 29 March, day 32
    ahead = make_forecast(History(START, by_clock[: 48 * 32 - 20], BERLIN))
    assert [point.p50 for point in ahead] == pytest.approx(by_clock[48 * 32 - 20 : 48 * 34 - 20], abs=15)


@pytest.mark.parametrize("level", [0.0, 1.0, 431.7])
def test_a_constant_grid_stays(level: float) -> None:
    """Without a range."""
    points = make_forecast(History(START, [level] * 48 * 30))
    assert {round(value, 6) for point in points for value in point} == {level}


@settings(max_examples=15)
@given(st.integers(0, 100), st.floats(0.01, 100))
def test_twice_the_grams_are_twice_the_forecast(seed: int, factor: float) -> None:
    """The unit of the history is the unit of the forecast."""
    plain = days(30, seed=seed)
    scaled = make_forecast(History(START, [None if y is None else factor * y for y in plain]))
    for point, other in zip(make_forecast(History(START, plain)), scaled, strict=True):
        assert other == pytest.approx([factor * value for value in point], rel=1e-6)


@settings(max_examples=15)
@given(st.integers(0, 100), st.sets(st.integers(0, 48 * 30 - 1), max_size=200))
def test_the_quantiles_are_in_order(seed: int, gaps: set[int]) -> None:
    """And never below 0; some gaps are borne."""
    values = [None if n in gaps else y for n, y in enumerate(days(30, seed=seed, noise=200))]
    values = [None if y is None else max(0.0, y) for y in values]
    for history in (values, [*values, 1.0]):
        if sum(y is not None for y in history) > 48 * 29 - 100 and history[-1] is not None and len(history) >= 48 * 28:
            assert all(0 <= p.p10 <= p.p50 <= p.p90 for p in make_forecast(History(START, history)))


@settings(max_examples=15)
@given(st.integers(0, 100), st.integers(1, 96))
def test_the_future_does_not_matter(seed: int, later: int) -> None:
    """What is learnt and told as of a slot is the same, whatever comes from there on."""
    issued = 48 * 35
    past = days(35, seed=seed)
    known, other = Features([*past, *[0.0] * later]), Features([*past, *days(2, seed=seed + 1)])
    one, two = learn(known, issued), learn(other, issued)
    assert one == two
    for target in range(issued, issued + later, 7):
        assert one.point(known, issued, target) == two.point(other, issued, target)


def test_gaps_are_never_invented() -> None:
    """Gaps at the end are not the newest figure: the forecast begins after the last known half-hour."""
    values = days(40)
    assert make_forecast(History(START, [*values, None, None])) == make_forecast(History(START, values))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (days(27), "27.0 days of history are known; a forecast needs 28"),
        ([], "0.0 days of history are known; a forecast needs 28"),
        ([None] * 48 * 30, "0.0 days of history are known; a forecast needs 28"),
        (
            [None if n % 3 == 0 else 1.0 for n in range(48 * 30)],
            "33% of the last 28 days are unknown; a forecast needs 75% known",
        ),
        (
            [None if n % 48 == 5 else 1.0 for n in range(48 * 30)],
            "of some hours of the day nothing is known in the last week",
        ),
    ],
)
def test_no_forecast(values: list[float | None], reason: str) -> None:
    """The reason is said."""
    with pytest.raises(NoForecastError) as error:
        make_forecast(History(START, values))
    assert str(error.value) == reason


def test_the_common_coefficients() -> None:
    """One for each feature; they stand where nothing can be learnt."""
    assert len(COMMON) == len(NAMES)
    assert learn(Features([]), 0).coefficients == list(COMMON)
