"""A mark from pytest to whoever watches it from outside: the CPU time that its start took.

It goes through a pipe, before code of the project is imported. Only the first mark counts, so that such code cannot
change it.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from contextlib import suppress

VARIABLE = "PYTEST_CARBON_WATCH"
"""Names the pipe for a command and its children: the number of its descriptor, its device and its inode."""
_MARK_BYTES = 64


class StartMark:
    """The watcher's side of the pipe. ``descriptors`` and ``environment`` are for the command that is watched.

    Without pipes that a command can inherit, as on Windows, both are empty.
    """

    def __init__(self) -> None:
        self.descriptors: tuple[int, ...] = ()
        self.environment: Mapping[str, str] = {}
        if os.name == "posix":
            self._from, to = os.pipe()
            self.descriptors = (to,)
            self.environment = {VARIABLE: _name(to)}

    def take(self) -> float | None:
        """Close the pipe, and return the CPU seconds of the first mark; None if there is none."""
        if not self.descriptors:
            return None
        os.close(self.descriptors[0])
        os.set_blocking(self._from, False)
        with open(self._from, "rb", buffering=0) as pipe:
            first = (pipe.read(_MARK_BYTES) or b"").partition(b"\n")[0]
        with suppress(ValueError):
            cpu_s = float(first)
            return cpu_s if math.isfinite(cpu_s) and cpu_s >= 0 else None
        return None


def send_start_mark(cpu_s: float) -> None:
    """Tell the watcher, if there is one, the CPU seconds up to now. No process that this one starts can do so again."""
    name = os.environ.pop(VARIABLE, "")
    with suppress(OSError, ValueError):
        to = int(name.partition(":")[0])
        if name == _name(to):  # else it was closed on the way here, and another file may have its number
            with open(to, "wb", buffering=0) as pipe:
                pipe.write(b"%.6f\n" % cpu_s)


def _name(descriptor: int) -> str:
    status = os.fstat(descriptor)
    return f"{descriptor}:{status.st_dev}:{status.st_ino}"
