"""Tells bare repositories from plain files of a checkout that are shaped as one."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def find_bare(folder: Path) -> Path | None:
    """Return a folder that is a bare repository; None if it is none, or lies in a work tree.

    A commit can hold plain files in the shape of a bare repository, whose configuration would run commands. It cannot
    hold a folder ``.git`` or anything below.
    """
    if not is_bare_shaped(folder):
        return None
    whole = folder.resolve()
    if ".git" not in whole.parts and any(map(_has_git_folder, (whole, *whole.parents))):
        return None
    return folder


def is_bare_shaped(folder: Path) -> bool:
    """Return whether a folder has what makes git take it for a bare repository."""
    with suppress(PermissionError):  # git may not look there either
        head = folder / "HEAD"
        has_objects = (folder / "objects").is_dir() or (folder / "commondir").is_file()
        return has_objects and (head.is_file() or head.is_symlink())
    return False


def _has_git_folder(folder: Path) -> bool:
    with suppress(PermissionError):
        return (folder / ".git").exists()
    return False


def enclosing_bare(folder: Path) -> Path | None:
    """Return the folder, at or above this one, that git would take for a bare repository before it finds a work tree.

    Git before 2.38 does not know the setting ``safe.bareRepository``, and would use it.
    """
    whole = folder.resolve()
    for place in (whole, *whole.parents):
        if _has_git_folder(place):
            return None
        if is_bare_shaped(place):
            return place
    return None
