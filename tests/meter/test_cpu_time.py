"""The CPU time of the whole machine, as the kernel counts it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from pytest_carbon.core.model import CpuReading
from pytest_carbon.meter.cpu_time import Clock, boot_id, read_cpu_time

psutil = pytest.importorskip("psutil")


def _read() -> CpuReading:
    reading = read_cpu_time()
    assert reading is not None
    return reading


def _burn(cpu_s: float) -> None:
    end_s = time.process_time() + cpu_s
    while time.process_time() < end_s:
        pass


def test_busy_time_grows_with_work() -> None:
    """Work of this process counts as busy time, and total time grows by at least as much."""
    before = _read()
    _burn(0.3)
    after = _read()
    assert after.at_s - before.at_s >= 0.25
    assert after.busy_s - before.busy_s >= 0.25
    assert after.total_s - before.total_s >= after.busy_s - before.busy_s - 0.05


def test_reading_agrees_with_psutil() -> None:
    """Busy, stolen and total seconds are those of psutil, which reads the same counters."""
    reading, times = _read(), psutil.cpu_times()
    assert reading.busy_s == pytest.approx(times.user + times.nice + times.system + times.irq + times.softirq, abs=1)
    assert reading.steal_s == pytest.approx(times.steal, abs=1)
    assert reading.total_s == pytest.approx(reading.busy_s + times.idle + times.iowait + times.steal, abs=2)
    assert reading.frequency is None


def test_clock_is_monotonic() -> None:
    """The clock never goes back."""
    times = [Clock.now() for _ in range(1000)]
    assert times == sorted(times)


def test_boot_id_stays_the_same() -> None:
    """Two reads in one boot give the same id, which is not empty."""
    assert boot_id() == boot_id() != ""


@pytest.mark.parametrize("text", ["cpu  0 0 0 0 0 0 0 0 0 0\ncpu0 0 0 0 0 0 0 0 0 0 0\n", "cpu  1 2 3\n"])
def test_kernel_that_counts_nothing_is_unknown(tmp_path: Path, text: str) -> None:
    """Sandboxes have the file, and count nothing in it: that is no machine at rest."""
    (tmp_path / "stat").write_text(text)
    assert read_cpu_time(proc_stat=tmp_path / "stat") is None
