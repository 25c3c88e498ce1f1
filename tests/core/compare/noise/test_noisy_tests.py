"""Which tests are noisy, and how they are named."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.compare.noise.noisy_tests import NoisyTests, is_noisy, set_aside

WIDE = [0.0, 0.4, -0.4, 0.3, -0.3]


@pytest.mark.parametrize(
    ("logs", "noisy"),
    [
        ([], False),
        (WIDE[:4], False),
        (WIDE, True),
        ([0.0] * 5, False),
        ([0.0, 0.0, 0.0, 3.0, -3.0], False),
        ([0.0, 0.1, -0.1, 0.1, -0.1], False),
    ],
    ids=["never seen", "too few runs", "wide", "steady", "two outliers", "a tenth"],
)
def test_a_test_is_noisy_if_its_usual_spread_is_wide(logs: list[float], noisy: bool) -> None:
    """Outliers do not make a spread wide, and few runs tell none."""
    assert is_noisy(logs) is noisy


@given(st.lists(st.floats(-3, 3), max_size=12), st.floats(-10, 10), st.randoms(use_true_random=False))
def test_neither_level_nor_order_decides(logs: list[float], level: float, chance: Random) -> None:
    """A costlier test is not noisier, and the runs' order tells nothing."""
    steps = [round(64 * log) / 64 for log in logs]
    moved = [log + round(level) for log in chance.sample(steps, len(steps))]
    assert is_noisy(moved) == is_noisy(steps)


@pytest.mark.parametrize(
    ("noisy", "judged", "aside"),
    [
        (set(), "abcdefn", NoisyTests()),
        ({"a", "elsewhere"}, "bcdefn", NoisyTests(["a"], 0.1)),
        ({"n"}, "abcdef", NoisyTests(["n"], 0.0)),
        ({"a", "n"}, "bcdef", NoisyTests(["a", "n"], 0.1)),
        ({"a", "c", "n"}, "abcdefn", NoisyTests()),
        ({*"abcdef"}, "abcdefn", NoisyTests()),
        ({"b"}, "abcdefn", NoisyTests()),
    ],
    ids=["no test", "a part", "without a known cost", "five are left", "four are left", "all", "most of the cost"],
)
def test_noisy_tests_are_set_aside_unless_they_are_much_of_the_cost(
    noisy: set[str], judged: str, aside: NoisyTests
) -> None:
    """The share is that of the cost of the tests asked for; too few steady ones do not speak for all."""
    cost_j = {"a": 1.0, "b": 6.0, "c": 0.9, "d": 0.9, "e": 0.9, "f": 0.3}
    judged_, aside_ = set_aside(noisy, [*"abcdefn"], cost_j)
    assert ([*judged_], aside_) == ([*judged], aside)


def test_they_are_named() -> None:
    """One and many."""
    assert (
        str(NoisyTests(["a", "b", "c"], 0.18)) == "3 tests, 18 % of the cost, vary too much by themselves to be judged"
    )
    assert str(NoisyTests(["a"], 0.004)) == "1 test, 0.4 % of the cost, varies too much by itself to be judged"
