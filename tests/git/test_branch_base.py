"""The repository of a folder, and the commit at which a branch began."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.git.branch_base import find_base, repository_folder
from tests.git.small_repository import commit, git, new_repository, write

OLD, NEW = {"setup.py": "old"}, {"setup.py": "new"}


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
