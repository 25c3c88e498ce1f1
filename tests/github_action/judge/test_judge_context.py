"""What the Action judges with: the policy of a commit and the ledger that it names."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from github_action.api.client import Client
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.judge.judge_context import JudgeContext
from github_action.repository.open_ledger import Secrets
from tests.github_action.fake import FakeGitHub


def _judge(hub: FakeGitHub, folder: Path, default_branch: str = "", working_directory: str = ".") -> JudgeContext:
    payload = {"repository": {"default_branch": default_branch}} if default_branch else {}
    urls = hub.server_url, hub.api_url
    context = GitHubContext("schedule", "octo/shop", "e" * 40, "refs/heads/main", 7, 1, "test", *urls, payload)
    client = Client(hub.api_url, hub.token({"contents": "read"}))
    inputs = ActionInputs(working_directory=working_directory)
    return JudgeContext(context, inputs, client, Secrets(), folder, datetime(2026, 6, 15, tzinfo=UTC))


@pytest.mark.parametrize(
    ("policy", "event", "branch"),
    [
        ('default-branch = "main"\n', "develop", "main"),
        ("", "develop", "develop"),
        ("", "", "trunk"),
    ],
    ids=["the policy names it", "the event names it", "nothing names it"],
)
def test_default_branch(hub: FakeGitHub, tmp_path: Path, policy: str, event: str, branch: str) -> None:
    """The policy names the default branch, else the event, else it is the branch that the run is of."""
    commit = hub.repository("octo/shop").commit({"carbon.toml": policy})
    config = _judge(hub, tmp_path, event).config_on_branch(commit, "trunk")
    assert config.policy.default_branch == branch


def test_policy_of_each_commit(hub: FakeGitHub, tmp_path: Path) -> None:
    """Two commits read by one step do not mix, and each is read in the project's own folder."""
    repo = hub.repository("octo/shop")
    old = repo.commit({"shop/carbon.toml": '[ledger]\nbranch = "one"\n', "carbon.toml": "zone = ["})
    new = repo.commit(
        {"shop/carbon.toml": None, "shop/pyproject.toml": '[tool.pytest-carbon.ledger]\nbranch = "two"\n'}
    )
    judge = _judge(hub, tmp_path, working_directory="shop")
    assert [judge.config_at(commit).ledger.branch for commit in (old, new, old)] == ["one", "two", "one"]
    assert [judge.ledger(judge.config_at(commit)).where for commit in (old, new)] == [
        "branch one of origin",
        "branch two of origin",
    ]
