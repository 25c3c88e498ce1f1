"""The steps of load of a calibration."""

from __future__ import annotations

import pytest

from pytest_carbon.core.calibration.load_steps import StepReading, plan_steps, refuse_other_load, settle_s
from pytest_carbon.core.errors import ConfigError


@pytest.mark.parametrize(
    ("cpus", "up"),
    [
        (1, (0, 1)),
        (2, (0, 1, 2)),
        (3, (0, 1, 3)),
        (4, (0, 1, 2, 4)),
        (6, (0, 1, 2, 3, 6)),
        (8, (0, 1, 2, 4, 8)),
        (12, (0, 1, 2, 4, 6, 12)),
        (64, (0, 1, 2, 4, 8, 16, 32, 64)),
    ],
)
def test_steps_go_up_and_back(cpus: int, up: tuple[int, ...]) -> None:
    """Idle, one CPU, twice as many each time, half, all; then back, so that each step is read twice."""
    steps, each_s = plan_steps(cpus, 120)
    assert steps == (*up, *reversed(up))
    assert each_s * len(steps) == pytest.approx(120)


@pytest.mark.parametrize("seconds", [0.0, -1.0, 5.9, float("nan"), 1e9])
def test_too_few_seconds_are_refused(seconds: float) -> None:
    """A step needs a second at least; the message says how many seconds all of them need."""
    with pytest.raises(ConfigError, match="6 steps of load need at least 6 s"):
        plan_steps(2, seconds)


def test_begin_of_a_step_is_not_counted() -> None:
    """A third of a short step, and three seconds of a long one."""
    assert (settle_s(1.0), settle_s(20.0)) == (0.3, 3.0)


@pytest.mark.parametrize(("other", "refused"), [(0.0, False), (0.1, False), (0.11, True), (1.0, True)])
def test_other_load_is_refused_when_too_much(other: float, refused: bool) -> None:
    """The watts would be those of the other processes; the message says how many CPUs they took."""
    reading = StepReading(1, 0.5, 20.0, other)
    if not refused:
        refuse_other_load(reading, 8)
        return
    with pytest.raises(ConfigError, match=f"kept {other * 8:.1f} of 8 CPUs busy.*--beside-others"):
        refuse_other_load(reading, 8)
