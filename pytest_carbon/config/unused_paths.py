"""Finds paths of features that match no file of the project: they are misspelt, or their files have moved."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

from pytest_carbon.config.load import Config
from pytest_carbon.core.budget.budget import holder_phrase
from pytest_carbon.core.path_globs import literal_prefix, path_glob
from pytest_carbon.git import run_git

MOST_FILES = 5_000
"""A path is taken as right if so many files and folders of its folder are not all."""
_MOST_NAMED = 5


def unused_paths(config: Config, files: Collection[str]) -> str:
    """Return a sentence on paths that match neither one of ``files`` nor a file of the project; empty without one.

    ``files`` are those of tests that ran, relative to the project. Also a file that only git has counts, as in a
    sparse checkout.
    """
    claims = [(name, glob) for name, globs in config.feature_paths.items() for glob in globs]
    unused = [claim for claim in claims if not _matches_any(claim[1], files)]
    unused = [claim for claim in unused if not _may_be_on_disk(config.root, claim[1])]
    if unused:
        in_git = files_in_git(config.root)
        unused = [claim for claim in unused if not _matches_any(claim[1], in_git)]
    if not unused:
        return ""
    named = ", ".join(f"{glob!r} of {holder_phrase(name)}" for name, glob in unused[:_MOST_NAMED])
    more = f" and {len(unused) - _MOST_NAMED} more" if len(unused) > _MOST_NAMED else ""
    if len(unused) == 1:
        return f"the path {named} matches no file of the project; correct it in the policy, or remove it"
    return f"the paths {named}{more} match no file of the project; correct them in the policy, or remove them"


def files_in_git(root: Path) -> list[str]:
    """Return the files below a folder that git tracks; none without git."""
    try:
        return run_git.run(["ls-files", "-z"], root).decode("utf-8", "surrogateescape").split("\0")[:-1]
    except run_git.GitError:
        return []


def _matches_any(glob: str, files: Collection[str]) -> bool:
    return any(map(path_glob(glob).matches, files))


def _may_be_on_disk(root: Path, glob: str) -> bool:
    """Return whether a glob matches a file on disk, or may match one: beyond a link, or beyond the most files."""
    whole = literal_prefix(glob)
    folder = PurePosixPath(whole if whole == glob else whole.rpartition("/")[0])
    if folder.is_absolute() or ".." in folder.parts:
        return False
    matches = path_glob(glob).matches
    with suppress(OSError, ValueError):  # no file can have such a name
        if (root / folder).is_file():
            return matches(str(folder))
    return any(
        number == MOST_FILES or path is None or matches(path)
        for number, path in enumerate(_files_below(root, root / folder))
    )


def _files_below(root: Path, top: Path) -> Iterator[str | None]:
    """Yield every file below a folder, relative to the root, but for hidden folders; None for a folder that is a link.

    A folder counts as an empty path, so that a tree without files has an end, too.
    """
    if "\0" in str(top):
        return
    for place, folders, files in os.walk(top):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (None if Path(place, name).is_symlink() else "" for name in folders)
        yield from (Path(place, name).relative_to(root).as_posix() for name in files)
