"""A lock between processes of one machine, which ends with the process that holds it."""

from __future__ import annotations

import fcntl
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_carbon.core.errors import LedgerError


@contextmanager
def locked(path: Path, limit_s: float) -> Iterator[None]:
    """Hold the lock file at ``path``; LedgerError if another process has held it for ``limit_s`` seconds."""
    deadline = time.monotonic() + limit_s
    with path.open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise LedgerError(
                        f"other processes have held {path} for {limit_s:.0f} s; try again when they have ended"
                    ) from None
                time.sleep(random.uniform(0.005, 0.03))  # noqa: S311 - no secret
        yield
