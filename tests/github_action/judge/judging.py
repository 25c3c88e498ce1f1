"""What judges a subject, for tests of its single steps."""

from __future__ import annotations

from datetime import UTC, datetime

from github_action.api.client import Client
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.judge.judge_context import JudgeContext
from github_action.repository.open_ledger import Secrets
from tests.github_action.project import FakeProject


def judge_of(project: FakeProject, working_directory: str = ".") -> JudgeContext:
    """Return what judges the pull requests of a project."""
    urls = project.hub.server_url, project.hub.api_url
    context = GitHubContext("workflow_run", "octo/shop", "e" * 40, "refs/heads/main", 7, 1, "test", *urls)
    client = Client(project.hub.api_url, project.token())
    inputs = ActionInputs(working_directory=working_directory)
    return JudgeContext(context, inputs, client, Secrets(), project.folder / "judge", datetime.now(UTC))
