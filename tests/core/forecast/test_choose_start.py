"""When a job should start by a forecast."""

from __future__ import annotations

import pytest

from pytest_carbon.core.forecast.choose_start import chance_of_loss, choose_start, offered_by_a_day
from pytest_carbon.core.forecast.make_forecast import Point


def sure(*values: float | None) -> list[Point | None]:
    """A forecast without a range."""
    return [None if value is None else Point(value, value, value) for value in values]


@pytest.mark.parametrize(
    ("points", "slots", "chosen"),
    [
        (sure(200, 150, 100, 120), 1, 2),
        (sure(200, 150, 100, 120), 2, 2),
        (sure(200, 195, 194.1), 1, 0),
        (sure(200, 195, 193.9), 1, 2),
        (sure(200, None, 100, None, 150), 2, 0),
        (sure(None, 100), 1, 0),
        (sure(100), 2, 0),
        ([], 1, 0),
    ],
)
def test_the_cleanest_start(points: list[Point | None], slots: int, chosen: int) -> None:
    """If it promises 3 %, and every half-hour of the job is known."""
    assert choose_start(points, slots) == chosen


def test_a_risky_start_is_left() -> None:
    """The cleaner hour may as well be dirtier than now; the surer one is taken, or none."""
    points = [Point(200, 200, 200), Point(150, 160, 170), Point(50, 150, 400)]
    assert choose_start(points, 1, offered=40.0, caution=0.0) == 2
    assert choose_start(points, 1, offered=40.0) == 1
    assert choose_start([points[0], Point(100, 190, 400)], 1, offered=40.0) == 0


def test_chance_of_loss() -> None:
    """Half for no gain; a tenth for a gain as large as from the middle to P10 of a normal distribution."""
    assert chance_of_loss(0.0, 10.0) == 0.5
    assert chance_of_loss(5.0, 10.0) == pytest.approx(0.1, abs=1e-4)
    assert (chance_of_loss(1.0, 0.0), chance_of_loss(0.0, 0.0)) == (0.0, 1.0)


def test_what_a_day_offers() -> None:
    """The mean of the day less its cleanest half-hour; nothing from the slot on counts."""
    day: list[float | None] = [10.0] * 47 + [None]
    day[3] = 10 - 47.0
    assert offered_by_a_day([*day, *day, 500.0], 96) == pytest.approx(46.0)
    assert offered_by_a_day([None] * 96, 96) == offered_by_a_day([], 0) == 0.0
