"""What commands used is counted from outside, and what they leave running is ended or named."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_carbon.processes.watch import Watch

linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell the processes of a tree")
BURN = "import time\nwhile time.process_time() < {}: pass\n"
DETACHED = (
    f"import os\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        exec({BURN.format(0.4)!r})\n"
)


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def test_cpu_time_of_the_command_and_of_what_it_waited_for_is_counted() -> None:
    """Wall and CPU time of the whole tree count; nothing was left."""
    with Watch(end_left=True) as watch:
        _run("sh", "-c", f'"{sys.executable}" -c "{BURN.format(0.3)}"')
    counted = watch.counted
    assert counted.cpu_s == pytest.approx(0.35, abs=0.15)
    assert counted.wall_s >= 0.25
    assert counted.detached_cpu_s == pytest.approx(0, abs=0.02)
    assert (counted.ended, counted.kept) == ((), ())


@linux
def test_cpu_time_of_processes_that_detach_is_counted() -> None:
    """A process that leaves its session and its parent is waited for, and its CPU time is known."""
    with Watch(end_left=True) as watch:
        _run(sys.executable, "-c", DETACHED)
    assert watch.counted.cpu_s is not None
    assert watch.counted.cpu_s < 0.3
    assert watch.counted.detached_cpu_s == pytest.approx(0.4, abs=0.15)


@linux
@pytest.mark.parametrize("trap", ["", "trap '' TERM HUP; "], ids=["ends when asked", "ignores the request"])
def test_processes_that_are_left_running_are_ended_and_named(tmp_path: Path, trap: str) -> None:
    """What a command leaves running ends, also if it detached and ignores the request; own children go on."""
    with subprocess.Popen(["sleep", "600"]) as own:
        with Watch(end_left=True) as watch:
            _run("sh", "-c", f"(setsid sh -c '{trap}echo $$ > {tmp_path}/pid; while :; do sleep 1; done' &)")
            while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
                pass
        pid = int((tmp_path / "pid").read_text())
        assert f"sh ({pid})" in watch.counted.ended
        assert watch.counted.kept == ()
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        assert own.poll() is None
        own.send_signal(signal.SIGKILL)


@linux
def test_processes_may_run_on_and_are_named() -> None:
    """Without ending them, processes that run on are named with their CPU time."""
    with Watch(end_left=False) as watch:
        pid = int(subprocess.check_output(["sh", "-c", "(sleep 600 >&- 2>&- & echo $!)"], text=True))
    try:
        assert watch.counted.kept == (f"sleep ({pid})",)
        assert watch.counted.ended == ()
        os.kill(pid, 0)
    finally:
        os.kill(pid, signal.SIGKILL)


@linux
def test_cpu_time_at_the_marks_is_counted() -> None:
    """Of the command and its children, running or ended, and not of what left them."""
    send = "from pytest_carbon.processes.marks import MarkSender; m = MarkSender(); m.send()\nimport subprocess, sys\n"
    child = f"subprocess.run([sys.executable, '-c', {BURN.format(0.3)!r}])\n"
    left = "subprocess.run(['sh', '-c', 'sh -c \"while :; do :; done\" & sleep 0.5'])\n"
    with Watch(end_left=True) as watch:
        code = f"{send}{child}{left}m.send()\nimport time; time.sleep(0.1)\n{child}"
        command = [sys.executable, "-c", code]
        environment = {**os.environ, **watch.marks.environment}
        subprocess.run(command, env=environment, pass_fds=watch.marks.descriptors, check=True)
    counted = watch.counted
    assert counted.cpu_s is not None
    assert counted.start_cpu_s is not None
    assert counted.end_cpu_s is not None
    assert counted.end_cpu_s - counted.start_cpu_s == pytest.approx(0.35, abs=0.15)
    assert counted.cpu_s - counted.end_cpu_s == pytest.approx(0.35, abs=0.15)


def test_command_that_sends_no_mark() -> None:
    """Then nothing is known of its start and its end."""
    with Watch(end_left=True) as watch:
        _run("true")
    assert (watch.counted.start_cpu_s, watch.counted.end_cpu_s) == (None, None)
