"""The counter of a process, its threads and its children.

No counter of instructions can be counted on where these tests run, so they count what the kernel counts by the same
calls: the nanoseconds on a CPU (``TASK_CLOCK``). Other clocks tell those, too.
"""

from __future__ import annotations

import fcntl
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pytest_carbon.core.energy.counted_work.instruction_counts import REFERENCE_J_PER_INSTRUCTION, InstructionCounts
from pytest_carbon.meter.recorder import Recorder
from pytest_carbon.meter.work_counters.instruction_counter import (
    TASK_CLOCK,
    CounterMissingError,
    Event,
    InstructionCounter,
    counter_here,
    why_no_counter,
)

try:
    InstructionCounter(TASK_CLOCK).stop()
except CounterMissingError as error:
    WHY_NOT = str(error)
else:
    WHY_NOT = ""
pytestmark = pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)
BURN = "import time\nwhile time.process_time() < 0.1: pass"


@pytest.fixture
def counter() -> Iterator[InstructionCounter]:
    """Return a counter of nanoseconds on a CPU."""
    made = InstructionCounter(TASK_CLOCK)
    yield made
    made.stop()


def _burn() -> None:
    end_s = time.process_time() + 0.1
    while time.process_time() < end_s:
        pass


def _burn_in_thread() -> None:
    thread = threading.Thread(target=_burn_thread)
    thread.start()
    thread.join()


def _burn_thread() -> None:
    end_s = time.thread_time() + 0.1
    while time.thread_time() < end_s:
        pass


def _burn_in_fork() -> None:
    child = os.fork()
    if not child:
        _burn()
        os._exit(0)
    os.waitpid(child, 0)


def _burn_in_program() -> None:
    subprocess.run([sys.executable, "-I", "-S", "-c", BURN], check=True)


def _burn_in_grandchild() -> None:
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-I', '-S', '-c', {BURN!r}])"
    subprocess.run([sys.executable, "-I", "-S", "-c", nested], check=True)


def _burn_in_fork_server() -> None:
    with multiprocessing.get_context("forkserver").Pool(1) as pool:
        pool.apply(_burn)


def _seconds(counter: InstructionCounter, work: Callable[[], object]) -> float:
    """Return the seconds on a CPU that were counted while something was done."""
    start_s = counter.now()
    work()
    end_s = counter.now()
    return (InstructionCounts(counter.readings).between(start_s, end_s) or 0.0) / 1e9


@pytest.mark.parametrize(
    "work",
    [_burn, _burn_in_thread, _burn_in_fork, _burn_in_program, _burn_in_grandchild, _burn_in_fork_server],
    ids=lambda work: work.__name__[1:],
)
def test_threads_and_children_count(counter: InstructionCounter, work: Callable[[], None]) -> None:
    """What begins after the counter is inherited by threads, forks, programs and the children of a fork server."""
    assert 0.09 < _seconds(counter, work) < 1.0


@pytest.fixture
def busy_child() -> Iterator[Callable[[], object]]:
    """Return a function that starts a program which computes until the test ends."""
    children: list[subprocess.Popen[bytes]] = []
    yield lambda: children.append(subprocess.Popen([sys.executable, "-I", "-S", "-c", "while True: pass"]))
    for child in children:
        child.kill()
        child.wait()


def test_child_counts_while_it_runs(counter: InstructionCounter, busy_child: Callable[[], object]) -> None:
    """Nobody needs to wait for it."""
    busy_child()
    assert 0.02 < _seconds(counter, lambda: time.sleep(0.5)) < 1.5


def test_child_from_before_does_not_count(busy_child: Callable[[], object]) -> None:
    """So the sidecar, which starts first, is no part of the tests."""
    busy_child()
    counter = InstructionCounter(TASK_CLOCK)
    assert _seconds(counter, lambda: time.sleep(0.5)) < 0.02
    counter.stop()


