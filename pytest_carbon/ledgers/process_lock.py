"""The lock of a ledger: one process of a machine appends at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.files.lock_file import open_locked


@contextmanager
def locked(path: Path, limit_s: float) -> Iterator[None]:
    """Hold the lock file at ``path``. Raises LedgerError if other processes have held it for ``limit_s`` seconds."""
    try:
        file = open_locked(path, limit_s)
    except BlockingIOError:
        raise LedgerError(
            f"other processes have held {path} for {limit_s:.0f} s; try again when they have ended"
        ) from None
    with file:
        yield
