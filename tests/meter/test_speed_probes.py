"""The two speed probes: what they do, when they are due, and what they leave alone."""

from __future__ import annotations

import itertools
import time

import pytest

from pytest_carbon.core.energy.reference_energy import COMPUTING_REFERENCE_S
from pytest_carbon.core.model import Span
from pytest_carbon.meter.speed_probes import PROBE_SPACING, WALK_FACTOR, WALK_OFFSET, WALKED_BYTES, SpeedProbes


def _probes() -> SpeedProbes:
    return SpeedProbes(lambda: (time.perf_counter(), time.process_time()), time.thread_time)


def test_first_run_tells_what_its_memory_costs() -> None:
    """Later runs have the span of the probes only."""
    probes = _probes()
    first, later = ([Span(*span) for span in probes.run()] for _ in range(2))
    assert [(span.kind, span.phase) for span in first] == [("tool", "prepare"), ("tool", "probe")]
    assert [span.phase for span in later] == ["probe"]
    assert all(a.end_s <= b.start_s for a, b in itertools.pairwise([*first, *later]))


def test_a_run_tells_both_durations() -> None:
    """The span's CPU seconds are those of both probes, and its info tells the walk's."""
    probes = _probes()
    (span,) = [Span(*entry) for entry in probes.run()][1:]
    assert span.info is not None
    assert 0 < span.info["walking_s"] < span.cpu_s
    assert probes.slowdown == pytest.approx((span.cpu_s - span.info["walking_s"]) / COMPUTING_REFERENCE_S)


def test_probes_are_due_after_a_multiple_of_their_own_time() -> None:
    """Both probes together take at most one part in ``PROBE_SPACING`` of the CPU time."""
    probes = _probes()
    assert probes.are_due(0.0)
    cpu_s = time.process_time()
    *_, span = probes.run()
    least_s = cpu_s + (1 + PROBE_SPACING) * Span(*span).cpu_s
    assert not probes.are_due(least_s)
    assert probes.are_due(least_s + 0.1)


def test_clock_that_stands_still_gives_no_speed_of_zero() -> None:
    """A coarse clock may see no time pass in a probe; a slowdown is never 0."""
    probes = SpeedProbes(lambda: (1.0, 1.0), lambda: 1.0)
    *_, span = probes.run()
    assert probes.slowdown > 0
    assert 0 < Span(*span).cpu_s < 1e-4


def test_walk_comes_to_every_byte() -> None:
    """The step is one of full period, so no walk falls into a short circle that a cache holds."""
    size, place = 1 << 16, 0
    seen = bytearray(size)
    for _ in range(size):
        seen[place] = 1
        place = (place * WALK_FACTOR + WALK_OFFSET + 1) & (size - 1)
    assert all(seen)
    assert (WALKED_BYTES - 1) * WALK_FACTOR + WALK_OFFSET + 1 < 1 << 30
