"""Finds the repository of a folder, and the commit at which a branch left the default branch."""

from __future__ import annotations

from pathlib import Path

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.git import run_git
from pytest_carbon.git.branches import find_branch
from pytest_carbon.git.refusal import why_git_refuses


def repository_folder(folder: Path) -> Path:
    """Return the top folder of the repository that a folder is in.

    Raises ConfigError without a repository, and if git refuses it.
    """
    top = run_git.try_text(["rev-parse", "--show-toplevel"], folder)
    if top is None:
        raise ConfigError(
            why_git_refuses(folder)
            or f"{folder} is in no git repository, or git is not installed; base and head are commits"
        )
    return Path(top)


def find_base(top: Path, remote: str, default_branch: str) -> str:
    """Return the commit at which HEAD left the default branch, of the remote if it is known there.

    On the default branch itself, return HEAD if files are changed, else the commit before. Raises ConfigError in a
    repository without a commit.
    """
    head = run_git.find_commit("HEAD", top)
    if head is None:
        raise ConfigError("no base: this repository has no commit yet; make a commit first")
    default = find_branch(default_branch, remote, top)
    left = (default and run_git.try_text(["merge-base"], top, names=[head, default])) or head
    if left == head and not run_git.try_text(["status", "--porcelain", "--ignore-submodules=dirty"], top):
        return run_git.find_commit("HEAD^", top) or head
    return left
