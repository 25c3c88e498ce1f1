"""Picks the commits that are compared: the base of a branch, a named commit, and the maintained branches."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from pytest_carbon.core.devices.judge_drops import MaintainedBranch
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.report.ledger_records import parse_time
from pytest_carbon.declared.files_at_commit import read_files_at
from pytest_carbon.declared.read_project import read_declarations
from pytest_carbon.git import run_git


def repository_folder(folder: Path) -> Path:
    """Return the top folder of the repository that a folder is in. Raises ConfigError without a repository."""
    top = run_git.try_text(["rev-parse", "--show-toplevel"], folder)
    if top is None:
        raise ConfigError(f"{folder} is in no git repository, or git is not installed; base and head are commits")
    return Path(top)


def resolve_commit(name: str, top: Path) -> str:
    """Return the full hash of a commit. Raises ConfigError if the repository does not have the commit."""
    commit = run_git.find_commit(name, top)
    if commit is None:
        raise ConfigError(f"there is no commit {name!r} in this repository; is it spelt right? if it is new: git fetch")
    return commit


def find_base(top: Path, remote: str, default_branch: str) -> str:
    """Return the commit at which HEAD left the default branch, of the remote if it is known there.

    On the default branch itself, return HEAD if files are changed, else the commit before. Raises ConfigError in a
    repository without a commit.
    """
    head = run_git.find_commit("HEAD", top)
    if head is None:
        raise ConfigError("no base: this repository has no commit yet")
    names = (f"{remote}/{default_branch}", default_branch)
    left = next((commit for name in names if (commit := run_git.try_text(["merge-base", "HEAD", name], top))), head)
    if left == head and not run_git.try_text(["status", "--porcelain"], top):
        return run_git.find_commit("HEAD^", top) or head
    return left


def read_maintained_branches(names: Iterable[str], top: Path, remote: str) -> list[MaintainedBranch]:
    """Return the named branches that the repository has, of the remote first.

    The branch that is checked out is left out: what it still supports is what the change drops.
    """
    branches = []
    checked_out = run_git.try_text(["symbolic-ref", "--short", "HEAD"], top)
    for name in names:
        commit = run_git.find_commit(f"{remote}/{name}", top) or run_git.find_commit(name, top)
        if commit and name != checked_out:
            declarations = read_declarations(read_files_at(commit, top))
            branches.append(MaintainedBranch(name, declarations, commit_time(commit, top)))
    return branches


def commit_time(commit: str, top: Path) -> datetime:
    """Return the time at which a commit was committed."""
    return parse_time(run_git.run_text(["show", "-s", "--format=%cI", commit], top))
