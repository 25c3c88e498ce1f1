"""The steps of load, on a machine of the tests' own: its clock, CPU time, load and meter are values."""

from __future__ import annotations

import pytest

from pytest_carbon.core.calibration.load_steps import MeterFacts, plan_steps
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.model import CpuReading
from pytest_carbon.meter.power.run_steps import run_steps

CPUS = 4


class FakeMachine:
    """Time passes only in ``sleep``. It takes 10 W and 5 W for each busy CPU, ``late_s`` after the load changed."""

    period_s = 0.5
    facts = MeterFacts("a fake", "all", "nothing", 1.0, 1.0)

    def __init__(self, other_cpus: float = 0.0, late_s: float = 0.0) -> None:
        self.other_cpus, self.late_s = other_cpus, late_s
        self.now_s = self.own_s = self.busy_s = self.changed_s = 0.0
        self.count = self.before = 0
        self.step: list[float] = []

    def set(self, count: int) -> None:
        self.before, self.count, self.changed_s = self.count, count, self.now_s

    def cpu_s(self) -> float:
        return self.own_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        self.own_s += self.count * seconds
        self.busy_s += min(CPUS, self.count + self.other_cpus) * seconds

    def read(self) -> CpuReading:
        return CpuReading(self.now_s, self.busy_s, 0.0, CPUS * self.now_s)

    def start(self) -> None:
        self.step = []

    def sample(self) -> None:
        count = self.count if self.now_s - self.changed_s >= self.late_s else self.before
        self.step.append(10 + 5 * count)

    def mean_w(self) -> float:
        return sum(self.step) / len(self.step)

    def run(self, seconds: float = 60.0) -> list[tuple[int, float, float, float]]:
        steps, step_s = plan_steps(CPUS, seconds)
        readings = run_steps(steps, step_s, self, self, read_cpu=self.read, sleep=self.sleep, now=lambda: self.now_s)
        return [(r.busy_cpus, round(r.utilisation, 2), round(r.watts, 6), round(r.other_share, 2)) for r in readings]


def test_each_step_has_its_load_and_its_watts() -> None:
    """Up and back; nothing else runs. The whole takes the seconds that were asked for."""
    machine = FakeMachine()
    up = [(0, 0.0, 10.0, 0.0), (1, 0.25, 15.0, 0.0), (2, 0.5, 20.0, 0.0), (4, 1.0, 30.0, 0.0)]
    assert machine.run() == up + up[::-1]
    assert machine.now_s == pytest.approx(60.0)


def test_begin_of_a_step_does_not_count() -> None:
    """A meter that follows two seconds late tells the same watts."""
    assert FakeMachine(late_s=2.0).run() == FakeMachine().run()


def test_other_load_is_seen() -> None:
    """What keeps CPUs busy and is not ours has a share of its own in every step where there is room for it."""
    assert [other for _, _, _, other in FakeMachine(other_cpus=0.8).run()][:3] == [0.2, 0.2, 0.2]


def test_machine_that_tells_no_cpu_time_is_refused() -> None:
    """No kernel interface, or a clock that stands still."""
    machine = FakeMachine()
    for reading, message in ((None, "cannot be read"), (CpuReading(0.0, 0.0, 0.0, 0.0), "stands still")):
        with pytest.raises(ConfigError, match=message):
            list(run_steps((0,), 1.0, machine, machine, read_cpu=lambda r=reading: r, sleep=machine.sleep,  # type: ignore[misc]
                           now=lambda: machine.now_s))  # fmt: skip
