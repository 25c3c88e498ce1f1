"""The object behind the ``carbon`` fixture: it measures a block of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pytest_carbon.core.energy.reference_energy import reference_j
from pytest_carbon.meter.recorder import Recorder


@dataclass(slots=True)
class BlockUse:
    """What a block used. The figures are zero until the block has ended."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    reference_j: float = 0.0


class CarbonFixture:
    """Measures blocks inside a test, with or without ``--carbon``."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    @contextmanager
    def measure(self) -> Iterator[BlockUse]:
        """Measure a block: wall seconds, CPU seconds (of own threads and waited children) and reference energy (J).

        Speed probes run before the block and after it. The figures exclude these, and those that run inside of it.
        """
        used = BlockUse()
        self._recorder.probe()
        moment_before = self._recorder.probes.moment
        (start_s, start_cpu_s), (probed_s, probed_cpu_s) = self._recorder.read_clocks(), self._recorder.probes.used_s
        try:
            yield used
        finally:
            (end_s, end_cpu_s), (inside_s, inside_cpu_s) = self._recorder.read_clocks(), self._recorder.probes.used_s
            after = self._recorder.probe()
            by_waiting = after / self._recorder.probes.moment  # the block's; the waiting before it is no part of it
            slowdown = (moment_before * by_waiting + after) / 2
            used.wall_s = end_s - start_s - (inside_s - probed_s)
            used.cpu_s = end_cpu_s - start_cpu_s - (inside_cpu_s - probed_cpu_s)
            used.reference_j = reference_j(used.cpu_s, slowdown)
