"""The commits that are compared: the base of a branch, named commits and maintained branches."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.declared.compared_commits import (
    commit_time,
    find_base,
    read_maintained_branches,
    repository_folder,
    resolve_commit,
)
from tests.declared.git_project import commit, git, new_repository, write

OLD, NEW = {"setup.py": "setup(python_requires='>=3.8')"}, {"setup.py": "setup(python_requires='>=3.9')"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return an empty repository."""
    return new_repository(tmp_path / "repository")


def test_a_folder_belongs_to_a_repository(repository: Path, tmp_path: Path) -> None:
    """The top folder is found from below; a folder outside of any repository is an error."""
    write(repository, {"a/b/c": ""})
    assert repository_folder(repository / "a" / "b") == repository.resolve()
    with pytest.raises(ConfigError, match="is in no git repository"):
        repository_folder(tmp_path)


def test_a_commit_has_a_hash_and_a_time(repository: Path) -> None:
    """Names of commits are resolved; a name that is none is an error."""
    head = commit(repository, OLD)
    assert resolve_commit("HEAD", repository) == resolve_commit("main", repository) == head
    assert commit_time(head, repository) == datetime(2026, 11, 20, 8, tzinfo=UTC)
    with pytest.raises(ConfigError, match="there is no commit 'nowhere' in this repository"):
        resolve_commit("nowhere", repository)


def test_the_base_on_the_default_branch(repository: Path) -> None:
    """It is HEAD while files are changed, else the commit before; a first commit is its own base."""
    with pytest.raises(ConfigError, match="no commit yet"):
        find_base(repository, "origin", "main")
    first = commit(repository, OLD)
    assert find_base(repository, "origin", "main") == first
    second = commit(repository, NEW)
    assert find_base(repository, "origin", "main") == first
    write(repository, OLD)
    assert find_base(repository, "origin", "main") == second


def test_the_base_of_a_branch(repository: Path) -> None:
    """It is the commit at which the branch left the default branch, of the remote if that is known."""
    first = commit(repository, OLD)
    git(repository, "checkout", "-q", "-b", "work")
    commit(repository, NEW)
    git(repository, "checkout", "-q", "main")
    later = commit(repository, {"README.md": "x"})
    git(repository, "checkout", "-q", "work")
    assert find_base(repository, "origin", "main") == first
    git(repository, "merge", "-q", "-m", "merge", "main")
    assert find_base(repository, "origin", "main") == later
    git(repository, "update-ref", "refs/remotes/origin/main", first)
    assert find_base(repository, "origin", "main") == first


def test_maintained_branches(repository: Path) -> None:
    """The branch of the remote comes before the local one; unknown branches and the checked-out one are left out."""
    old = commit(repository, OLD)
    commit(repository, NEW)
    git(repository, "branch", "1.x", old)
    git(repository, "branch", "2.x")
    git(repository, "update-ref", "refs/remotes/origin/2.x", old)
    branches = read_maintained_branches(["1.x", "2.x", "3.x", "main"], repository, "origin")
    assert [branch.name for branch in branches] == ["1.x", "2.x"]
    assert [branch.declarations.statements[0].values for branch in branches] == [(">=3.8",), (">=3.8",)]
    assert {branch.last_commit for branch in branches} == {datetime(2026, 11, 20, 8, tzinfo=UTC)}
    assert read_maintained_branches([], repository, "origin") == []
