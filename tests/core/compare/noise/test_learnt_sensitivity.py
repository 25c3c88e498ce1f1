"""What runs of the same code teach about how their tests slow with the machine."""

from __future__ import annotations

import itertools
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.compare.noise.learnt_sensitivity import PRIOR_SIGMAS, Conditions, learn, less_usual

CONDITIONS = st.tuples(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5))
OBSERVED = st.lists(st.tuples(CONDITIONS, st.floats(-0.3, 0.3)), max_size=12)
SIGMA = 0.03


def test_without_runs_nothing_is_learnt() -> None:
    """The mean effect is none, and the error is the prior's."""
    nothing = learn([], SIGMA)
    assert nothing.effect((0.3, -0.2)) == 0.0
    assert nothing.variance((0.3, 0.0)) == pytest.approx((PRIOR_SIGMAS[0] * 0.3) ** 2)


@pytest.mark.parametrize("true", [(-0.6, 0.0), (0.0, 0.15), (0.4, -0.1)])
def test_many_runs_at_many_speeds_tell_the_sensitivity(true: Conditions) -> None:
    """With hundreds of runs, the prior does not matter any more."""
    chance = Random(1)  # noqa: S311
    observed = []
    for _ in range(400):
        under = (chance.gauss(0, 0.1), chance.gauss(0, 0.2))
        observed.append((under, true[0] * under[0] + true[1] * under[1] + chance.gauss(0, SIGMA)))
    assert learn(observed, SIGMA).means == pytest.approx(true, abs=0.05)


def test_runs_at_one_speed_teach_nothing() -> None:
    """Their errors are no effect of the machine."""
    learnt = learn([((0.0, 0.0), 0.2)] * 10, SIGMA)
    assert learnt == learn([], SIGMA)


def test_elasticity_is_told_once_it_is_known() -> None:
    """The prior alone tells nothing of these tests."""
    assert str(learn([], SIGMA)) == ""
    learnt = learn([((0.1 * sign, 0.0), -0.05 * sign) for sign in (1, -1) * 10], SIGMA)
    assert str(learnt) == "a machine that is 10 % slower makes these tests 3 % slower (7 % is usual)"


@given(OBSERVED, CONDITIONS)
def test_more_runs_make_no_error_wider(observed: list[tuple[Conditions, float]], under: Conditions) -> None:
    """Each run can only add knowledge."""
    errors = [learn(observed[:count], SIGMA).variance(under) for count in range(len(observed) + 1)]
    assert all(later <= earlier + 1e-12 for earlier, later in itertools.pairwise(errors))
    assert min(errors) >= -1e-12


@given(OBSERVED, st.randoms(use_true_random=False))
def test_order_does_not_matter(observed: list[tuple[Conditions, float]], chance: Random) -> None:
    """The runs teach the same in any order."""
    mixed = chance.sample(observed, len(observed))
    assert learn(mixed, SIGMA).means == pytest.approx(learn(observed, SIGMA).means, abs=1e-9)


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
