"""A pull request with labels, in a repository that several people may write to, for the tests of labels."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from github_action.api.client import Client
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.judge.judge_context import JudgeContext
from github_action.judge.label_rule import AddedLabel, RefusedLabel, check_added_label
from github_action.reports.pull_request import PullRequest, read_pull_request
from github_action.repository.open_ledger import Secrets
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.repository import Repository

LABEL = "carbon/override"
RIGHTS = {"contents": "read", "pull-requests": "read"}
"""All that the rule of labels needs."""


@dataclass
class LabelledPull:
    """A pull request of ann's, in a repository that bob and carol may write to."""

    hub: FakeGitHub
    repo: Repository = field(init=False)
    number: int = 0

    def __post_init__(self) -> None:
        self.repo = self.hub.repository("octo/shop")
        self.repo.collaborators.update(ann="write", bob="write", carol="maintain", tim="triage", eve="read")
        self.repo.commit({"a.py": "a = 1\n"})
        self.repo.commit({"b.py": "b = 1\n"}, branch="topic")
        self.number = self.repo.open_pull(head="topic", author="ann")

    def push(self, **who: str) -> str:
        """Push a commit, as ann if nobody else is named."""
        return self.repo.commit({f"{self.hub.clock:%H%M%S}.py": "c = 1\n"}, branch="topic", **who)

    def label(self, by: str | None, name: str = LABEL) -> None:
        """Add a label."""
        self.repo.label(self.number, name, by=by)

    def relabel(self, by: str) -> None:
        """Remove the override label and add it again."""
        self.repo.unlabel(self.number, LABEL, by=by)
        self.label(by)

    def client(self, **rights: str) -> Client:
        """Return a client with the token of a job that judges."""
        return Client(self.hub.api_url, self.hub.token({**RIGHTS, **rights}), pause=lambda _: None)

    def judge(self) -> JudgeContext:
        """Return what a job judges with."""
        context = GitHubContext("workflow_run", "octo/shop", "e" * 40, "refs/heads/main", 7, 1, "test")
        return JudgeContext(context, ActionInputs(), self.client(), Secrets(), Path(), self.hub.clock)

    def check(self, label: str = LABEL, **rights: str) -> AddedLabel | RefusedLabel | None:
        """Check the label by the rule."""
        return check_added_label(self.client(**rights), "octo/shop", self.pull, label)

    def added(self) -> dict[str, Any]:
        """Return the newest event of the pull request, to change it."""
        return self.repo.threads[self.number].events[-1]

    @property
    def pull(self) -> PullRequest:
        """The pull request as it is now."""
        result = read_pull_request(self.repo.pull(self.number))
        assert result is not None
        return result


def why(found: object) -> str:
    """Return why a label was refused."""
    assert isinstance(found, RefusedLabel), found
    return found.reason


def by(found: object) -> str:
    """Return who added a label that counts."""
    assert isinstance(found, AddedLabel), found
    return found.person
