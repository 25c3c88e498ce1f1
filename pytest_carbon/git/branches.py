"""Finds branches by their full names, so that no tag of the same name is taken for one."""

from __future__ import annotations

from pathlib import Path

from pytest_carbon.git.run_git import find_commit, try_text


def find_branch(name: str, remote: str, cwd: Path) -> str | None:
    """Return the newest commit of a branch, of the remote if it is known there; None if there is no such branch.

    A tag of the same name does not count.
    """
    refs = (f"refs/remotes/{remote}/{name}", f"refs/heads/{name}")
    return next((commit for ref in refs if (commit := find_commit(ref, cwd))), None)


def checked_out_branch(cwd: Path) -> str | None:
    """Return the branch that is checked out; None for a detached head and outside a repository."""
    ref = try_text(["symbolic-ref", "-q"], cwd, names=["HEAD"])
    return ref.removeprefix("refs/heads/") if ref else None
