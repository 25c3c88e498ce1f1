"""A lock between the processes of one machine. It ends with the process that holds it."""

from __future__ import annotations

import fcntl
import itertools
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.retry import retry
from pytest_carbon.files.write_safely import open_lock


@contextmanager
def locked(path: Path, limit_s: float) -> Iterator[None]:
    """Hold the lock file at ``path``. Raises LedgerError if other processes have held it for ``limit_s`` seconds."""
    deadline = time.monotonic() + limit_s
    waits_s = (random.uniform(0.005, 0.03) for _ in itertools.count())  # noqa: S311 - no secret
    with open_lock(path) as file:
        try:
            retry(
                lambda: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB),
                waits_s,
                errors=BlockingIOError,
                pause=time.sleep,
                time_left_s=lambda: deadline - time.monotonic(),
            )
        except BlockingIOError:
            raise LedgerError(
                f"other processes have held {path} for {limit_s:.0f} s; try again when they have ended"
            ) from None
        yield
