"""Who is in a merge group, from the branches of the queue, the commits and the API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from github_action.api.client import Client
from github_action.event.github_context import GitHubContext
from github_action.reports.merge_group import QUEUE_BRANCH, pull_requests_of_group
from github_action.reports.pull_request import PullRequest
from pytest_carbon.core.errors import CarbonError
from tests.attack import Attack
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.repository import Repository


@pytest.fixture
def repo(hub: FakeGitHub) -> Repository:
    """A repository with a commit on main."""
    repo = hub.repository("octo/shop")
    repo.commit({"a.py": "a = 1\n"})
    return repo


def _pull(repo: Repository, branch: str = "topic", **more: Any) -> int:
    repo.commit({f"{branch}.py": "b = 1\n"}, branch=branch)
    return repo.open_pull(head=branch, **more)


def _queue(repo: Repository, numbers: Sequence[int], base: str, target: str = "main") -> str:
    """Prepare pull requests one on top of the other in a queue; return the last commit."""
    for number in numbers:
        branch = f"gh-readonly-queue/{target}/pr-{number}-{base}"
        base = repo.commit({f"{target}-{number}": base}, branch=branch)
    return base


def _queue_merges(repo: Repository, numbers: Sequence[int], base: str) -> str:
    """Prepare the same as merges, as the method of the queue may be."""
    for number in numbers:
        branch = f"gh-readonly-queue/main/pr-{number}-{base}"
        base = repo.bare.merged(base, repo.pull(number)["head"]["sha"]) or ""
        repo.bare.point(f"refs/heads/{branch}", base)
    return base


def _delete(repo: Repository, number: int, below: str) -> None:
    (repo.bare.path / f"refs/heads/gh-readonly-queue/main/pr-{number}-{below}").unlink()


def _group(hub: FakeGitHub, head: str, base: str, below: str, number: int) -> tuple[PullRequest, ...]:
    """Return the pull requests in the group of a commit, whose branch is that of a pull request."""
    context = GitHubContext("merge_group", "octo/shop", head, "", 77, 1, "test", hub.server_url, hub.api_url, {})
    client = Client(hub.api_url, hub.token({"contents": "read", "pull-requests": "read"}))
    top = QUEUE_BRANCH.fullmatch(f"refs/heads/gh-readonly-queue/main/pr-{number}-{below}")
    assert top
    return pull_requests_of_group(client, context, top, head, base, "main")


@pytest.mark.parametrize("size", [1, 3])
def test_merge_group_with_foreign_branches_beside_it(hub: FakeGitHub, repo: Repository, size: int) -> None:
    """The pull requests of the group pay, in their order; other queues and branches do not count."""
    base = repo.bare.branches()["main"]
    numbers = [_pull(repo, f"topic-{n}") for n in range(size)]
    other = _pull(repo, "other")
    below = _queue(repo, numbers[:-1], base)
    head = _queue(repo, numbers[-1:], below)
    _queue(repo, [other], head)  # stands on the group, and is not in it
    _queue(repo, [other], base, target="main/sub")
    for name in ("notes", f"pr-x-{base}", f"pr-{other}", f"sub/pr-{other}-{base}"):
        repo.bare.point(f"refs/heads/gh-readonly-queue/main/{name}", below)
    assert [pull.number for pull in _group(hub, head, base, below, numbers[-1])] == numbers


@pytest.mark.attack("planted-runs")
def test_circle_of_queue_branches(hub: FakeGitHub, repo: Repository, attack: Attack) -> None:
    """Made-up names that form a circle do not keep the gate busy, and decide nothing."""
    number, base = _pull(repo), repo.bare.branches()["main"]
    first, second = (repo.commit({name: name}, branch=name) for name in ("x", "y"))
    repo.bare.point(f"refs/heads/gh-readonly-queue/main/pr-{number}-{second}", first)
    repo.bare.point(f"refs/heads/gh-readonly-queue/main/pr-{number}-{first}", second)
    with pytest.raises(CarbonError, match="form a circle; delete branches below gh-readonly-queue/") as refused:
        _group(hub, first, base, second, number)
    attack.ended("error", str(refused.value))


@pytest.mark.attack("planted-runs")
@pytest.mark.parametrize("place", ["head", "below"])
@pytest.mark.parametrize("base", ["its own", "the group's"])
def test_two_queue_branches_of_one_commit(
    hub: FakeGitHub, repo: Repository, attack: Attack, place: str, base: str
) -> None:
    """A branch that somebody pushed beside the queue's names another pull request that would pay: that is an error."""
    tip = repo.bare.branches()["main"]
    numbers = [_pull(repo, f"topic-{n}") for n in range(2)]
    victim = _pull(repo, "other")
    below = _queue(repo, numbers[:1], tip)
    head = _queue(repo, numbers[1:], below)
    commit = {"head": head, "below": below}[place]
    planted = f"refs/heads/gh-readonly-queue/main/pr-{victim}-{commit if base == 'its own' else tip}"
    repo.bare.point(planted, commit)
    with pytest.raises(CarbonError, match="has two branches of the merge queue") as refused:
        _group(hub, head, tip, below, numbers[1])
    assert planted.removeprefix("refs/heads/") in str(refused.value)
    attack.ended("error", str(refused.value))


