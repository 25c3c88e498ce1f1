"""The reports of pull requests that share a commit: whose run counts, and that each is fetched once."""

from __future__ import annotations

from pathlib import Path

import pytest

from github_action.api.client import Client
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.reports.find_pull_request import NothingToJudge, Subject, find_pull_requests_to_judge
from github_action.reports.shared_commit import SharedCommit
from pytest_carbon.core.errors import ReportError
from pytest_carbon.reporters.run import report_file
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.repository import Repository
from tests.github_action.project import zip_report
from tests.samples import make_report

OWN_RUN = 7_777


@pytest.fixture
def repo(hub: FakeGitHub) -> Repository:
    """A repository with two pull requests of one branch, and one of a fork with the same commit."""
    repo = hub.repository("octo/shop")
    repo.commit({"a.py": "a = 1\n"})
    repo.commit({"r": "r"}, branch="release")
    head = repo.commit({"b.py": "b = 1\n"}, branch="topic")
    fork = hub.repository("eve/shop", fork_of=repo)
    fork.bare.point("refs/heads/topic", head)
    repo.open_pull(head="topic")
    repo.open_pull(head="topic", base="release")
    repo.open_pull(head="topic", author="eve", head_repository=fork)
    return repo


def _commit(
    hub: FakeGitHub, repo: Repository, action: str = "labeled", report: Path | None = None, problem: str = ""
) -> SharedCommit:
    """Return what an event of the first pull request finds."""
    payload = repo.event_pull_request(1, action)
    context = GitHubContext("pull_request", "octo/shop", "e" * 40, "r", OWN_RUN, 1, "test", payload=payload)
    client = Client(hub.api_url, hub.token({"actions": "read", "statuses": "read", "pull-requests": "read"}))
    subjects = find_pull_requests_to_judge(client, context)
    return SharedCommit(client, context, ActionInputs(measure_workflow="carbon.yml"), subjects, report, problem)


def _run(repo: Repository, *, fork: Repository | None = None, uploads: bool = True, **facts: object) -> int:
    sha = repo.pull(1)["head"]["sha"]
    run_id = repo.workflow_run(head_sha=sha, head_branch="topic", head_repository=fork, **facts)  # type: ignore[arg-type]
    if uploads:
        repo.artifact(run_id, "carbon-report-test", zip_report(make_report(id=f"run-{run_id}"), repo.world.clock))
    return run_id


def _measured_by(commit: SharedCommit, subject: Subject) -> str:
    return " ".join(report.run.id for parts in commit.parts_of(subject) for _, report in parts.reports)


def test_newest_run_that_measured(hub: FakeGitHub, repo: Repository) -> None:
    """Each has the reports of all runs that may be its own; the lists and reports are fetched once."""
    runs = [_run(repo), _run(repo), _run(repo, fork=hub.repositories["eve/shop"])]
    commit = _commit(hub, repo)
    measured = [_measured_by(commit, subject) for subject in commit.subjects]
    assert measured == [f"run-{runs[1]} run-{runs[0]}"] * 2 + [f"run-{runs[2]}"]
    assert len(hub.asked("GET", "/actions/runs$")) == 1
    assert len(hub.asked("GET", "/zip$")) == 3


def test_own_run(hub: FakeGitHub, repo: Repository, tmp_path: Path) -> None:
    """The event's run counts for its own pull request, and for one of the same repository that has no other run."""
    report_file.write(make_report(id="run-own"), tmp_path / "report.json")
    commit = _commit(hub, repo, "opened", tmp_path / "report.json")
    own, other, fork = commit.subjects
    assert [_measured_by(commit, subject) for subject in (own, other)] == ["run-own", "run-own"]
    with pytest.raises(ReportError, match="no run measured it; run the measuring workflow for it, or close it"):
        commit.parts_of(fork)
    before = _run(repo)
    again = _commit(hub, repo, "opened", tmp_path / "report.json")
    assert [_measured_by(again, subject) for subject in again.subjects[:2]] == ["run-own", f"run-{before}"]


def test_run_that_goes_on(hub: FakeGitHub, repo: Repository) -> None:
    """A pull request without a report waits for the run of its repository; the other repository's does not count."""
    going = _run(repo, uploads=False, conclusion=None)
    commit = _commit(hub, repo)
    own, _, fork = commit.subjects
    with pytest.raises(NothingToJudge, match=f"#1 is still being measured by run {going}"):
        commit.parts_of(own)
    with pytest.raises(ReportError, match="no run measured it"):
        commit.parts_of(fork)
    assert (commit.awaited(), commit.awaited([fork])) == (str(going), "")


def test_own_run_without_a_report(hub: FakeGitHub, repo: Repository) -> None:
    """The reason is that of the event's run, for its own pull request alone."""
    commit = _commit(hub, repo, "opened", problem="the command wrote no report")
    own, other, _ = commit.subjects
    with pytest.raises(ReportError, match="the command wrote no report"):
        commit.parts_of(own)
    with pytest.raises(ReportError, match="no run measured it"):
        commit.parts_of(other)
