"""Lasting steps: change points that all runs bear out, at the run where they most likely are."""

from __future__ import annotations

import random

import pytest

from pytest_carbon.core.accounts.findings.change_points import find_change_points
from pytest_carbon.core.accounts.findings.lasting_steps import LastingStep, find_lasting_steps

RUNS, AT = 60, 34


def _steps(values: list[float]) -> list[LastingStep]:
    return find_lasting_steps(values, find_change_points(values))


def _noisy(draw: random.Random, factor: float, sigma: float) -> list[float]:
    return [50.0 * draw.lognormvariate(0.0, sigma) * (factor if n >= AT else 1.0) for n in range(RUNS)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([50.0] * 12 + [60.0] * 6, [(12, 50.0, 60.0)]),
        ([50.0] * 12 + [60.0] * 4, []),
        ([50.0] * 12 + [60.0] * 9 + [50.0] * 9, [(12, 50.0, 60.0), (21, 60.0, 50.0)]),
        ([50.0] * 12 + [60.0] * 3 + [50.0] * 9, []),
        ([50.0] * 20, []),
    ],
    ids=["lasting", "too young", "up and down", "a short time", "none"],
)
def test_clear_cases(values: list[float], expected: list[tuple[int, float, float]]) -> None:
    """A level needs five runs; one that did not last is no step, and hides none."""
    assert [
        (step.run, pytest.approx(step.before_j), pytest.approx(step.after_j)) for step in _steps(values)
    ] == expected


def test_noise_has_no_lasting_step() -> None:
    """In 300 series of 4 % noise, change points are found, and not one is borne out."""
    draw = random.Random(3)  # noqa: S311
    series = [_noisy(draw, 1.0, 0.04) for _ in range(300)]
    assert sum(len(find_change_points(values)) for values in series) > 10
    assert sum(len(_steps(values)) for values in series) == 0


def test_a_step_is_at_its_run_or_not_told() -> None:
    """A step of 12 % in 3 % noise is told at the right run nine times as often as at a wrong one."""
    draw = random.Random(4)  # noqa: S311
    told = [step.run == AT for _ in range(300) for step in _steps(_noisy(draw, 1.12, 0.03))]
    assert len(told) > 180
    assert told.count(True) > 9 * told.count(False)


def test_runs_before_the_merge_tell_which_one_it_was() -> None:
    """If a run lies between both levels, the pull request's earlier runs decide."""
    values = [50.0, 51.0] * 6 + [55.5] + [60.0, 61.0] * 5
    points = find_change_points(values)
    assert find_lasting_steps(values, points) == []
    for own, at in (([60.0, 60.5], 12), ([50.0, 50.5], 13)):
        (step,) = find_lasting_steps(values, points, lambda n, own=own: own if n == 12 else ())  # type: ignore[misc]
        assert step.run == at
