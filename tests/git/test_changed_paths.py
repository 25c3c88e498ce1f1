"""The files that a commit changes, in real repositories."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from pytest_carbon.git.changed_paths import changed_paths


def _git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    done = subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def _commit(folder: Path, *names: str) -> str:
    for name in names:
        (folder / name).write_text(name, encoding="utf-8")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", "c")
    return _git(folder, "rev-parse", "HEAD")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A repository with two commits on main, and two more on a branch."""
    _git(tmp_path, "init", "-q", "-b", "main")
    _commit(tmp_path, "a.py")
    _commit(tmp_path, "b ü.md")
    _git(tmp_path, "checkout", "-q", "-b", "topic")
    _commit(tmp_path, "c.md")
    _commit(tmp_path, "d.py")
    return tmp_path


def test_paths_of_a_commit(clone: Path) -> None:
    """A branch has all that it changes; the default branch what its last commit changes."""
    assert changed_paths("topic", clone, "main", "origin") == ["c.md", "d.py"]
    assert changed_paths("main", clone, "main", "origin") == ["b ü.md"]


@pytest.mark.parametrize("commit", ["main~1", "a" * 40, "--output=x"])
def test_what_the_clone_does_not_have(clone: Path, commit: str) -> None:
    """The first commit has no parent; of others the clone knows nothing, and a name is no option."""
    assert changed_paths(commit, clone, "main", "origin") == []
    assert changed_paths("topic", clone, "trunk", "origin") == []
    assert not (clone / "x").exists()
