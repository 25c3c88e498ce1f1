"""Change points: found where the level of runs changes, and not in noise."""

from __future__ import annotations

import random
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.accounts.findings.change_points import LEAST_RUNS, estimate_noise, find_change_points

RUNS = 30


def _runs(draw: random.Random, sigma: float, step_at: int = RUNS, factor: float = 1.0, runs: int = RUNS) -> list[float]:
    """Return runs of 50 J with noise, multiplied by a factor from one run on."""
    return [50.0 * draw.lognormvariate(0.0, sigma) * (factor if n >= step_at else 1.0) for n in range(runs)]


def test_noise_is_no_change_point() -> None:
    """With 3 % noise and no step, fewer than 2 runs in 100 are reported as change points."""
    draw = random.Random(1)  # noqa: S311
    points = [len(find_change_points(_runs(draw, 0.03))) for _ in range(300)]
    assert mean(points) / (RUNS - LEAST_RUNS) < 0.02


@pytest.mark.parametrize("factor", [1.10, 1 / 1.10])
def test_a_step_is_found_at_its_run(factor: float) -> None:
    """A step of 10 % in 2 % noise is found at the right run in 9 of 10 cases, with about its size."""
    draw = random.Random(2)  # noqa: S311
    hits, sizes = 0, []
    for _ in range(300):
        at = draw.randrange(LEAST_RUNS, RUNS - 2)
        for step in find_change_points(_runs(draw, 0.02, at, factor)):
            hits += step.run == at
            sizes += [step.after_j / step.before_j] if step.run == at else []
    assert hits / 300 >= 0.90
    assert mean(sizes) == pytest.approx(factor, abs=0.01)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([50.0] * 12 + [60.0] * 4, [(12, 50.0, 60.0, 2)]),
        ([50.0] * 12 + [40.0] * 2, [(12, 50.0, 40.0, 1)]),
        ([50.0] * 12 + [60.0], [(12, 50.0, 60.0, 0)]),
        ([50.0] * 12 + [60.0, 50.0, 50.0, 50.0], []),
        ([50.0] * 12 + [51.4] * 4, []),
        ([50.0] * 12 + [51.6] * 4, [(12, 50.0, 51.6, 2)]),
        ([50.0] * 9 + [60.0] * 5 + [50.0] * 4, [(9, 50.0, 60.0, 2), (14, 60.0, 50.0, 2)]),
        ([50.0] * 4 + [60.0] * 9, []),
        ([50.0] * 8, []),
        ([50.0], []),
        ([], []),
    ],
    ids=["up", "down", "at the end", "an outlier", "below 3 %", "above 3 %", "up and down", "too early", "too few",
         "one", "none"],
)  # fmt: skip
def test_change_points_of_clear_cases(values: list[float], expected: list[tuple[int, float, float, int]]) -> None:
    """A lasting new level is a change point; an outlier, a small change and an early change are not."""
    assert [tuple(step) for step in find_change_points(values)] == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(10.0, 100.0), min_size=9, max_size=40), st.sampled_from([0.125, 0.5, 2.0, 1024.0]))
def test_change_points_do_not_depend_on_the_unit(values: list[float], unit: float) -> None:
    """The same runs in another unit have the same noise and change points; levels stay within the values."""
    scaled = [value * unit for value in values]
    assert estimate_noise(scaled) == estimate_noise(values)
    points = find_change_points(values)
    assert [step.run for step in find_change_points(scaled)] == [step.run for step in points]
    assert all(min(values) <= step.after_j <= max(values) for step in points)
