"""Reads regular files up to a stated size. A pipe, a device, a folder and a file that is too large end at once."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

from pytest_carbon.files.follow_links import UnfitFileError, follow_links

POLICY_BYTES = 200_000
REPORT_BYTES = 60_000_000
FACTS_BYTES = 32_000_000
IMPORT_BYTES = 2_000_000_000
LIST_BYTES = 1_000_000
LOG_BYTES = 100_000_000_000
"""The largest policy, report, table of facts, import, list of places, and log whose end is shown, in bytes."""
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_TO_A_FILE = "write its content to a file first"
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def read_bytes(path: Path, limit: int, project: Path | None = None) -> bytes:
    """Return the content of a regular file of at most ``limit`` bytes.

    With ``project``, a link in that project may not lead out of it. Raises OSError if the file is missing or cannot be
    read, and UnfitFileError, which is an OSError, if it is no regular file, too large, or behind such a link.
    """
    with open_regular(path, limit, project) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise _too_large(path, limit)
    return data


def open_regular(path: Path, limit: int, project: Path | None = None) -> BinaryIO:
    """Open a regular file of at most ``limit`` bytes to read it in parts. Raises as ``read_bytes`` does."""
    real = follow_links(path, project) if project is not None else path
    try:
        status = os.stat(real)  # noqa: PTH116 - before it is opened: to open some devices has effects
    except FileNotFoundError:
        if str(path) == "-":
            raise UnfitFileError(path, f"standard input is not read; {_TO_A_FILE}") from None
        raise
    _check(path, status, limit)
    descriptor = os.open(real, _FLAGS)
    try:
        _check(path, os.fstat(descriptor), limit)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _check(path: Path, status: os.stat_result, limit: int) -> None:
    if not stat.S_ISREG(status.st_mode):
        kind = next((name for test, name in _KINDS if test(status.st_mode)), "something else")
        remedy = f"; {_TO_A_FILE}" if stat.S_ISFIFO(status.st_mode) else ""
        raise UnfitFileError(path, f"it is {kind}, not a regular file{remedy}")
    if status.st_size > limit:
        raise _too_large(path, limit)


def _too_large(path: Path, limit: int) -> UnfitFileError:
    size = f"{limit // 1_000_000} MB" if limit >= 1_000_000 else f"{limit // 1000} kB"
    return UnfitFileError(path, f"it is larger than {size}")
