"""The ended runs of pull requests that left reports: which pull request ran, and in which attempt."""

from __future__ import annotations

from typing import Any

import pytest

from github_action.api.client import ApiError, Client
from github_action.reports.pull_request_runs import PullRequestRuns, find_ended_runs
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.repository import Repository

RIGHTS = {"actions": "read", "pull-requests": "read"}
LONG_AGO = "2026-01-01T00:00:00Z"


@pytest.fixture
def repo(hub: FakeGitHub) -> Repository:
    """A repository without a pull request."""
    repo = hub.repository("octo/shop")
    repo.commit({"a.py": "a = 1\n"})
    return repo


def _find(hub: FakeGitHub, since: str = LONG_AGO, **rights: str) -> PullRequestRuns:
    client = Client(hub.api_url, hub.token({**RIGHTS, **rights}), pause=lambda _: None)
    return find_ended_runs(client, "octo/shop", since)


def _open(repo: Repository, branch: str = "topic", base: str = "") -> int:
    repo.commit({f"{branch}.py": str(repo.world.clock)}, branch=branch)
    return repo.open_pull(head=branch, base=base)


def _run(repo: Repository, number: int, artifact: str = "carbon-report-test", **changes: Any) -> int:
    head = repo.pull(number)["head"]
    run_id = repo.workflow_run(**{"head_sha": head["sha"], "head_branch": head["ref"], **changes})
    repo.artifact(run_id, artifact, b"")
    return run_id


def test_without_reports_one_list_is_read(hub: FakeGitHub, repo: Repository) -> None:
    """If no artifact can hold a report, pull requests and runs are not listed."""
    _run(repo, _open(repo), "coverage")
    assert _find(hub) == PullRequestRuns()
    assert hub.api_calls == 1


def test_runs_of_the_latest_merged_pull_request_come_first(hub: FakeGitHub, repo: Repository) -> None:
    """Then the others, the newest first."""
    numbers = [_open(repo, f"topic-{n}") for n in range(4)]
    runs = {number: _run(repo, number) for number in numbers}
    for number in numbers[:2]:
        repo.close_pull(number, merged_as=repo.commit({f"{number}": "x"}))
    result = _find(hub).runs
    assert [run.id for run in result] == [runs[numbers[1]], runs[numbers[0]], runs[numbers[3]], runs[numbers[2]]]
    assert [bool(run.merged_at) for run in result] == [True, True, False, False]


def test_run_of_a_branch_with_two_pull_requests(hub: FakeGitHub, repo: Repository) -> None:
    """The time decides between a closed and an open one, the head commit between two open ones, or nothing does."""
    repo.commit({"r": "r"}, branch="release")
    first = _open(repo)
    old = _run(repo, first)
    repo.close_pull(first)
    second = _open(repo)
    new = _run(repo, second)
    third = repo.open_pull(head="topic", base="release")
    unclear = _run(repo, third)
    result = _find(hub)
    assert {run.id: run.pull.number for run in result.runs} == {old: first, new: second}
    assert (result.ambiguous, unclear in {run.id for run in result.runs}) == (1, False)


def test_run_of_a_fork_is_only_counted(hub: FakeGitHub, repo: Repository) -> None:
    """Even if the fork's branch has the name of one of ours."""
    _open(repo)
    fork = hub.repository("eve/shop", fork_of=repo)
    sha = fork.commit({"f.py": "f"}, branch="topic")
    _run(repo, repo.open_pull(head="topic", head_repository=fork), head_sha=sha, head_repository=fork)
    assert _find(hub) == PullRequestRuns(forks=1)


def test_attempts_of_a_run(hub: FakeGitHub, repo: Repository) -> None:
    """Each attempt has its own artifacts; how an attempt before the newest ended is not known."""
    run_id = _run(repo, _open(repo), conclusion="failure")
    repo.artifact(run_id, "carbon-report-b", b"")
    repo.run_again(run_id)
    repo.artifact(run_id, "carbon-report-test", b"")
    result = [(run.attempt, run.conclusion, {str(a["name"]) for a in run.artifacts}) for run in _find(hub).runs]
    assert result == [
        (2, "success", {"carbon-report-test"}),
        (1, "", {"carbon-report-test", "carbon-report-b"}),
    ]


def test_newest_attempt_without_a_report(hub: FakeGitHub, repo: Repository) -> None:
    """Its conclusion is not taken for that of the attempt that left the report."""
    run_id = _run(repo, _open(repo), conclusion="failure")
    repo.run_again(run_id)
    assert [(run.attempt, run.conclusion) for run in _find(hub).runs] == [(1, "")]


@pytest.mark.parametrize(
    "changes", [{"conclusion": None}, {"event": "push"}, {"head_sha": "main"}], ids=["goes on", "a push", "no commit"]
)
def test_run_that_does_not_count(hub: FakeGitHub, repo: Repository, changes: dict[str, Any]) -> None:
    """A run that goes on, of another event, or without a commit is no ended run of a pull request."""
    _run(repo, _open(repo), **changes)
    assert _find(hub) == PullRequestRuns()


def test_runs_from_before_the_time_do_not_count(hub: FakeGitHub, repo: Repository) -> None:
    """The lists are read down to the time, and not further."""
    _run(repo, _open(repo, "one"))
    since = repo.world.tick()
    new = _run(repo, _open(repo, "two"))
    assert [run.id for run in _find(hub, since).runs] == [new]


@pytest.mark.parametrize("right", ["actions", "pull-requests"])
def test_list_that_may_not_be_read(hub: FakeGitHub, repo: Repository, right: str) -> None:
    """No runs are made up for a list that is refused."""
    _run(repo, _open(repo))
    with pytest.raises(ApiError, match="403"):
        _find(hub, **{right: "none"})
