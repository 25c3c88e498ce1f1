"""Runs the steps of load, and reads the meter and the CPU time of the machine during each."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from pytest_carbon.core.calibration.load_steps import StepReading, settle_s
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.model import CpuReading
from pytest_carbon.meter.cpu_time import read_cpu_time
from pytest_carbon.meter.power.mean_watts import PowerMeter


class Load(Protocol):
    """What keeps CPUs busy."""

    def set(self, count: int) -> None:
        """Keep so many CPUs busy."""

    def cpu_s(self) -> float:
        """Return the CPU seconds that this took up to now."""


def run_steps(
    steps: Sequence[int],
    step_s: float,
    meter: PowerMeter,
    load: Load,
    *,
    read_cpu: Callable[[], CpuReading | None] = read_cpu_time,
    sleep: Callable[[float], object] = time.sleep,
    now: Callable[[], float] = time.monotonic,
) -> Iterator[StepReading]:
    """Yield the reading of each step as soon as it is over. The caller ends the load.

    Raises ConfigError if the CPU time of the machine cannot be read, and what the meter raises.
    """
    for busy_cpus in steps:
        load.set(busy_cpus)
        until_s = now() + step_s
        sleep(settle_s(step_s))
        before, own_before = _read(read_cpu), _own_cpu_s(load)
        meter.start()
        while True:
            meter.sample()
            left_s = until_s - now()
            if left_s <= 0:
                break
            sleep(min(meter.period_s, left_s))
        watts = meter.mean_w()
        after, own_s = _read(read_cpu), _own_cpu_s(load) - own_before
        total_s = after.total_s - before.total_s
        if total_s <= 0:
            raise ConfigError("the CPU time of this machine stands still, so its load cannot be known here")
        busy_s = after.busy_s - before.busy_s
        yield StepReading(busy_cpus, min(1.0, busy_s / total_s), watts, max(0.0, min(1.0, (busy_s - own_s) / total_s)))


def _read(read_cpu: Callable[[], CpuReading | None]) -> CpuReading:
    reading = read_cpu()
    if reading is None:
        raise ConfigError("the CPU time of this machine cannot be read, so its load is not known")
    return reading


def _own_cpu_s(load: Load) -> float:
    """Return the CPU seconds of this process, of the commands that it waited for, and of the load."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system + load.cpu_s()
