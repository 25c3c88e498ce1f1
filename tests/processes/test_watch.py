"""What commands used is counted from outside, and what they leave running is ended or named."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_carbon.processes.watch import Watch
from tests.attack import Attack

linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell the processes of a tree")
BURN = "import time\nwhile time.process_time() < {}: pass\n"
DETACHED = (
    f"import os\nif os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        exec({BURN.format(0.4)!r})\n"
)
CHAIN = """
import os, pathlib, signal, sys, time
folder, until_s = pathlib.Path(sys.argv[1]), time.monotonic() + 20
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
if os.fork():
    os._exit(0)
os.setsid()
while time.monotonic() < until_s and not (folder / "stop").exists():
    (folder / "alive").touch()
    if os.fork():
        os._exit(0)
"""
"""Forks all the time, and lets the parent end, so that no process is there for long."""


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
        with Watch(end_left=True, settle_s=0.1) as watch:
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


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[tuple[str, ...]]:
    """Return the command of a chain of processes, which is there until the test ends."""
    yield sys.executable, "-c", CHAIN, str(tmp_path)
    (tmp_path / "stop").touch()


@linux
@pytest.mark.attack("forged-report")
def test_process_that_forks_all_the_time_is_killed(chain: tuple[str, ...], tmp_path: Path, attack: Attack) -> None:
    """It ignores the request to end, too; its CPU time counts."""
    with Watch(end_left=True, settle_s=0.1) as watch:
        _run(*chain)
    (tmp_path / "alive").unlink()
    time.sleep(0.2)
    lives = (tmp_path / "alive").exists()
    assert watch.counted.ended
    assert watch.counted.kept == watch.counted.survived == ()
    assert watch.counted.detached_cpu_s
    attack.ended("success" if lives else "ended")


@linux
@pytest.mark.attack("forged-report")
def test_process_that_forks_all_the_time_is_seen(chain: tuple[str, ...], attack: Attack) -> None:
    """However short each of its processes is there."""
    with Watch(end_left=False, settle_s=0) as watch:
        _run(*chain)
    assert watch.counted.survived == ()
    attack.ended("seen" if watch.counted.kept else "success")


@linux
@pytest.mark.parametrize("error", [None, PermissionError], ids=["ours", "another user's"])
def test_what_cannot_be_killed_is_named(monkeypatch: pytest.MonkeyPatch, error: type[OSError] | None) -> None:
    """Whether it is another user's is told by the kernel, when we try to end it."""

    def kill(*_: int) -> None:
        if error:
            raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, "kill", kill)
        with Watch(end_left=True, settle_s=0, kill_s=0) as watch:
            pid = int(subprocess.check_output(["sh", "-c", "(sleep 600 >&- 2>&- & echo $!)"], text=True))
    os.kill(pid, signal.SIGKILL)
    assert watch.counted.kept == (f"sleep ({pid})",)
    assert watch.counted.survived == (() if error else watch.counted.kept)
    assert watch.counted.ended == ()


@linux
def test_processes_may_run_on_and_are_named() -> None:
    """Without ending them, processes that run on are named with their CPU time."""
    with Watch(end_left=False, settle_s=0.1) as watch:
        pid = int(subprocess.check_output(["sh", "-c", "(sleep 600 >&- 2>&- & echo $!)"], text=True))
    try:
        assert watch.counted.kept == (f"sleep ({pid})",)
        assert watch.counted.ended == ()
        os.kill(pid, 0)
    finally:
        os.kill(pid, signal.SIGKILL)


@linux
def test_cpu_time_at_the_marks_is_counted() -> None:
    """Of the command and its children, running or ended, and not of what left them, also before the first mark."""
    send = "from pytest_carbon.processes.marks import MarkSender; m = MarkSender(); m.send()\nimport subprocess, sys\n"
    child = f"subprocess.run([sys.executable, '-c', {BURN.format(0.3)!r}])\n"
    left = "subprocess.run(['sh', '-c', 'sh -c \"while :; do :; done\" & sleep 0.5'])\n"
    with Watch(end_left=True, settle_s=0.1) as watch:
        code = f"import subprocess\n{left}{send}{child}{left}m.send()\nimport time; time.sleep(0.1)\n{child}"
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
