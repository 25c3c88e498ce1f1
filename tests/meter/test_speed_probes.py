"""The two speed probes: what they do, when they are due, and what they leave alone."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from pytest_carbon.core.energy.reference_energy import COMPUTING_REFERENCE_S, WALKING_REFERENCE_S, slowdown_of
from pytest_carbon.core.model import Span
from pytest_carbon.meter.run_queue import SCHEDULING
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
    wall_s, cpu_s = probes.used_s
    assert cpu_s == pytest.approx(sum(span.cpu_s for span in [*first, *later]))
    assert cpu_s / 2 < wall_s


def test_a_run_tells_both_durations() -> None:
    """The span's CPU seconds are those of both probes, and its info tells the walk's."""
    probes = _probes()
    (span,) = [Span(*entry) for entry in probes.run()][1:]
    assert span.info is not None
    assert 0 < span.info["walking_s"] < span.cpu_s
    computing = (span.cpu_s - span.info["walking_s"]) / COMPUTING_REFERENCE_S
    walking = span.info["walking_s"] / WALKING_REFERENCE_S
    assert probes.slowdown == pytest.approx(slowdown_of(computing, span.info.get("waiting"), walking))
    assert probes.moment == pytest.approx(slowdown_of(computing, None, walking))


@pytest.mark.skipif(not Path(SCHEDULING).exists(), reason="this kernel does not tell")
def test_a_run_tells_how_long_the_thread_waited_since_the_last() -> None:
    """Other threads that are busy, more than there are CPUs, make it wait."""
    stop = "import time\nend = time.monotonic() + 30\nwhile time.monotonic() < end: pass"
    probes = _probes()
    probes.run()
    busy = [subprocess.Popen([sys.executable, "-c", stop]) for _ in range(2 * (os.cpu_count() or 1))]
    try:
        _burn(0.3)
        (span,) = [Span(*entry) for entry in probes.run()]
    finally:
        for process in busy:
            process.kill()
            process.wait()
    assert span.info is not None
    assert span.info["waiting"] > 0.1


@pytest.mark.skipif(not Path(SCHEDULING).exists(), reason="this kernel does not tell")
def test_waiting_of_a_thread_that_did_not_do_the_work_tells_nothing() -> None:
    """Most of the CPU time was used in another thread, for which nobody asked how long it waited."""
    probes = _probes()
    probes.run()
    _burn(0.05)
    worker = threading.Thread(target=_burn, args=(0.2,))
    worker.start()
    worker.join()
    (span,) = [Span(*entry) for entry in probes.run()]
    assert span.info is not None
    assert "waiting" not in span.info


def _burn(cpu_s: float) -> None:
    until_s = time.thread_time() + cpu_s
    while time.thread_time() < until_s:
        pass


def test_probe_that_was_held_up_does_not_delay_the_next() -> None:
    """One of two that is a hundred times longer met something else, so the next comes as after the shorter one."""
    ticks = iter([0.0, 0.001, 0.002, 0.002, 0.102, 0.202])
    probes = SpeedProbes(lambda: (1.0, 1.0), lambda: next(ticks))
    for _ in range(2):
        probes.run()
    assert probes.not_before_s == pytest.approx(1.0 + PROBE_SPACING * 0.002)


def test_probes_are_due_after_a_multiple_of_their_own_time() -> None:
    """Both probes together take at most one part in ``PROBE_SPACING`` of the CPU time."""
    probes = _probes()
    assert probes.are_due(0.0)
    cpu_s = time.process_time()
    *_, span = probes.run()
    least_s = cpu_s + (1 + PROBE_SPACING) * Span(*span).cpu_s
    assert not probes.are_due(least_s)
    assert probes.are_due(least_s + 0.1)


@pytest.mark.parametrize(
    ("on", "off"),
    [
        (lambda: sys.setprofile(lambda *_: None), lambda: sys.setprofile(None)),
        (tracemalloc.start, tracemalloc.stop),
    ],
    ids=["profiler", "memory"],
)
def test_what_watches_python_is_noticed(on: Callable[[], None], off: Callable[[], None]) -> None:
    """A probe inside of a test that a profiler watches would tell of the profiler."""
    probes = _probes()
    probes.run()
    assert probes.are_watched_as_before()
    on()
    try:
        assert not probes.are_watched_as_before()
        probes.run()
        assert probes.are_watched_as_before()
    finally:
        off()
    assert not probes.are_watched_as_before()


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
