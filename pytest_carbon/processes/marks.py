"""Marks that pytest sends to whoever watches its command, so that the watcher counts CPU time at these moments.

They go through a pipe. A mark says nothing but that it was sent: what it is worth, the watcher reads from the kernel.
The first is sent before code of the project is imported, and cannot be taken back.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

VARIABLE = "PYTEST_CARBON_WATCH"
"""Names the pipe to a command and its children: the number of its descriptor, its device and its inode."""
_BYTES = 64
_PAUSE_S = 0.02


class MarkReader:
    """The watcher's end: calls ``on_mark`` in a thread. ``descriptors`` and ``environment`` are for the command.

    Where a command cannot inherit a pipe, as on Windows, both are empty, and no mark ever comes.
    """

    def __init__(self, on_mark: Callable[[], None]) -> None:
        self.descriptors: tuple[int, ...] = ()
        self.environment: Mapping[str, str] = {}
        if os.name != "posix":
            return
        self._from, to = os.pipe()
        self._stopped, self._stop = os.pipe()
        self.descriptors = (to,)
        self.environment = {VARIABLE: _name(to)}
        self._thread = threading.Thread(target=self._read, args=(on_mark,), daemon=True)
        self._thread.start()

    def _read(self, on_mark: Callable[[], None]) -> None:
        while self._stopped not in select.select([self._from, self._stopped], [], [])[0]:
            os.read(self._from, _BYTES)
            on_mark()
            time.sleep(_PAUSE_S)

    def close(self) -> None:
        """Stop reading; processes that still hold the other end do not matter."""
        if self.descriptors:
            os.write(self._stop, b".")
            self._thread.join()
            for descriptor in (self._from, self._stopped, self._stop, *self.descriptors):
                os.close(descriptor)
            self.descriptors = ()


class MarkSender:
    """The end of the process that is watched. The processes that it starts get neither the pipe nor its name."""

    def __init__(self) -> None:
        self._name = os.environ.pop(VARIABLE, "")

    def send(self) -> None:
        """Send a mark to the watcher, if there is one."""
        with suppress(OSError, ValueError):
            to = int(self._name.partition(":")[0])
            if self._name == _name(to):  # else the pipe was closed, and another file may have its number
                os.set_inheritable(to, False)
                os.write(to, b".")


def _name(descriptor: int) -> str:
    status = os.fstat(descriptor)
    return f"{descriptor}:{status.st_dev}:{status.st_ino}"
