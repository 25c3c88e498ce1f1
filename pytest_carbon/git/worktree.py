"""Other commits beside the user's own tree, as git worktrees: the user's files, index and HEAD are never touched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pytest_carbon.core.errors import CarbonError
from pytest_carbon.git import run_git
from pytest_carbon.git.run_git import GitError

_TIMEOUT_S = 600.0
_NO_HOOKS = ("-c", f"core.hooksPath={os.devnull}", "-c", "core.fsmonitor=false")
_COMPILED = (".so", ".pyd", ".dylib")


class MeasureError(CarbonError):
    """Base and head cannot be measured: a commit that is not there, or a setup or run that failed."""


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """Paths relative to the repository: ``changed`` since HEAD or not yet added, ``ignored`` by git."""

    changed: tuple[str, ...]
    ignored: tuple[str, ...]


def resolve_commit(repository: Path, commit: str) -> str:
    """Return a commit's full hash; MeasureError with the next step if it is not in the repository."""
    found = run_git.find_commit(commit, repository)
    if found is not None:
        return found
    shallow = run_git.try_text(["rev-parse", "--is-shallow-repository"], repository)
    if shallow is None:
        raise MeasureError(f"{repository} is not a git repository, or git is not installed; base and head are commits")
    if shallow == "true":
        raise MeasureError(
            f"commit {commit!r} is not in this repository, which is a shallow clone; fetch it with "
            f"git fetch --depth=1 origin {commit}, or set fetch-depth: 0 where the CI checks out"
        )
    raise MeasureError(f"there is no commit {commit!r} in this repository; is it spelt right? if it is new: git fetch")


@contextmanager
def checkout(repository: Path, commit: str, folder: Path) -> Iterator[Path]:
    """Check a commit out into a folder that is not there yet, and remove it at the end, however that comes.

    No hook of the repository runs; submodules and files of Git LFS are not fetched. Raises MeasureError.
    """
    if "GIT_INDEX_FILE" in os.environ:  # git would take it for the worktree's and overwrite it
        raise MeasureError("GIT_INDEX_FILE is set, as in a git hook; measure outside of the hook, or unset it")
    try:
        _add(repository, resolve_commit(repository, commit), folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with suppress(GitError):
            run_git.run(["worktree", "remove", "--force", "--force", str(folder)], repository)


def _add(repository: Path, commit: str, folder: Path) -> None:
    try:
        run_git.run(
            [*_NO_HOOKS, "worktree", "add", "--detach", "--quiet", str(folder), commit],
            repository,
            environment={"GIT_LFS_SKIP_SMUDGE": "1"},
            timeout_s=_TIMEOUT_S,
        )
    except GitError as error:
        raise MeasureError(
            f"commit {commit[:12]} could not be checked out into {folder} ({error.output or error}); "
            "is there space, and is git 2.30 or newer?"
        ) from error


def missing_parts(tree: Path) -> list[str]:
    """Return a sentence for what a checkout of this commit lacks: submodules, files of Git LFS."""
    gaps = []
    if (tree / ".gitmodules").is_file():
        gaps.append("submodules are not checked out on either side; set [confirm] setup to fetch what the tests need")
    with suppress(OSError):
        if b"filter=lfs" in (tree / ".gitattributes").read_bytes():
            gaps.append(
                "files of Git LFS are not fetched on either side; set [confirm] setup to fetch what the tests need"
            )
    return gaps


def local_files(repository: Path) -> LocalFiles:
    """Return what in the user's tree is not in HEAD, without writing to the index."""
    told = run_git.run(
        ["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignored=matching",
         "--ignore-submodules=all"],
        repository,
        environment={"GIT_OPTIONAL_LOCKS": "0"},
    )  # fmt: skip
    entries = [os.fsdecode(entry) for entry in told.split(b"\0") if entry and not entry.endswith(b"/")]
    return LocalFiles(
        changed=tuple(entry[3:] for entry in entries if not entry.startswith("!!")),
        ignored=tuple(entry[3:] for entry in entries if entry.startswith("!!")),
    )


def copy_changes(paths: Iterable[str], repository: Path, tree: Path) -> None:
    """Make files of a checkout equal to the user's: copied if they are there, removed if not."""
    pairs = [(repository / path, tree / path) for path in paths]
    for _, target in pairs:
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)
    for source, target in pairs:
        if source.is_symlink() or source.is_file():  # a folder's files have paths of their own
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)


def copy_generated(ignored: Iterable[str], repository: Path, tree: Path) -> list[str]:
    """Copy generated modules that git ignores, such as ``_version.py``, beside a checkout's; return the gaps.

    Compiled modules belong to the commit they were built from, so that they are left out.
    """
    lacking = [path for path in ignored if (tree / path).parent.is_dir() and not (tree / path).exists()]
    modules = [path for path in lacking if path.endswith(".py")]
    compiled = [path for path in lacking if path.endswith(_COMPILED)]
    copy_changes(modules, repository, tree)
    gaps = [f"{path} is not in git: both sides use the one of your checkout" for path in modules]
    return gaps + [
        f"{path} is compiled and not in git: both sides run without it; set [confirm] setup to build it"
        for path in compiled
    ]
