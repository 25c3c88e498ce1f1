"""What runs of the same code teach about how their tests slow with the machine."""

from __future__ import annotations

import itertools
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.compare.noise.learnt_sensitivity import PRIOR_SIGMA, Sensitivity, learn, less_usual

SLOWDOWNS = st.floats(-0.5, 0.5)
OBSERVED = st.lists(st.tuples(SLOWDOWNS, st.floats(-0.3, 0.3)), max_size=12)
SIGMA = 0.03


def test_without_runs_nothing_is_learnt() -> None:
    """The mean is none, and the error is the prior's."""
    assert learn([], SIGMA) == Sensitivity(0.0, pytest.approx(PRIOR_SIGMA))


@pytest.mark.parametrize("true", [-0.6, 0.0, 0.4])
def test_many_runs_at_many_speeds_tell_the_sensitivity(true: float) -> None:
    """With hundreds of runs, the prior does not matter any more."""
    chance = Random(1)  # noqa: S311
    slowdowns = [chance.gauss(0, 0.1) for _ in range(400)]
    observed = [(slowdown, true * slowdown + chance.gauss(0, SIGMA)) for slowdown in slowdowns]
    assert learn(observed, SIGMA).elasticity == pytest.approx(true, abs=0.05)


def test_runs_at_one_speed_teach_nothing() -> None:
    """Their errors are no effect of the machine."""
    assert learn([(0.0, 0.2)] * 10, SIGMA) == learn([], SIGMA)


def test_elasticity_is_told_once_it_is_known() -> None:
    """The prior alone tells nothing of these tests."""
    assert str(learn([], SIGMA)) == ""
    learnt = learn([(0.1 * sign, -0.05 * sign) for sign in (1, -1) * 10], SIGMA)
    assert str(learnt) == "a machine that is 10 % slower makes these tests 3 % slower (7 % is usual)"
    assert str(Sensitivity(-0.9, 0.1)) == "a machine that is 10 % slower makes these tests no slower (7 % is usual)"


@given(OBSERVED)
def test_more_runs_make_no_error_wider(observed: list[tuple[float, float]]) -> None:
    """Each run can only add knowledge."""
    errors = [learn(observed[:count], SIGMA).sigma for count in range(len(observed) + 1)]
    assert all(later <= earlier for earlier, later in itertools.pairwise(errors))


@given(OBSERVED, st.randoms(use_true_random=False))
def test_order_does_not_matter(observed: list[tuple[float, float]], chance: Random) -> None:
    """The runs teach the same in any order."""
    mixed = learn(chance.sample(observed, len(observed)), SIGMA)
    learnt = learn(observed, SIGMA)
    assert (mixed.elasticity, mixed.sigma) == pytest.approx((learnt.elasticity, learnt.sigma), abs=1e-9)


@pytest.mark.parametrize(
    ("logs", "expected"),
    [
        ([0.5, 0.1, 0.3, 0.2], [0.3, -0.1, 0.1, 0.0]),
        ([None, 0.1, 0.3], [0.0, -0.1, 0.1]),
        ([0.5, None, None], [0.0, 0.0, 0.0]),
        ([0.5, None, 0.2], [0.3, 0.0, 0.0]),
    ],
)
def test_conditions_are_less_the_usual_of_the_baseline(logs: list[float | None], expected: list[float]) -> None:
    """What is not known counts as usual."""
    assert less_usual(logs) == pytest.approx(expected)
