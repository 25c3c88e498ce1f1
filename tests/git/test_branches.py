"""Branches are found by their full names: no tag of the same name is taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_carbon.core.errors import CarbonError
from pytest_carbon.git.branch_base import find_base
from pytest_carbon.git.branches import (
    branch_in_words,
    branch_names,
    checked_out_branch,
    find_branch,
    spelling_hint,
)
from pytest_carbon.git.run_git import AmbiguousNameError, find_commit
from tests.attack import Attack
from tests.git.small_repository import commit, git, new_repository


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository whose branch main has three commits."""
    folder = new_repository(tmp_path / "repository")
    for number in range(3):
        commit(folder, {"a": str(number)})
    return folder


def test_the_branch_of_the_remote_comes_first(repository: Path) -> None:
    """Without one the local branch counts; a hash, a tag or a part of a name is no branch."""
    older, newest = git(repository, "rev-parse", "HEAD~1"), git(repository, "rev-parse", "HEAD")
    assert find_branch("main", "origin", repository) == newest
    assert branch_in_words("main", "origin", repository) == "the local main"
    git(repository, "update-ref", "refs/remotes/origin/main", older)
    assert find_branch("main", "origin", repository) == older
    assert branch_in_words("main", "origin", repository) == "origin/main"
    assert branch_in_words("lost", "origin", repository) == "lost"
    assert find_branch("main", "up", repository) == newest
    git(repository, "tag", "v1")
    assert [find_branch(name, "origin", repository) for name in ("v1", newest, "mai", "", "-x")] == [None] * 5


def test_the_branch_that_is_checked_out(repository: Path, tmp_path: Path) -> None:
    """A name with a slash is whole; a detached head and a folder without a repository have none."""
    git(repository, "checkout", "-q", "-b", "work/a")
    assert checked_out_branch(repository) == "work/a"
    git(repository, "checkout", "-q", "--detach")
    assert checked_out_branch(repository) is checked_out_branch(tmp_path) is None


def test_the_names_of_branches(repository: Path, tmp_path: Path) -> None:
    """Each once, whether it is here or at a remote; without a repository there are none."""
    for ref in ("heads/work/a", "remotes/origin/main", "remotes/origin/work/b", "remotes/up/c", "tags/v1"):
        git(repository, "update-ref", f"refs/{ref}", "HEAD")
    git(repository, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    assert branch_names(repository) == ["c", "main", "work/a", "work/b"]
    assert branch_names(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("mian", '; did you mean "main"?'),
        ("orign/main", '; did you mean "origin/main"?'),
        ("0" * 40, "; is it spelt right?"),
        ("", "; is it spelt right?"),
    ],
)
def test_a_name_that_is_no_commit_is_answered_with_the_nearest_branch(
    repository: Path, tmp_path: Path, name: str, hint: str
) -> None:
    """A branch of a remote has the name by which git knows it; without a repository no branch is near."""
    git(repository, "update-ref", "refs/remotes/origin/main", "HEAD")
    assert spelling_hint(name, repository) == f"{hint} If it is new, run: git fetch"
    assert spelling_hint(name, tmp_path) == "; is it spelt right? If it is new, run: git fetch"


@pytest.mark.attack("git-in-checkout")
def test_a_tag_with_the_name_of_a_branch_is_not_taken_for_it(repository: Path, attack: Attack) -> None:
    """Neither as the base nor as the branch of a run; a name that a person gives must then be whole."""
    first, second = git(repository, "rev-parse", "HEAD~2"), git(repository, "rev-parse", "HEAD~1")
    newest = git(repository, "rev-parse", "HEAD")
    git(repository, "update-ref", "refs/remotes/origin/main", second)
    git(repository, "update-ref", "refs/heads/origin/main", first)
    for tag in ("main", "origin/main", "heads/main", "HEAD", newest):
        git(repository, "update-ref", f"refs/tags/{tag}", first)
    git(repository, "config", "core.warnAmbiguousRefs", "false")
    assert (find_branch("main", "origin", repository), find_branch("main", "up", repository)) == (second, newest)
    assert checked_out_branch(repository) == "main"
    assert find_base(repository, "origin", "main") == second
    assert find_commit("HEAD", repository) == find_commit(newest, repository) == newest
    assert find_commit("refs/heads/main", repository) == newest
    for name in ("main", "origin/main"):
        with pytest.raises(AmbiguousNameError, match=f"the name '{name}' means more than one thing") as caught:
            find_commit(name, repository)
        assert isinstance(caught.value, CarbonError)
        attack.ended("refused", str(caught.value))
