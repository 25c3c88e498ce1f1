"""Writes files whole or not at all, never through a link that leaves the project, and never into ``.git``."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from pytest_carbon.files.follow_links import UnfitFileError, follow_links, project_top

PRIVATE, PUBLIC = 0o640, 0o666
"""The widest permissions of a file with figures, and of a file that is made to be published. The umask narrows both."""
PREFIX, SUFFIX = ".new-", ".part"
"""How the name of every temporary file begins and ends."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_GROWING = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_DEVICES, _PROCESSES = Path("/dev"), Path("/proc")
_OPEN_FILES = re.compile(r"/dev/(stdout|stderr|fd/(\d{1,9}))")
_STREAMS = {"stdout": 1, "stderr": 2}


class NameTakenError(FileExistsError):
    """Another process has just written a file of this name."""


def write_whole(path: Path, data: bytes, project: Path, mode: int = PRIVATE) -> None:
    """Write a file, in the place of an older one. Raises OSError; the older file is then unchanged."""
    with replace_when_whole(path, project, mode) as file:
        file.write(data)


@contextmanager
def replace_when_whole(
    path: Path,
    project: Path,
    mode: int = PRIVATE,
    *,
    durable: bool = False,
    scratch: Path | None = None,
    replaces: bool = True,
) -> Iterator[BinaryIO]:
    """Open a temporary file beside ``path`` or in ``scratch``; put it in its place if the block ends without an error.

    With ``durable``, the file is on the disk before it gets its name. A stream, such as /dev/stdout, /dev/fd/63 or
    /dev/null, is written to as it is. Raises OSError, also for a folder and a device in another place, and
    NameTakenError for a file that is there, unless it ``replaces`` that: of two processes, one gets the name.
    """
    stream = _open_stream(path)
    if stream is not None:
        with stream:
            yield stream
        return
    target = real_target(path, project)
    if target.exists() and not target.is_file():
        raise UnfitFileError(path, "there is a folder or a device of this name")
    with _temporary(scratch or target.parent, mode) as (temporary, file):
        yield file
        _finish(file, durable)
        if not replaces:
            _take_name(temporary, target)
        temporary.replace(target)


def _take_name(temporary: Path, target: Path) -> None:
    """Give a file its name if nothing has it. The name is first that of an empty file where there are no links."""
    try:
        try:
            os.link(temporary, target)
        except FileExistsError:
            raise
        except OSError:
            os.close(os.open(target, _NEW, PRIVATE))
    except FileExistsError as error:
        raise NameTakenError(error.errno, error.strerror, str(target)) from error


def write_new(path: Path, data: bytes, project: Path, scratch: Path) -> bool:
    """Write a file that is not there yet; return whether it was not there. Of two processes, one writes the file.

    ``scratch`` is a folder of the same disk, for the temporary file. Raises OSError.
    """
    target = real_target(path, project)
    with _temporary(scratch, PRIVATE) as (temporary, file):
        file.write(data)
        _finish(file, durable=True)
        try:
            os.link(temporary, target)
        except FileExistsError:
            return False
    return True


def _open_stream(path: Path) -> BinaryIO | None:
    """Return an open file of this process, or a device or pipe right below /dev; None for any other place."""
    number = _OPEN_FILES.fullmatch(str(path))
    if number:
        return os.fdopen(os.dup(_STREAMS.get(number[1]) or int(number[2])), "wb")
    with suppress(OSError):
        mode = os.lstat(path).st_mode
        if path.parent == _DEVICES and (stat.S_ISCHR(mode) or stat.S_ISFIFO(mode)):
            return os.fdopen(os.open(path, os.O_WRONLY | os.O_NOCTTY | os.O_NOFOLLOW | os.O_CLOEXEC), "wb")
    return None


@contextmanager
def _temporary(folder: Path, mode: int) -> Iterator[tuple[Path, BinaryIO]]:
    temporary = folder / f"{PREFIX}{os.urandom(8).hex()}{SUFFIX}"
    descriptor = os.open(temporary, _NEW, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield temporary, file
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _finish(file: BinaryIO, durable: bool) -> None:
    file.flush()
    if durable:
        os.fsync(file.fileno())


def append(path: Path, data: bytes) -> None:
    """Append to a file that the CI system or another program reads. Raises OSError, also for a pipe or a link."""
    with open_lock(path) as file:
        file.write(data)


def open_lock(path: Path) -> BinaryIO:
    """Open a file, made if it is missing, to lock it or to append to it. Raises OSError, also for a pipe or a link."""
    descriptor = os.open(path, _GROWING, PRIVATE)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise UnfitFileError(path, "it is not a regular file")
    return os.fdopen(descriptor, "ab")


def open_new(path: Path) -> BinaryIO:
    """Open a new file, in the place of whatever has this name; a link is removed, not followed. Raises OSError."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, _NEW, PRIVATE), "wb")


def make_private_file(path: Path) -> None:
    """Make an empty file for a library that would make it for everybody to read, unless there is something."""
    with suppress(OSError):
        os.close(os.open(path, _NEW, PRIVATE))


def make_folder(folder: Path, project: Path, own: Path | None = None) -> None:
    """Make a folder and its parents. If ``own`` is new and named ``.carbon``, it gets a .gitignore. Raises OSError."""
    real = real_target(folder, project)
    made = own is not None and own.name == ".carbon" and not own.exists()
    real.mkdir(parents=True, exist_ok=True)
    if own is not None and made:
        write_whole(own / ".gitignore", b"*\n", project, PUBLIC)


def remove_file(path: Path, project: Path) -> None:
    """Remove a file if it is there; of a link, the link. Raises OSError, also for a folder."""
    (real_target(path.parent, project) / path.name).unlink(missing_ok=True)


def remove_old(path: Path, project: Path) -> None:
    """Remove the regular file that a path means, where ``write_whole`` would write; leave anything else alone.

    Raises OSError.
    """
    target = real_target(path, project)
    if target.is_file() and not {_DEVICES, _PROCESSES} & {*path.parents}:
        target.unlink()


def real_target(path: Path, project: Path) -> Path:
    """Return the real path of what is to be written. Raises UnfitFileError for a place that is not ours to write to.

    That is a place behind a link that lies in the project and leaves it, and any place in the project's ``.git``.
    """
    real = follow_links(path, project)
    top = project_top(project)
    if real.is_relative_to(top) and any(part.casefold() == ".git" for part in real.relative_to(top).parts):
        raise UnfitFileError(path, "it lies in the folder .git, which belongs to git")
    return real
