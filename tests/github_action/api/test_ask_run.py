"""Which runs GitHub has, and which of them may still judge a commit."""

from __future__ import annotations

from typing import Any

import pytest

from github_action.api.ask_run import KnownRun, ask_run, workflow_file
from github_action.api.client import ApiError, Client
from tests.attack import Attack
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.repository import Repository

SHA = "a" * 40


@pytest.fixture
def repo(hub: FakeGitHub) -> Repository:
    """A repository without any run."""
    repo = hub.repository("octo/shop")
    repo.commit({"a.py": "a = 1\n"})
    return repo


def _ask(hub: FakeGitHub, run: tuple[int, int]) -> KnownRun | None:
    client = Client(hub.api_url, hub.token({"actions": "read"}), pause=lambda _: None)
    return ask_run(client, "octo/shop", run, SHA)


@pytest.mark.parametrize(
    ("facts", "attempt", "expected"),
    [
        ({"conclusion": None}, 1, KnownRun(may_judge=True)),
        ({}, 1, KnownRun(may_judge=False)),
        ({"attempt": 2, "conclusion": None}, 1, KnownRun(may_judge=False)),
        ({"attempt": 2, "conclusion": None}, 2, KnownRun(may_judge=True)),
        ({}, 2, None),
        ({}, 0, None),
        ({"head_sha": "b" * 40}, 1, None),
        ({"head_sha": "b" * 40, "event": "push"}, 1, None),
        ({"head_sha": "b" * 40, "event": "workflow_run"}, 1, KnownRun(may_judge=True)),
        ({"head_sha": "b" * 40, "event": "pull_request_target"}, 1, KnownRun(may_judge=False)),
    ],
)
def test_run_that_is_there(
    hub: FakeGitHub, repo: Repository, facts: dict[str, Any], attempt: int, expected: KnownRun | None
) -> None:
    """A run counts with its attempts, for its own commit; runs for other runs belong to the default branch."""
    number = repo.workflow_run(**{"head_sha": SHA, "head_branch": "topic", **facts})
    assert _ask(hub, (number, attempt)) == expected


@pytest.mark.attack("planted-runs")
@pytest.mark.parametrize(
    ("event", "head_sha"),
    [
        ("workflow_run", "b" * 40),
        ("pull_request_target", "b" * 40),
        ("issue_comment", "b" * 40),
        *((event, SHA) for event in ("pull_request", "push", "schedule", "workflow_dispatch", "dynamic")),
    ],
)
@pytest.mark.parametrize("other", [".github/workflows/lint.yml", "dynamic/pages/carbon.yml", ""])
def test_run_of_another_workflow(
    hub: FakeGitHub, repo: Repository, attack: Attack, event: str, head_sha: str, other: str
) -> None:
    """Of no event a run counts that is of another workflow than those that judge."""
    facts: Any = {"head_sha": head_sha, "head_branch": "main", "event": event}
    ours = repo.workflow_run(**facts, path=".github/workflows/carbon.yml@refs/heads/main")
    lint = repo.workflow_run(**facts, path=other)
    client = Client(hub.api_url, hub.token({"actions": "read"}))
    assert ask_run(client, "octo/shop", (ours, 1), SHA, {"carbon.yml"}) is not None
    attack.ended(int(ask_run(client, "octo/shop", (lint, 1), SHA, {"carbon.yml"}) is None))


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (".github/workflows/x.yml", "x.yml"),
        (".github/workflows/x.yml@refs/heads/a@b", "x.yml"),
        ("octo/rules/.github/workflows/x.yml@main", "x.yml"),
        ("dynamic/github-code-scanning/x.yml", ""),
        ("x.yml", ""),
        (None, ""),
    ],
)
def test_workflow_file(path: str | None, name: str) -> None:
    """A workflow is a file of the repository, or of the one whose workflow is required; GitHub's own are none."""
    assert workflow_file({"path": path}) == name


def test_run_that_is_not_there(hub: FakeGitHub, repo: Repository) -> None:
    """A number that GitHub does not know is no run; a run of another repository is none of ours."""
    fork = hub.repository("eve/shop", fork_of=repo)
    assert _ask(hub, (99_999_999, 1)) is None
    assert _ask(hub, (fork.workflow_run(head_sha=SHA, head_branch="topic"), 1)) is None


@pytest.mark.parametrize("status", [403, 500, 503])
@pytest.mark.usefixtures("repo")
def test_github_cannot_tell(hub: FakeGitHub, status: int) -> None:
    """An error is neither yes nor no."""
    hub.fault("GET", "/actions/runs/", status=status, times=None)
    with pytest.raises(ApiError):
        _ask(hub, (7, 1))
