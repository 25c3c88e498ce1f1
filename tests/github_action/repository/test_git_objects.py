"""Single commits, trees and files of a repository, fetched without a checkout and without more than is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from github_action.event.github_context import GitHubContext
from github_action.repository.git_objects import MOST_FILES, GitObjects
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.git import run_git
from pytest_carbon.git.run_git import GitError
from tests.attack import Attack
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.repository import Repository


@pytest.fixture
def repo(hub: FakeGitHub) -> Repository:
    """A private repository with a commit."""
    repo = hub.repository("octo/shop", public=False)
    repo.commit({"a.py": "a = 1\n", "old name": "x\n", "sub/b.py": "b = 1\n"})
    return repo


def _objects(hub: FakeGitHub, folder: Path, token: str | None) -> GitObjects:
    context = GitHubContext("push", "octo/shop", "e" * 40, "refs/heads/main", 7, 1, "test", hub.server_url)
    return GitObjects(context, token, folder / "objects")


@pytest.fixture
def objects(hub: FakeGitHub, repo: Repository, tmp_path: Path) -> GitObjects:
    """The objects of the repository, of which nothing is fetched yet."""
    assert not repo.public
    return _objects(hub, tmp_path, hub.token({"contents": "read"}))


def _is_here(objects: GitObjects, sha: str) -> bool:
    """Return whether an object is in the folder."""
    try:
        run_git.run(["cat-file", "-e", sha], objects.folder, git_dir=objects.folder)
    except GitError:
        return False
    return True


def test_commits_come_without_files(repo: Repository, objects: GitObjects) -> None:
    """The trees tell which paths changed, of a moved file both; the files are fetched only when they are asked for."""
    base = repo.bare.branches()["main"]
    head = repo.commit({"a.py": "a = 2\n", "old name": None, "né w": "x\n"}, branch="topic")
    objects.fetch_commits([base, head])
    assert objects.changed_paths(base, head) == ["a.py", "né w", "old name"]
    blobs = {path: repo.bare.entries(head, path)[0].sha for path in ("a.py", "sub/b.py")}
    assert not any(_is_here(objects, blob) for blob in blobs.values())
    objects.fetch_files([blobs["a.py"]])
    assert [_is_here(objects, blob) for blob in blobs.values()] == [True, False]


def test_file_is_fetched_once(hub: FakeGitHub, repo: Repository, objects: GitObjects) -> None:
    """A file that was fetched is not fetched again, and nothing is asked for nothing."""
    commit = repo.bare.branches()["main"]
    objects.fetch_commits([commit])
    blob = repo.bare.entries(commit, "a.py")[0].sha
    objects.fetch_files([blob])
    requests = len(hub.requests)
    objects.fetch_files([blob, blob])
    objects.fetch_files([])
    assert len(hub.requests) == requests


def test_more_files_than_the_limit(hub: FakeGitHub, objects: GitObjects) -> None:
    """More files than the limit are refused before anything is fetched."""
    with pytest.raises(CarbonError, match=f"{MOST_FILES + 1} files may declare what is supported, but at most"):
        objects.fetch_files([f"{number:040x}" for number in range(MOST_FILES + 1)])
    assert hub.requests == []


@pytest.mark.parametrize("token", [None, "ghs_unknown"])
def test_repository_that_may_not_be_read(hub: FakeGitHub, repo: Repository, tmp_path: Path, token: str | None) -> None:
    """Without a token that may read the repository there is an error, and the error does not name the token."""
    objects = _objects(hub, tmp_path, token)
    with pytest.raises(GitError) as error:
        objects.fetch_commits([repo.bare.branches()["main"]])
    assert token is None or token not in str(error.value)


def test_commit_that_does_not_exist(objects: GitObjects) -> None:
    """A commit that the server does not have is an error."""
    with pytest.raises(GitError):
        objects.fetch_commits(["d" * 40])


@pytest.mark.attack("token")
def test_token_is_in_no_file(hub: FakeGitHub, repo: Repository, tmp_path: Path, attack: Attack) -> None:
    """Git gets the token for each command; nothing on disk holds it. A second instance goes on with the folder."""
    token = hub.token({"contents": "read"})
    for _ in range(2):
        _objects(hub, tmp_path, token).fetch_commits([repo.bare.branches()["main"]])
    assert not [
        path for path in tmp_path.rglob("objects/**/*") if path.is_file() and token.encode() in path.read_bytes()
    ]
    attack.harmless(*(path.read_text("latin-1") for path in tmp_path.rglob("*") if path.is_file()))


def test_newest_commits_of_branches(repo: Repository, objects: GitObjects) -> None:
    """Each named branch that exists comes with its newest commit; a name is no pattern."""
    release = repo.commit({"r": "r"}, branch="release/1")
    repo.commit({"r": "r"}, branch="old/release/1")
    assert objects.find_branches(["release/1", "release/2", "rel*"]) == {"release/1": release}
