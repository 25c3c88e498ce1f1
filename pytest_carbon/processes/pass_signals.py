"""Passes on to a command the signals that were sent to this process alone, not those that the command got as well."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from types import FrameType, TracebackType

from pytest_carbon.processes import group_listener

PASSED = tuple(
    getattr(signal, name)
    for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2")
    if hasattr(signal, name)
)
"""Signals that would end this process, and so leave its command alone."""
_HEARD_WITHIN_S = 0.3


class PassSignals:
    """A context manager. From ``to`` on, the command gets each signal once; before, signals wait for it.

    A signal that is ignored already, as after ``nohup``, stays ignored.
    """

    def __init__(self) -> None:
        self._command: subprocess.Popen[bytes] | None = None
        self._waiting: list[int] = []
        self._before = {number: signal.getsignal(number) for number in PASSED}
        self._before = {n: handler for n, handler in self._before.items() if handler not in (signal.SIG_IGN, None)}
        self._heard: set[int] = set()
        self._listener = _start_listener(list(self._before))

    def __enter__(self) -> PassSignals:
        for number in self._before:
            signal.signal(number, self._receive)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._listener is not None:
            self._listener.communicate()

    def to(self, command: subprocess.Popen[bytes]) -> None:
        """Pass on the signals that came before the command ran, and all that come."""
        self._command = command
        for number in self._waiting:
            command.send_signal(number)

    def _receive(self, number: int, _: FrameType | None) -> None:
        if self._command is None:
            self._waiting.append(number)
        elif not self._was_sent_to_the_group(number):
            self._command.send_signal(number)

    def _was_sent_to_the_group(self, number: int) -> bool:
        """Return whether the listener has heard the signal, too, or hears it within a moment."""
        if self._listener is None or self._listener.stdout is None:
            return os.name != "posix"  # a console of Windows sends to all its processes
        output = self._listener.stdout.fileno()
        while number not in self._heard and select.select([output], [], [], _HEARD_WITHIN_S)[0]:
            heard = os.read(output, 64)
            if not heard:
                break
            self._heard.update(heard)
        was_heard = number in self._heard
        self._heard.discard(number)
        return was_heard


def _start_listener(numbers: list[int]) -> subprocess.Popen[bytes] | None:
    """Start the listener and wait until it listens; None where it cannot be started."""
    if os.name != "posix":
        return None
    with suppress(OSError):
        listener = subprocess.Popen(
            [sys.executable, "-I", "-S", group_listener.__file__, *map(str, numbers)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
        )
        if listener.stdout is not None:
            listener.stdout.read(1)
        return listener
    return None