@pytest.mark.attack("planted-runs")
def test_pull_request_to_another_branch_in_the_queue(hub: FakeGitHub, repo: Repository, attack: Attack) -> None:
    """A branch of the queue that names a pull request to another branch is not of this queue."""
    base = repo.bare.branches()["main"]
    repo.commit({"r": "r"}, branch="release")
    wrong, number = _pull(repo, "one", base="release"), _pull(repo, "two")
    below = _queue(repo, [wrong], base)
    head = _queue(repo, [number], below)
    with pytest.raises(CarbonError, match=f"#{wrong} is for release") as refused:
        _group(hub, head, base, below, number)
    attack.ended("error", str(refused.value))


@pytest.mark.attack("planted-runs")
@pytest.mark.parametrize("method", ["merge", "squash"])
def test_queue_branch_that_was_replaced(hub: FakeGitHub, repo: Repository, attack: Attack, method: str) -> None:
    """Whoever deletes a branch of the queue, and pushes one for another pull request in its place, changes nothing."""
    base = repo.bare.branches()["main"]
    low, high, victim = (_pull(repo, f"topic-{n}") for n in range(3))
    if method == "merge":
        below = _queue_merges(repo, [low], base)
    else:
        own = f"gh-readonly-queue/main/pr-{low}-{base}"
        below = repo.commit({"low": "low"}, branch=own, message=f"Work for (#{victim}) (#{low})")
    head = _queue(repo, [high], below)
    assert [pull.number for pull in _group(hub, head, base, below, high)] == [low, high]
    _delete(repo, low, base)
    repo.bare.point(f"refs/heads/gh-readonly-queue/main/pr-{victim}-{base}", below)
    with pytest.raises(CarbonError, match="it is not clear which pull request pays") as refused:
        _group(hub, head, base, below, high)
    assert f"pr-{victim}-{base} names #{victim}" in str(refused.value)
    attack.ended("error", str(refused.value))


@pytest.mark.attack("planted-runs")
def test_queue_branch_that_was_deleted(hub: FakeGitHub, repo: Repository, attack: Attack) -> None:
    """Then it is not known who pays beside the top of the group."""
    base = repo.bare.branches()["main"]
    low, high = (_pull(repo, f"topic-{n}") for n in range(2))
    below = _queue(repo, [low], base)
    head = _queue(repo, [high], below)
    _delete(repo, low, base)
    with pytest.raises(
        CarbonError, match=f"the commit {below[:12]} is not in main, and the merge queue has no"
    ) as told:
        _group(hub, head, base, below, high)
    attack.ended("error", str(told.value))


@pytest.mark.parametrize("later", [False, True])
def test_what_was_below_is_merged_meanwhile(hub: FakeGitHub, repo: Repository, later: bool) -> None:
    """GitHub deletes its branch then, and the others of the group pay."""
    base = repo.bare.branches()["main"]
    low, high = (_pull(repo, f"topic-{n}") for n in range(2))
    below = _queue_merges(repo, [low], base)
    head = _queue_merges(repo, [high], below)
    _delete(repo, low, base)
    repo.bare.point("refs/heads/main", head if later else below)
    assert [pull.number for pull in _group(hub, head, base, below, high)] == [high]


@pytest.mark.parametrize("named", ["merged", "to another branch", "unknown"])
def test_message_of_a_rebased_commit(hub: FakeGitHub, repo: Repository, named: str) -> None:
    """It may name any number, such as that of the pull request that it was picked from."""
    low, high, other = (_pull(repo, f"topic-{n}") for n in range(3))
    if named == "merged":
        repo.close_pull(other, merged_as=repo.commit({"other": "other"}))
    elif named == "to another branch":
        repo.commit({"r": "r"}, branch="release")
        other = _pull(repo, "more", base="release")
    base = repo.bare.branches()["main"]
    message = f"Work (#{404 if named == 'unknown' else other})"
    below = repo.commit({"low": "low"}, branch=f"gh-readonly-queue/main/pr-{low}-{base}", message=message)
    head = _queue(repo, [high], below)
    assert [pull.number for pull in _group(hub, head, base, below, high)] == [low, high]
