"""The range of a forecast by its own errors."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.forecast.quantiles import BANDS, Error, Spread, band_of, spreads


def drawn(days: int, width: float = 10.0, *, seed: int = 1) -> list[Error]:
    """Errors of all bands on each day, evenly from ``-width`` to ``width``."""
    chance = random.Random(seed)  # noqa: S311
    return [Error(day, ahead, chance.uniform(-width, width)) for day in range(days) for ahead in range(0, 96, 4)]


def test_bands() -> None:
    """A band begins at its first half-hour."""
    assert [band_of(ahead) for ahead in (0, 1, 2, 47, 48, 95)] == [0, 0, 1, len(BANDS) - 1, len(BANDS), len(BANDS)]


def test_eight_of_ten_lie_between() -> None:
    """Of even errors from -10 to 10, the range is about -8 to 8."""
    low, high = spreads(drawn(28))[-1]
    assert -8.7 < low < -7.3
    assert 7.3 < high < 8.7


def test_the_range_follows_what_has_changed() -> None:
    """Errors that doubled in the last week make a wider range than those of all days together."""
    changed = [*drawn(21), *[error._replace(day=error.day + 21) for error in drawn(7, 20.0, seed=2)]]
    shuffled = [error._replace(day=n % 28) for n, error in enumerate(changed)]
    grown, even = spreads(changed)[-1], spreads(sorted(shuffled))[-1]
    assert grown.high - grown.low > even.high - even.low


def test_without_errors() -> None:
    """There is no range without errors; a band without any has that of the band before."""
    assert set(spreads([])) == {Spread(0.0, 0.0)}
    assert spreads([Error(0, 0, -1.0), Error(0, 1, 2.0)]) == [Spread(-1.0, 2.0)] * (len(BANDS) + 1)


@given(st.lists(st.builds(Error, st.integers(0, 40), st.integers(0, 95), st.floats(-1e3, 1e3))))
def test_the_middle_lies_within(errors: list[Error]) -> None:
    """P10 is never above the middle, and P90 never below."""
    assert all(low <= 0 <= high for low, high in spreads(sorted(errors)))
