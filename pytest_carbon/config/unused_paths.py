"""Finds paths of features that match no file of the project: they are misspelt, or their files have moved."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Collection, Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path, PurePosixPath

from pytest_carbon.config.load import Config
from pytest_carbon.core.budget.budget import holder_phrase
from pytest_carbon.core.path_globs import literal_prefix, path_glob
from pytest_carbon.git import run_git

MOST_FILES = 5_000
"""A path is taken as right if so many files and folders of its folder are not all."""
_MOST_NAMED = 5
_STEP = "correct it in the policy, or remove it"


def unused_paths(config: Config, files: Collection[str]) -> str:
    """Return a sentence on paths that match neither one of ``files`` nor a file of the project; empty without one.

    ``files`` are those of tests that ran, relative to the project. Also a file that only git has counts, as in a
    sparse checkout.
    """
    claims = [(name, glob) for name, globs in config.feature_paths.items() for glob in globs]
    unused = [claim for claim in claims if not _matches_any(claim[1], files)]
    unused = [claim for claim in unused if not _may_be_on_disk(config.root, claim[1])]
    in_git = files_in_git(config.root) if unused else []
    unused = [claim for claim in unused if not _matches_any(claim[1], in_git)]
    if not unused:
        return ""
    steps = [_step(config.root, glob, [*files, *in_git]) for _, glob in unused[:_MOST_NAMED]]
    named = [f"{glob!r} of {holder_phrase(name)}" for name, glob in unused[:_MOST_NAMED]]
    if len(unused) == 1:
        return f"the path {named[0]} matches no file of the project; {steps[0] or _STEP}"
    told = ", ".join(f"{name} ({step})" if step else name for name, step in zip(named, steps, strict=True))
    more = f" and {len(unused) - _MOST_NAMED} more" if len(unused) > _MOST_NAMED else ""
    return f"the paths {told}{more} match no file of the project; correct them in the policy, or remove them"


def _step(root: Path, glob: str, files: Collection[str]) -> str:
    """Return what to do about a path that matches nothing, if it can be told; else an empty text."""
    for text in (glob, glob.lstrip("/")):
        meant = _meant(root, text, files)
        if meant:
            return f"write {meant!r}"
    above = [str(folder) for folder in PurePosixPath(literal_prefix(glob)).parents]
    module = next((folder for folder in above if folder in files and (root / folder).is_dir()), None)
    if module:
        return f"the git submodule {module!r} is not checked out here"
    return "write one path for each word in braces" if "{" in glob and "}" in glob else ""


def _meant(root: Path, glob: str, files: Collection[str]) -> str:
    """Return the path as it is written right, if that matches; empty if not.

    It begins at the project's folder, has slashes and no dots, names no test in a file, and capitals as the files have.
    """
    top = root.as_posix()
    whole = posixpath.normpath(posixpath.join(top, glob.replace("\\", "/").partition("::")[0]))
    path = whole.removeprefix(f"{top}/")
    if path == whole:
        return ""
    if path != glob and (_matches_any(path, files) or _may_be_on_disk(root, path)):
        return path
    matches, prefix = path_glob(path.casefold()).matches, literal_prefix(path)
    on_disk = (file for file in islice(_files_below(root, root), MOST_FILES) if file)
    alike = next((file for file in chain(files, on_disk) if matches(file.casefold())), "")
    path = alike[: len(prefix)] + path[len(prefix) :]
    return path if alike and _matches_any(path, [alike]) else ""


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
