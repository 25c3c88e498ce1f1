"""Processes that tests started and that left the run are found, and those of others are not."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from pytest_carbon.processes.left_behind import LeftBehind, find_left_behind

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


def _until_found(nodeid: str) -> list[LeftBehind]:
    until_s = time.monotonic() + 10
    while not (found := [left for left in find_left_behind({nodeid}, os.getpid()) if left.nodeid == nodeid]):
        assert time.monotonic() < until_s
        time.sleep(0.02)
    return found


def test_daemon_is_found_by_its_test() -> None:
    """Its parent has ended, and it has the variable by which pytest names the test; another test has none."""
    environment = {**os.environ, "PYTEST_CURRENT_TEST": "left.py::test_daemon (call)"}
    subprocess.run(["/bin/sh", "-c", "setsid sleep 3 >/dev/null 2>&1 &"], env=environment, check=True)
    assert len(_until_found("left.py::test_daemon")) == 1
    assert "left.py::test_daemon" not in {left.nodeid for left in find_left_behind({"other.py::test"}, os.getpid())}


def test_child_that_still_runs_has_not_left() -> None:
    """It is below this process, where its work is counted."""
    environment = {**os.environ, "PYTEST_CURRENT_TEST": "left.py::test_child (call)"}
    with subprocess.Popen(["sleep", "5"], env=environment) as child:
        assert [left for left in find_left_behind({"left.py::test_child"}, os.getpid()) if left.nodeid] == []
        child.kill()