def test_thread_from_before_counts() -> None:
    """An xdist worker has a thread before pytest begins in it."""
    begin, end = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: (begin.wait(), _burn_thread(), end.set()))
    thread.start()
    counter = InstructionCounter(TASK_CLOCK)
    assert 0.09 < _seconds(counter, lambda: (begin.set(), end.wait())) < 0.5
    thread.join()
    counter.stop()


def _close(number: int) -> None:
    os.close(number)


def _replace_by_pipe(number: int) -> None:
    os.dup2(os.pipe()[0], number)


def _replace_by_event(number: int) -> None:
    os.dup2(os.eventfd(7), number)


def _replace_by_counter(number: int) -> None:
    other = next(iter(InstructionCounter(TASK_CLOCK)._ids))
    os.dup2(other, number)


@pytest.mark.parametrize("take_away", [_close, _replace_by_pipe, _replace_by_event, _replace_by_counter])
def test_descriptor_that_tests_take_is_neither_read_nor_closed(
    counter: InstructionCounter, take_away: Callable[[int], None]
) -> None:
    """Its number may name a file of the tests. Counting ends, and what was counted stays."""
    counter.now()
    before = list(counter.readings)
    number = next(iter(counter._ids))
    take_away(number)
    counter.now()
    assert counter.readings == before
    counter.stop()
    if take_away is not _close:
        os.fstat(number)
    if take_away is _replace_by_event:
        assert os.eventfd_read(number) == 7


def test_whole_count_is_of_the_time_since_it_was_made(counter: InstructionCounter) -> None:
    """What starts commands knows how much they did; if somebody takes the counter away, nobody knows."""
    taken = InstructionCounter(TASK_CLOCK)
    _burn_in_program()
    _close(next(iter(taken._ids)))
    assert taken.counted() is None
    assert 0.09 < (counter.counted() or 0.0) / 1e9 < 1.0


def test_descriptor_is_not_left_to_programs(counter: InstructionCounter) -> None:
    """A program that a test starts does not get it."""
    number = next(iter(counter._ids))
    assert fcntl.fcntl(number, fcntl.F_GETFD) & fcntl.FD_CLOEXEC


@pytest.mark.parametrize("event", [Event(1, 9999), Event(99, 1)])
def test_what_cannot_be_counted_is_told(event: Event) -> None:
    """The message says why, and no descriptor is left open."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    with pytest.raises(CounterMissingError, match="the kernel counts no instructions here"):
        InstructionCounter(event)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_counter_of_instructions_is_there_or_a_reason() -> None:
    """Both ways to ask agree."""
    counter = counter_here()
    assert (counter is None) is bool(why_no_counter())
    if counter is not None:
        counter.stop()


def test_recorder_without_a_counter_reads_its_own_clock() -> None:
    """Where nothing counts, nothing is read in addition."""
    recorder = Recorder()
    clock = recorder._now
    recorder.count_instructions(None)
    assert recorder._now is clock
    assert recorder.trace().counts == ()


def test_recorder_counts_what_its_clocks_count(counter: InstructionCounter) -> None:
    """The reference energy of a running test is that of its counts, without a wide fixture inside of it."""
    recorder = Recorder()
    recorder.count_instructions(counter)
    recorder.begin_test("t.py::a")
    since = recorder.read_clocks()
    _burn()
    recorder.add_span("fixture", "db", "setup", since)
    _burn_in_program()
    recorder.probe()
    cpu_s, work_j = recorder.test_use()
    assert work_j == pytest.approx(cpu_s * 1e9 * REFERENCE_J_PER_INSTRUCTION, rel=0.1)
    recorder.end_phase("t.py::a", "setup")
    recorder.end_phase("t.py::a", "call")
    recorder.end_phase("t.py::a", "teardown")
    trace = recorder.trace()
    counts = InstructionCounts(trace.counts)
    assert {span.kind for span in trace.spans} == {"tool", "fixture", "test"}
    for span in trace.spans:
        counted = counts.between(span.start_s, span.end_s)
        assert counted is not None
        if span.kind != "tool":
            assert counted / 1e9 == pytest.approx(span.cpu_s, rel=0.1, abs=0.005)
