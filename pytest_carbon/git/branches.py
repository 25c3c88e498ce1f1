"""Finds branches by their full names, so that no tag of the same name is taken for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pytest_carbon.core.errors import did_you_mean
from pytest_carbon.git.run_git import find_commit, try_text

_OWN, _FETCHED = "refs/heads/", "refs/remotes/"


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
        (f"{_FETCHED}{remote}/{name}", f"{remote}/{name}"),
        (f"{_OWN}{name}", f"the local {name}"),
    ):
        if commit := find_commit(ref, cwd):
            yield shown, commit


def branch_names(cwd: Path) -> list[str]:
    """Return the names of the branches of a clone, also of those that are only at one of its remotes, sorted."""
    names = {
        ref.removeprefix(_OWN) if ref.startswith(_OWN) else ref.removeprefix(_FETCHED).partition("/")[2]
        for ref in _refs(cwd)
    }
    return sorted(names - {"HEAD"})


def spelling_hint(name: str, cwd: Path) -> str:
    """Return the end of a sentence on a name that is no commit here: the nearest branch, and the next step."""
    near = did_you_mean(name, (ref.removeprefix(_OWN).removeprefix(_FETCHED) for ref in _refs(cwd)))
    return f"{near or '; is it spelt right?'} If it is new, run: git fetch"


def _refs(cwd: Path) -> list[str]:
    return (try_text(["for-each-ref", "--format=%(refname)"], cwd, names=[_OWN, _FETCHED]) or "").splitlines()


def checked_out_branch(cwd: Path) -> str | None:
    """Return the branch that is checked out; None for a detached head and outside a repository."""
    ref = try_text(["symbolic-ref", "-q"], cwd, names=["HEAD"])
    return ref.removeprefix("refs/heads/") if ref else None
