"""Checks out commits outside the user's tree. The user's files, index, HEAD and settings stay untouched."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from pytest_carbon.core.errors import CarbonError
from pytest_carbon.files.read_bounded import LIST_BYTES, read_bytes
from pytest_carbon.git import run_git
from pytest_carbon.git.branches import spelling_hint
from pytest_carbon.git.refusal import why_git_refuses
from pytest_carbon.git.run_git import GitError

_TIMEOUT_S = 600.0
_OF_CLONE = ("HEAD", "config", "packed-refs", "shallow", "refs", "reftable", "info/attributes", "info/exclude")
"""What a clone of ours takes from a repository, so that git behaves in it as there; the objects are only pointed to."""
_COMPILED = (".so", ".pyd", ".dylib")


class CheckoutError(CarbonError):
    """A commit is missing, or cannot be checked out."""


@dataclass(frozen=True, slots=True)
class LocalFiles:
    """Paths relative to the repository: files changed since HEAD or untracked, and files that git ignores."""

    changed: tuple[str, ...]
    ignored: tuple[str, ...]


def resolve_commit(repository: Path, commit: str) -> str:
    """Return a commit's full hash. Raises CheckoutError, with the next step, if the repository does not have it."""
    full_hash = run_git.find_commit(commit, repository)
    if full_hash is not None:
        return full_hash
    shallow = run_git.try_text(["rev-parse", "--is-shallow-repository"], repository)
    if shallow is None:
        raise CheckoutError(
            why_git_refuses(repository)
            or f"{repository} is not a git repository, or git is not installed; base and head must be commits"
        )
    if shallow == "true":
        raise CheckoutError(
            f"commit {commit!r} is not in this repository, which is a shallow clone; fetch it with "
            f"git fetch --depth=1 origin {commit}, or set fetch-depth: 0 where the CI checks out"
        )
    raise CheckoutError(f"there is no commit {commit!r} in this repository{spelling_hint(commit, repository)}")


@contextmanager
def checkout(repository: Path, commit: str, folder: Path) -> Iterator[Path]:
    """Check a commit out into a new folder, and remove the folder at the end, also after an error.

    The folder has a repository of its own, so that what git does there changes nothing of the user's. No hook runs;
    submodules and files of Git LFS are not fetched. Raises CheckoutError.
    """
    if "GIT_INDEX_FILE" in os.environ:  # git would overwrite that index
        raise CheckoutError("GIT_INDEX_FILE is set, as in a git hook; measure outside the hook, or unset the variable")
    if folder.exists():
        raise CheckoutError(
            f"{commit[:12]} could not be checked out into {folder}, because it already exists; remove it"
        )
    try:
        _fill(repository, resolve_commit(repository, commit), folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fill(repository: Path, commit: str, folder: Path) -> None:
    try:
        common = git_folder(repository)
        _clone(common, folder / ".git")
        here = {"GIT_WORK_TREE": str(folder)}  # a submodule's settings name another
        run_git.run(["config", "core.bare", "false"], folder, environment=here)
        run_git.run(["config", "core.worktree", ".."], folder, environment=here)
        run_git.run(["config", "--unset-all", "core.worktree"], folder)
        run_git.run(["update-ref", "--no-deref"], folder, names=["HEAD", commit])
        run_git.run(
            ["reset", "--hard", "--quiet"],
            folder,
            environment={"GIT_LFS_SKIP_SMUDGE": "1"},
            timeout_s=_TIMEOUT_S,
            fetch_missing=True,
        )
    except (GitError, OSError, shutil.Error) as error:
        reason = getattr(error, "output", "") or error
        raise CheckoutError(
            f"commit {commit[:12]} could not be checked out into {folder} ({reason}); "
            "is there space, and is git 2.30 or newer?"
        ) from error


def git_folder(repository: Path) -> Path:
    """Return the folder of git that a repository shares with its worktrees."""
    return (repository / (run_git.try_text(["rev-parse", "--git-common-dir"], repository) or ".git")).resolve()


def _clone(common: Path, clone: Path) -> None:
    """Copy a repository without its objects and hooks. Raises OSError."""
    (clone / "objects" / "info").mkdir(parents=True)
    (clone / "objects" / "info" / "alternates").write_bytes(os.fsencode(common / "objects") + b"\n")
    (clone / "info").mkdir()
    (clone / "refs").mkdir()
    for name in _OF_CLONE:
        source, target = common / name, clone / name
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
        elif source.is_symlink() or source.is_file():
            shutil.copy(source, target, follow_symlinks=False)


def missing_parts(tree: Path) -> list[str]:
    """Return a sentence for each kind of files that a checkout of this commit lacks: submodules, files of Git LFS."""
    gaps = []
    if (tree / ".gitmodules").is_file():
        gaps.append("submodules are not checked out on either side; set [confirm] setup to fetch what the tests need")
    with suppress(OSError):
        if b"filter=lfs" in read_bytes(tree / ".gitattributes", LIST_BYTES, tree):
            gaps.append(
                "files of Git LFS are not fetched on either side; set [confirm] setup to fetch what the tests need"
            )
    return gaps


def local_files(repository: Path) -> LocalFiles:
    """Return the files of the user's tree that are not as in HEAD. The index is not written."""
    status = run_git.run(
        ["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignored=matching",
         "--ignore-submodules=all"],
        repository,
        environment={"GIT_OPTIONAL_LOCKS": "0"},
    )  # fmt: skip
    entries = [os.fsdecode(entry) for entry in status.split(b"\0") if entry and not entry.endswith(b"/")]
    return LocalFiles(
        changed=tuple(entry[3:] for entry in entries if not entry.startswith("!!")),
        ignored=tuple(entry[3:] for entry in entries if entry.startswith("!!")),
    )


def copy_changes(paths: Iterable[str], repository: Path, tree: Path) -> None:
    """Make files of a checkout equal to the user's: copy those that exist, remove those that do not."""
    pairs = [(repository / path, tree / path) for path in paths]
    for _, target in pairs:
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)
    for source, target in pairs:
        if source.is_symlink() or source.is_file():  # the files of a folder have their own paths
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)


def copy_generated(ignored: Iterable[str], repository: Path, tree: Path) -> list[str]:
    """Copy generated modules that git ignores, such as ``_version.py``, into a checkout; return a sentence for each.

    Compiled modules are not copied, since they belong to the commit from which they were built.
    """
    lacking = [path for path in ignored if (tree / path).parent.is_dir() and not (tree / path).exists()]
    modules = [path for path in lacking if path.endswith(".py")]
    compiled = [path for path in lacking if path.endswith(_COMPILED)]
    copy_changes(modules, repository, tree)
    gaps = [f"{path} is not in git: both sides use the file of your checkout" for path in modules]
    return gaps + [
        f"{path} is compiled and not in git: both sides run without this file; set [confirm] setup to build it"
        for path in compiled
    ]
