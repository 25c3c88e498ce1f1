"""The listener in the process group: it tells what it hears, and ends with its parent."""

from __future__ import annotations

import signal
import subprocess
import sys

from pytest_carbon.processes import group_listener


def test_it_tells_the_numbers_that_it_hears_until_its_input_ends() -> None:
    """A signal that would end a process does not end it."""
    command = [sys.executable, "-I", "-S", group_listener.__file__, str(int(signal.SIGINT)), str(int(signal.SIGHUP))]
    listener = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
    assert listener.stdout is not None
    assert listener.stdout.read(1) == group_listener.READY
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGINT):
        listener.send_signal(number)
        assert listener.stdout.read(1) == bytes([number])
    assert listener.communicate(timeout=10) == (b"", None)
    assert listener.returncode == 0
