"""A lock between the processes of one machine. It ends with the process that holds it."""

from __future__ import annotations

import fcntl
import itertools
import random
import time
from pathlib import Path
from typing import BinaryIO

from pytest_carbon.core.retry import retry
from pytest_carbon.files.write_safely import open_lock


def open_locked(path: Path, limit_s: float) -> BinaryIO:
    """Open the lock file at ``path`` and lock it; closing the file ends the lock.

    Raises BlockingIOError if other processes have held it for ``limit_s`` seconds, and any other OSError if the file
    cannot be opened.
    """
    deadline = time.monotonic() + limit_s
    waits_s = (random.uniform(0.005, 0.03) for _ in itertools.count())  # noqa: S311 - no secret
    file = open_lock(path)
    try:
        retry(
            lambda: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB),
            waits_s,
            errors=BlockingIOError,
            pause=time.sleep,
            time_left_s=lambda: deadline - time.monotonic(),
        )
    except BaseException:
        file.close()
        raise
    return file
