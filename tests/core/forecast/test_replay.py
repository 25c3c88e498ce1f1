"""Advice on days that are over."""

from __future__ import annotations

from datetime import date

from pytest_carbon.core.forecast.features import Features
from pytest_carbon.core.forecast.make_forecast import Point
from pytest_carbon.core.forecast.replay import own_forecasts, replay
from pytest_carbon.core.forecast.score import score
from tests.core.forecast.test_make_forecast import days

MONDAY = date(2026, 3, 2).toordinal() * 48


def test_ten_hours_of_each_weekday() -> None:
    """Saturday and Sunday have no decision; a sure forecast gets all there is."""
    values = days(10)
    perfect = [None if y is None else Point(y, y, y) for y in values]
    found = list(replay(values, MONDAY, range(8), lambda issued: perfect[issued : issued + 48]))
    assert [decision.day for decision in found] == [day for day in (0, 1, 2, 3, 4, 7) for _ in range(10)]
    assert all(d.chosen == d.best or d.now - d.best <= 0.03 * d.now for d in found)


def test_what_is_unknown_is_no_decision() -> None:
    """Neither a moment without a figure, nor one without a forecast."""
    values = days(3)
    values[16] = None
    found = list(replay(values, MONDAY, range(1), lambda issued: [Point(1, 1, 1)] if issued < 24 else ()))
    assert len(found) == 3


def test_ours_sees_nothing_of_the_future() -> None:
    """Decisions of a day are the same, whatever comes after it; they are good where each day is like the last."""
    values = days(60, noise=5.0)
    found = list(replay(values, MONDAY, range(35, 50), own_forecasts(Features(values))))
    changed = [*values[: 48 * 51], *[900.0] * 48 * 9]
    assert list(replay(changed, MONDAY, range(35, 50), own_forecasts(Features(changed)))) == found
    assert (score(found).saved or 0.0) > 0.9
