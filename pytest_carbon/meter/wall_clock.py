"""The time of day, by a clock that the tests do not move."""

from __future__ import annotations

import os
import tempfile
from datetime import UTC, datetime


def kernel_time() -> datetime:
    """Return the time in UTC with which the kernel stamps a new file.

    Libraries that freeze or move time for tests replace the functions that ask for it, some of them for the whole
    process. A file that the kernel stamps has the real time; it has no name and is gone at once. Without a folder for
    such a file, this is the process's own clock.
    """
    try:
        with tempfile.TemporaryFile() as file:
            return datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
    except OSError:
        return datetime.now(UTC)
