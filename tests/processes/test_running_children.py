"""The CPU time of children that still run, and of those that nobody ever waits for."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from pytest_carbon.processes.running_children import RunningChildren

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
BURN = "import time\nwhile time.process_time() < {}: pass\nprint(flush=True)\ntime.sleep(5)"
DOUBLE_FORK = "import os, sys\nif os.fork(): os.wait()\nelse:\n" + "".join(
    f"    {line}\n" for line in BURN.format(0.2).splitlines()
)


def _started(code: str) -> subprocess.Popen[bytes]:
    """Return a process that has burnt its CPU time and now sleeps."""
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


@pytest.mark.parametrize("code", [BURN.format(0.2), DOUBLE_FORK], ids=["child", "child of a child, as a fork server's"])
def test_what_runs_is_counted_once(code: str) -> None:
    """It counts while it runs; the sum does not fall when it ends, and does not rise when it is waited for."""
    children = RunningChildren()
    before_s = children.total_s(1.0)
    with _started(code) as process:
        running_s = children.total_s(1.0)
        process.kill()
        process.wait()
    after_s = children.total_s(1.0)
    assert before_s == 1.0
    assert 1.15 < running_s < 1.5
    assert after_s == pytest.approx(running_s)


def test_what_ran_before_does_not_count() -> None:
    """A server that somebody else started is not of this run."""
    with _started(BURN.format(0.2)) as process:
        children = RunningChildren()
        time.sleep(0.02)
        assert children.total_s(0.0) == 0.0
        process.kill()


def test_what_was_waited_for_counts_at_once() -> None:
    """Looks are a hundredth of a second apart, and a child that began and ended in between is not missed."""
    children = RunningChildren()
    assert [children.total_s(waited_s) for waited_s in (1.0, 1.0, 1.25, 1.5)] == [1.0, 1.0, 1.25, 1.5]


def test_without_children_nothing_is_looked_at() -> None:
    """Most tests start none, and pay one quick call."""
    children = RunningChildren()
    start_s = time.perf_counter()
    assert [children.total_s(2.5) for _ in range(1000)] == [2.5] * 1000
    assert time.perf_counter() - start_s < 0.2
