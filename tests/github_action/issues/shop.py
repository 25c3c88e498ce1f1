"""The repository octo/shop on the fake: updates its issues, and shows what a person sees of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from github_action.api.client import Client
from github_action.issues.issue_board import IssueBoard
from github_action.issues.issue_tracker import IssueTracker
from pytest_carbon.core.accounts.values.account import Account
from tests.github_action.fake import FakeGitHub
from tests.github_action.fake.repository import Repository
from tests.github_action.issues.samples import accounts

OUR_LOGIN = "github-actions[bot]"
RIGHTS = {"issues": "write", "contents": "read"}
WRITES = ("POST", "PATCH", "DELETE", "PUT")


@dataclass
class Shop:
    """The repository on a day."""

    hub: FakeGitHub
    day: str = "2026-06-15"
    rights: Mapping[str, str] = field(default_factory=lambda: dict(RIGHTS))
    features: Collection[str] = ()
    login: str = OUR_LOGIN

    def __post_init__(self) -> None:
        self.hub.clock = datetime.fromisoformat(f"{self.day}T12:00:00+00:00")

    @property
    def repo(self) -> Repository:
        """The repository."""
        return self.hub.repositories["octo/shop"]

    def update(self, *holders: Account, day: str = "", **repository: Any) -> list[str]:
        """Update the issues of holders; return the problems."""
        client = Client(self.hub.api_url, self.hub.token(self.rights, login=OUR_LOGIN), log=_ignore, pause=_ignore)
        tracker = IssueTracker(client, "octo/shop", self.login)
        features = frozenset(self.features or (holder.name for holder in holders if holder.level == "feature"))
        board = IssueBoard(tracker, accounts(*holders, **repository), features, day or self.day)
        board.update()
        return board.problems

    def issue(self, title: str) -> int:
        """Return the number of the one issue with a title."""
        (number,) = [thread.number for thread in self.repo.threads.values() if thread.title == title]
        return number

    def body(self, title: str = "Carbon report: checkout") -> str:
        """Return an issue's body."""
        return str(self.repo.threads[self.issue(title)].body)

    def comments(self, title: str = "Carbon report: checkout") -> list[str]:
        """Return our comments on an issue, without their hidden markers."""
        comments = self.repo.comments(self.issue(title))
        return [c["body"].partition("\n")[2] for c in comments if c["user"]["login"] == OUR_LOGIN]

    def open_titles(self) -> list[str]:
        """Return the titles of the open issues."""
        return [thread.title for thread in self.repo.threads.values() if thread.state == "open"]

    def count_writes(self) -> int:
        """Return the number of requests that write."""
        return sum(request.method in WRITES for request in self.hub.requests)


def _ignore(_: object) -> None:
    pass
