"""What git has of the files that declare something: at a commit, in the working tree, on a maintained branch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_carbon.config.load import default_branch
from pytest_carbon.core.devices.judge_drops import MaintainedBranch
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.report.ledger_records import parse_time
from pytest_carbon.declared.read_project import MAX_FILE_BYTES, may_declare, read_declarations
from pytest_carbon.git import run_git

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config

_TOO_LARGE = bytes(MAX_FILE_BYTES + 1)


def top_of(config: Config) -> Path:
    """Return the folder of the repository; ConfigError where there is none."""
    top = run_git.try_text(["rev-parse", "--show-toplevel"], config.root)
    if top is None:
        raise ConfigError(f"{config.root} is in no git repository, or git is not installed; base and head are commits")
    return Path(top)


def commit(name: str, top: Path) -> str:
    """Return a commit's full hash; ConfigError if it is not here."""
    found = run_git.find_commit(name, top)
    if found is None:
        raise ConfigError(f"there is no commit {name!r} in this repository; is it spelt right? if it is new: git fetch")
    return found


def base_of(config: Config, top: Path) -> str:
    """Return the commit this branch left the default one at; on that branch itself the last commit, or that before."""
    head = run_git.find_commit("HEAD", top)
    if head is None:
        raise ConfigError("no base: this repository has no commit yet")
    branch = default_branch(config)
    names = (f"{config.ledger.remote}/{branch}", branch)
    left = next((found for name in names if (found := run_git.try_text(["merge-base", "HEAD", name], top))), head)
    if left == head and not run_git.try_text(["status", "--porcelain"], top):
        return run_git.find_commit("HEAD^", top) or head
    return left


def files_at(commit: str, top: Path) -> dict[str, bytes]:
    """Return the files of a commit that may declare something, by their path."""
    return contents(blobs_at(commit, top), top)


def blobs_at(commit: str, top: Path, *more: str) -> dict[str, str]:
    """Return the blobs of a commit's files that may declare something, and of ``more``, by their path."""
    files = run_git.parse_listing(run_git.run(["ls-tree", "-r", "-z", commit], top), "replace")
    return {path: blob for mode, blob, path in files if mode.startswith("100") and (may_declare(path) or path in more)}


def contents(blobs: Mapping[str, str], top: Path) -> dict[str, bytes]:
    """Read blobs, all in two calls of git: ``ls-tree --long`` would size every file there is.

    Of one that is too large to be read stands something else that is too large.
    """
    sizes = _cat_file("--batch-check=%(objectsize)", blobs, top).decode("ascii").splitlines()
    missing = [path for path, size in zip(blobs, sizes, strict=True) if not size.isdigit()]
    if missing:
        raise ConfigError(f"{missing[0]} is not here as git knows it; is this clone whole? git fsck tells")
    read = {path: blob for (path, blob), size in zip(blobs.items(), sizes, strict=True) if int(size) <= MAX_FILE_BYTES}
    answers = zip(read, run_git.parse_objects(_cat_file(run_git.BATCH_OPTION, read, top)), strict=True)
    return {**dict.fromkeys(blobs, _TOO_LARGE), **{path: data for path, (_, data) in answers if data is not None}}


def _cat_file(how: str, blobs: Mapping[str, str], top: Path) -> bytes:
    return run_git.run(["cat-file", how], top, stdin="".join(f"{blob}\n" for blob in blobs.values()).encode())


def files_here(top: Path) -> dict[str, bytes]:
    """Return the files of the working tree that may declare something: all that git knows or does not ignore."""
    listed = run_git.run(["ls-files", "-z", "--cached", "--others", "--exclude-standard"], top).decode(
        "utf-8", "replace"
    )
    found = {}
    for path in {path for path in listed.split("\0") if path and may_declare(path)}:
        file = top / path
        if file.is_file() and not file.is_symlink():
            found[path] = file.read_bytes() if file.stat().st_size <= MAX_FILE_BYTES else _TOO_LARGE
    return found


def branches(config: Config, top: Path) -> list[MaintainedBranch]:
    """Return the branches that the policy calls maintained, as far as they are here.

    Not the one that is checked out: what it still has is what is being dropped from it.
    """
    found = []
    own = run_git.try_text(["symbolic-ref", "--short", "HEAD"], top)
    for name in config.policy.devices.maintained_branches:
        if name == own:
            continue
        commits = (run_git.find_commit(where, top) for where in (f"{config.ledger.remote}/{name}", name))
        commit = next((one for one in commits if one), None)
        if commit:
            last = run_git.run_text(["show", "-s", "--format=%cI", commit], top)
            found.append(MaintainedBranch(name, read_declarations(files_at(commit, top)), parse_time(last)))
    return found
