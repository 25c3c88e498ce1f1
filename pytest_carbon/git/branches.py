"""Finds branches by their full names, so that no tag of the same name is taken for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_carbon.git.run_git import find_commit, try_text


def find_branch(name: str, remote: str, cwd: Path) -> str | None:
    """Return the newest commit of a branch, of the remote if it is known there; None if there is no such branch.

    A tag of the same name does not count.
    """
    return next((commit for _, commit in _known_branches(name, remote, cwd)), None)


def branch_in_words(name: str, remote: str, cwd: Path) -> str:
    """Return which branch ``find_branch`` finds: ``origin/main``, or ``the local main`` where the remote has none."""
    return next((shown for shown, _ in _known_branches(name, remote, cwd)), name)


def _known_branches(name: str, remote: str, cwd: Path) -> Iterator[tuple[str, str]]:
    for ref, shown in (
        (f"refs/remotes/{remote}/{name}", f"{remote}/{name}"),
        (f"refs/heads/{name}", f"the local {name}"),
    ):
        if commit := find_commit(ref, cwd):
            yield shown, commit


def branch_names(cwd: Path) -> list[str]:
    """Return the names of the branches of a clone, also of those that are only at one of its remotes, sorted."""
    listing = try_text(["for-each-ref", "--format=%(refname)"], cwd, names=["refs/heads/", "refs/remotes/"]) or ""
    own, fetched = "refs/heads/", "refs/remotes/"
    names = {
        line.removeprefix(own) if line.startswith(own) else line.removeprefix(fetched).partition("/")[2]
        for line in listing.splitlines()
    }
    return sorted(names - {"HEAD"})


def checked_out_branch(cwd: Path) -> str | None:
    """Return the branch that is checked out; None for a detached head and outside a repository."""
    ref = try_text(["symbolic-ref", "-q"], cwd, names=["HEAD"])
    return ref.removeprefix("refs/heads/") if ref else None
