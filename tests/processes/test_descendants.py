"""The processes below this one, and those that are adopted when their parent ends."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from pytest_carbon.processes.descendants import RunningProcess, adopt_orphans, find_children, find_descendants

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell the processes of a tree")
ORPHAN = "(sh -c 'echo $$; exec sleep 600 >&- 2>&-' & )"


def _wait_for(found: Callable[[], bool]) -> None:
    until_s = time.monotonic() + 10
    while not found() and time.monotonic() < until_s:
        time.sleep(0.01)
    assert found()


def _find(pid: int) -> RunningProcess | None:
    return next((process for process in find_descendants() if process.pid == pid), None)


def test_children_of_children_are_found() -> None:
    """A process is found with its name, parent and CPU time, however deep; what is below a known child is not."""
    script = "s=0; while [ $s -lt 100000 ]; do s=$((s+1)); done; sleep 600 & echo $!; wait"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True) as shell:
        assert shell.stdout is not None
        pid = int(shell.stdout.readline())
        _wait_for(lambda: (found := _find(pid)) is not None and found.name == "sleep")
        known = _find(shell.pid)
        assert known is not None
        assert (known.name, known.parent) == ("sh", os.getpid())
        assert known.cpu_s > 0
        pids = {process.pid for process in find_descendants([(known.pid, known.started)])}
        assert not {pid, shell.pid} & pids
        assert {pid, shell.pid} & set(find_children()) == {shell.pid}
        os.kill(pid, 9)


def test_orphans_are_adopted_within_the_block() -> None:
    """A process whose parent ends becomes a child of this process, and after the block of another."""
    for adopts in (True, False):
        if adopts:
            with adopt_orphans():
                pid = int(subprocess.run(["sh", "-c", ORPHAN], stdout=subprocess.PIPE, text=True, check=True).stdout)
                found = _find(pid)
        else:
            done = subprocess.Popen(["sh", "-c", ORPHAN], stdout=subprocess.PIPE, text=True)
            assert done.stdout is not None
            pid = int(done.stdout.readline())
            done.wait()
            done.stdout.close()
            found = _find(pid)
        os.kill(pid, 9)
        assert (found is not None) is adopts
        if adopts:
            os.waitpid(pid, 0)
