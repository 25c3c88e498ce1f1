"""The processes that keep CPUs busy, and that none of them is left."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import psutil
import pytest

from pytest_carbon.meter.power.busy_cpus import BusyCpus


def _ends(pid: int) -> bool:
    for _ in range(250):
        if not psutil.pid_exists(pid):
            return True
        time.sleep(0.02)
    return False


def _children() -> list[psutil.Process]:
    """Return the loads among this process's children; a zombie that another test left has no command line."""
    return [
        process
        for process in psutil.process_iter(["ppid", "cmdline"])
        if process.info["ppid"] == os.getpid() and "busy_cpus" in " ".join(process.info["cmdline"] or ())
    ]


def _use_and_fail() -> None:
    with BusyCpus() as load:
        load.set(2)
        assert len(_children()) == 2
        start = time.monotonic()
        while load.cpu_s() < 0.3 and time.monotonic() - start < 20:
            time.sleep(0.02)
        used_s = load.cpu_s()
        load.set(0)
        assert load.cpu_s() >= used_s >= 0.3
        load.set(1)
        raise RuntimeError("a meter failed")


def test_as_many_processes_compute_as_were_asked_for() -> None:
    """Their CPU time is known also after they have ended; after an error, none is left."""
    with pytest.raises(RuntimeError, match="a meter failed"):
        _use_and_fail()
    assert _children() == []


def test_they_end_with_the_process_that_started_them() -> None:
    """Also if that is killed, which nobody can catch."""
    program = (
        "import psutil, time; from pytest_carbon.meter.power.busy_cpus import BusyCpus; "
        "load = BusyCpus(); load.set(1); print(psutil.Process().children()[0].pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert _ends(pid)
