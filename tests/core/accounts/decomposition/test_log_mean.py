"""The arithmetic of the decomposition: parts sum to the change, for any amounts, zeros and unknowns too."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.accounts.decomposition.log_mean import Level, logarithmic_mean, split_product

AMOUNT = st.one_of(st.just(0.0), st.floats(1e-9, 1e12))
KNOWN_OR_NOT = st.one_of(st.none(), AMOUNT)
LEVELS = st.tuples(
    st.lists(st.tuples(KNOWN_OR_NOT, KNOWN_OR_NOT), min_size=1, max_size=5), st.tuples(AMOUNT, AMOUNT)
).map(lambda drawn: [Level(str(n), *amounts) for n, amounts in enumerate([*drawn[0], drawn[1]])])


@given(st.floats(1e-9, 1e9), st.floats(1e-9, 1e9))
def test_the_mean_lies_between_the_geometric_and_the_arithmetic_mean(first: float, second: float) -> None:
    """So it does for all numbers above 0; it does not depend on their order."""
    mean = logarithmic_mean(first, second)
    assert math.sqrt(first * second) * (1 - 1e-9) <= mean <= (first + second) / 2 * (1 + 1e-9)
    assert mean == pytest.approx(logarithmic_mean(second, first), rel=1e-9)


def test_the_mean_of_alike_numbers_and_of_zero() -> None:
    """The mean of a number and itself is that number; with 0 it is 0, its limit."""
    assert logarithmic_mean(5.0, 5.0) == 5.0
    assert logarithmic_mean(5.0, 0.0) == logarithmic_mean(0.0, 5.0) == logarithmic_mean(0.0, 0.0) == 0.0


@given(LEVELS)
def test_parts_sum_to_the_change(levels: list[Level]) -> None:
    """Nothing is left over, whatever is 0 or not known; each factor is in exactly one part."""
    parts = split_product(levels)
    before, after = levels[-1].before or 0.0, levels[-1].after or 0.0
    sizes = math.fsum(abs(part.amount) for part in parts)
    assert math.fsum(part.amount for part in parts) == pytest.approx(after - before, abs=1e-9 * max(sizes, 1e-300))
    assert [factor for part in parts for factor in part.factors] == [level.factor for level in levels]


@given(LEVELS)
def test_swapped_windows_flip_every_sign(levels: list[Level]) -> None:
    """What one change adds, the change back takes away."""
    swapped = [Level(level.factor, level.after, level.before) for level in levels]
    there, back = split_product(levels), split_product(swapped)
    scale = max(abs(part.amount) for part in there)
    assert [part.factors for part in there] == [part.factors for part in back]
    for one, other in zip(there, back, strict=True):
        assert one.amount == pytest.approx(-other.amount, rel=1e-9, abs=1e-9 * scale)


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6), st.floats(0.1, 10.0))
def test_a_factor_that_did_not_change_has_no_part(runs: float, per_run: float, growth: float) -> None:
    """If only the number of runs changes, all of the change is the runs'."""
    levels = [Level("runs", runs, runs * growth), Level("grams", runs * per_run, runs * growth * per_run)]
    of_runs, of_grams = split_product(levels)
    change = runs * per_run * (growth - 1)
    assert of_runs.amount == pytest.approx(change, rel=1e-6, abs=1e-9 * runs * per_run)
    assert abs(of_grams.amount) <= 1e-6 * abs(change) + 1e-9 * runs * per_run


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([(0, 4), (0, 8), (0, 16)], [(("a",), 16.0), (("b",), 0.0), (("c",), 0.0)]),
        ([(2, 4), (0, 8), (0, 16)], [(("a",), 0.0), (("b",), 16.0), (("c",), 0.0)]),
        ([(2, 4), (3, 8), (5, 0)], [(("a",), 0.0), (("b",), 0.0), (("c",), -5.0)]),
        ([(2, 4), (None, 8), (5, 5)], [(("a",), 5 * math.log(2)), (("b", "c"), -5 * math.log(2))]),
        ([(2, 4), (0, 8), (5, 5)], [(("a",), 5 * math.log(2)), (("b", "c"), -5 * math.log(2))]),
        ([(0, 0), (0, 0), (0, 0)], [(("a",), 0.0), (("b",), 0.0), (("c",), 0.0)]),
        ([(5, 5), (0, 1), (0, 0)], [(("a",), 0.0), (("b",), 0.0), (("c",), 0.0)]),
    ],
    ids=["from nothing", "the second from nothing", "the last to nothing", "one not known", "one that cannot be 0",
         "nothing at all", "a level of nothing"],
)  # fmt: skip
def test_zeros_and_unknowns(amounts: list[Any], expected: list[Any]) -> None:
    """A zero has its analytic limit; what is not known is no divisor, and joins the next part."""
    parts = split_product([Level(name, *pair) for name, pair in zip("abc", amounts, strict=True)])
    assert [(part.factors, pytest.approx(part.amount)) for part in parts] == expected
