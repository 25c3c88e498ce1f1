"""What the past tells of a half-hour, in small cases."""

from __future__ import annotations

import pytest

from pytest_carbon.core.forecast.features import NAMES, Features


def test_a_profile_is_the_mean_of_seven_days() -> None:
    """Of the days before at this time of day; a gap is left out, and a time of which nothing is known has none."""
    values: list[float | None] = [float(day) for day in range(9) for _ in range(48)]
    values[8 * 48 + 5] = None
    features = Features(values)
    row = features.row(9 * 48, 9 * 48)
    assert row is not None
    assert (row[0], len(row[1])) == (pytest.approx(sum(range(2, 9)) / 7), len(NAMES))
    gap = features.row(9 * 48, 9 * 48 + 5)
    assert gap is not None
    assert gap[0] == pytest.approx(sum(range(2, 8)) / 6)
    assert gap[1][4] == 0.0
    assert Features([None] * 480).row(480, 480) is None


def test_what_lies_two_days_ahead_has_the_last_known_day() -> None:
    """Beyond 24 hours, "the day before" is the last one that is known."""
    features = Features([float(day) for day in range(9) for _ in range(48)])
    near, far = features.row(432, 432 + 3), features.row(432, 432 + 48 + 3)
    assert near is not None
    assert far is not None
    assert (near[0], near[1][4]) == (far[0], far[1][4])
    assert features.row(432, 432 + 144) is None
