"""Tells bare repositories from plain files of a checkout that are shaped as one."""

from __future__ import annotations

from pathlib import Path


def find_bare(folder: Path) -> Path | None:
    """Return a folder that is a bare repository; None if it is none, or lies in a work tree.

    A commit can hold plain files in the shape of a bare repository, whose configuration would run commands. It cannot
    hold a folder ``.git`` or anything below.
    """
    if not is_bare_shaped(folder):
        return None
    whole = folder.resolve()
    if ".git" not in whole.parts and any((place / ".git").exists() for place in (whole, *whole.parents)):
        return None
    return folder


def is_bare_shaped(folder: Path) -> bool:
    """Return whether a folder has what makes git take it for a bare repository."""
    return (folder / "HEAD").is_file() and (folder / "objects").is_dir()
