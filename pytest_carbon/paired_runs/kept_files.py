"""Keeps a side's own files, and puts back what a run of this side has written to, such as a counter or a snapshot.

The copies are no side's own, so that the guard sees whoever changes them.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from pytest_carbon.paired_runs.tree_guard import LOADED

_GIT = ".git"


def keep_files(tree: Path, paths: Iterable[str], kept: Path) -> None:
    """Copy what a run may write to: the repository of a checkout, and its files but those that Python loads."""
    kept.mkdir()
    for path in map(Path, paths):
        if not path.name.endswith(LOADED):
            target = kept / path.relative_to(tree)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target, follow_symlinks=False)
    if (tree / _GIT).is_dir():
        shutil.copytree(tree / _GIT, kept / _GIT, symlinks=True)


def put_back(tree: Path, kept: Path, changed: Iterable[str]) -> tuple[list[str], list[str]]:
    """Put the repository and changed files back; return the files that are back, and those that are not.

    Nothing is written behind a link that a run has put in the place of a folder.
    """
    back: list[str] = []
    lost: list[str] = []
    for path in changed:
        (back if _put_back(tree, kept, Path(path)) else lost).append(path)
    if (kept / _GIT).is_dir() and not _put_back(tree, kept, tree / _GIT):
        lost.append(str(tree / _GIT))
    return back, lost


def _put_back(tree: Path, kept: Path, path: Path) -> bool:
    source = kept / path.relative_to(tree)
    try:
        if path.parent.resolve() != path.parent or not (source.is_symlink() or source.exists()):
            return False
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
        if source.is_dir() and not source.is_symlink():
            shutil.copytree(source, path, symlinks=True)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, path, follow_symlinks=False)
    except (OSError, shutil.Error):
        return False
    return True
