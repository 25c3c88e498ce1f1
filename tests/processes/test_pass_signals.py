"""Signals on their way to a command: each once, none that is ignored, and none that came too early is lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pytest_carbon.processes.pass_signals import PassSignals

COMMAND = (
    "import signal, sys\n"
    "signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1, signal.SIGUSR2})\n"
    "print('ready', flush=True)\n"
    "received = []\n"
    "while signal.SIGUSR2 not in received: received.append(signal.sigwait({signal.SIGUSR1, signal.SIGUSR2}))\n"
    "print(*map(int, received))\n"
)
USR1, USR2 = int(signal.SIGUSR1), int(signal.SIGUSR2)


@pytest.fixture
def command() -> Iterator[subprocess.Popen[bytes]]:
    """A command that prints the signals that it received, up to SIGUSR2."""
    process = subprocess.Popen([sys.executable, "-c", COMMAND], stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    yield process
    process.kill()
    process.communicate()


def test_signals_to_this_process_alone_are_passed_on(command: subprocess.Popen[bytes]) -> None:
    """Also one that came before the command ran; afterwards the old handlers are back."""
    before = signal.getsignal(signal.SIGUSR1)
    with PassSignals() as signals:
        os.kill(os.getpid(), signal.SIGUSR1)
        signals.to(command)
        os.kill(os.getpid(), signal.SIGUSR2)
        assert command.communicate(timeout=10)[0].split() == [b"%d" % USR1, b"%d" % USR2]
        os.kill(os.getpid(), signal.SIGUSR2)  # the command has ended
    assert signal.getsignal(signal.SIGUSR1) is before


def test_a_signal_that_is_ignored_stays_ignored(command: subprocess.Popen[bytes]) -> None:
    """As after nohup, where the command ignores it as well."""
    before = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    try:
        with PassSignals() as signals:
            signals.to(command)
            os.kill(os.getpid(), signal.SIGUSR1)
            os.kill(os.getpid(), signal.SIGUSR2)
            assert command.communicate(timeout=10)[0].split() == [b"%d" % USR2]
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_a_signal_to_the_group_is_not_passed_on(tmp_path: Path) -> None:
    """The command got it already. In a session of its own, so that the tests are not of the group."""
    program = (
        "import os, signal, subprocess, sys\nfrom pytest_carbon.processes.pass_signals import PassSignals\n"
        f"command = subprocess.Popen([sys.executable, '-c', {COMMAND!r}], stdout=subprocess.PIPE)\n"
        "command.stdout.readline()\n"
        "with PassSignals() as signals:\n"
        "    signals.to(command)\n"
        "    for _ in range(2): os.killpg(0, signal.SIGUSR1)\n"
        "    os.kill(os.getpid(), signal.SIGUSR1)\n"
        "    os.kill(os.getpid(), signal.SIGUSR2)\n"
        "    print(command.communicate()[0].decode())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, start_new_session=True,
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}, timeout=30,
    )  # fmt: skip
    received = [int(word) for word in done.stdout.split()]
    assert received[-1] == USR2
    assert len(received) in (3, 4)  # signals of one number that wait become one
