"""Keeps some file descriptors for our own work, should the tests use up all that a process may have."""

from __future__ import annotations

import os
from contextlib import suppress

try:
    from resource import RLIMIT_NOFILE, getrlimit, setrlimit
except ImportError:  # Windows has no such limit, and tells no two pipes apart
    _IS_LIMITED = False
else:
    _IS_LIMITED = True

_SPARE = 16
_close, _dup, _fstat, _pipe = os.close, os.dup, os.fstat, os.pipe


class SpareDescriptors:
    """Descriptors of a pipe that nobody uses, and the limit of this process when it was made.

    A test may close descriptors that are not its own, and get their numbers: those are not ours any more.
    """

    def __init__(self) -> None:
        self._held: list[int] = []
        self._pipe: tuple[int, int] | None = None
        self._limit = getrlimit(RLIMIT_NOFILE)[0] if _IS_LIMITED else 0
        self._lowered: int | None = None
        self.hold()

    def hold(self) -> None:
        """Take descriptors until enough are held, or none is left, and put a limit of the tests back."""
        if not _IS_LIMITED:
            return
        with suppress(OSError):
            if not self._held:
                self._held += _pipe()
                self._pipe = _identity(self._held[0])
            while len(self._held) < _SPARE:
                self._held.append(_dup(self._held[0]))
        if self._lowered is not None:
            _set_limit(self._lowered)
            self._lowered = None

    def release(self) -> None:
        """Close those that are still ours, and lift a limit that the tests have lowered."""
        held, self._held = self._held, []
        for number in held:
            with suppress(OSError):
                if _identity(number) == self._pipe:
                    _close(number)
        if _IS_LIMITED and (now := getrlimit(RLIMIT_NOFILE)[0]) < self._limit:
            self._lowered = now
            _set_limit(self._limit)


def _set_limit(limit: int) -> None:
    with suppress(OSError, ValueError):
        setrlimit(RLIMIT_NOFILE, (limit, getrlimit(RLIMIT_NOFILE)[1]))


def _identity(number: int) -> tuple[int, int]:
    status = _fstat(number)
    return status.st_dev, status.st_ino
