"""A pull request as GitHub's API describes it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from github_action.api.client import Client
from github_action.event.github_context import GitHubContext, is_sha

_NUMBER_PATTERNS = (re.compile(r"\(#(\d{1,9})\)\s*$"), re.compile(r"^Merge pull request #(\d{1,9}) from "))


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as it is now. ``author`` is the login, empty for a deleted account. ``labels`` are names.

    ``opened`` is a time (ISO 8601, UTC). ``by_bot`` says that the author is an app.
    """

    number: int
    author: str
    labels: tuple[str, ...]
    head_sha: str
    head_ref: str
    head_repository: str
    head_repository_id: int
    base_sha: str
    base_ref: str
    from_fork: bool
    is_open: bool = True
    opened: str = ""
    by_bot: bool = False

    @property
    def branch(self) -> str:
        """The branch of its runs: never one of this repository if a fork's, and never the one it is merged into."""
        return f"pull/{self.number}" if self.from_fork or self.head_ref == self.base_ref else self.head_ref


def read_pull_request(data: Mapping[str, Any]) -> PullRequest | None:
    """Read a pull request from the API's JSON; None if its head, its base or the base's repository is missing.

    If the fork was deleted, the head repository has an empty name and the id 0.
    """
    head, base = data.get("head") or {}, data.get("base") or {}
    base_repository, head_repository = base.get("repo") or {}, head.get("repo") or {}
    if not (is_sha(head.get("sha")) and is_sha(base.get("sha")) and base_repository.get("id")):
        return None
    return PullRequest(
        number=int(data["number"]),
        author=str((data.get("user") or {}).get("login") or ""),
        labels=tuple(str(label["name"]) for label in data.get("labels") or () if label.get("name")),
        head_sha=head["sha"],
        head_ref=str(head.get("ref") or ""),
        head_repository=str(head_repository.get("full_name") or ""),
        head_repository_id=int(head_repository.get("id") or 0),
        base_sha=base["sha"],
        base_ref=str(base.get("ref") or ""),
        from_fork=head_repository.get("id") != base_repository["id"],
        is_open=data.get("state") == "open",
        opened=str(data.get("created_at") or ""),
        by_bot=is_bot(data.get("user") or {}),
    )


def get_pull_request(client: Client, repository: str, number: int) -> PullRequest | None:
    """Ask GitHub for a pull request; None if its head or its base is missing. Raises ApiError if it is not there."""
    return read_pull_request(client.get(f"repos/{repository}/pulls/{number}"))


def with_commented_pull_request(client: Client, context: GitHubContext) -> GitHubContext:
    """Return the context; that of a comment with the pull request as it is now, which its event does not have.

    Raises ApiError: then not even the commit is known.
    """
    number = context.commented_pull_request
    if number is None:
        return context
    pull = client.get(f"repos/{context.repository}/pulls/{number}")
    return replace(context, payload={**context.payload, "pull_request": pull})


def numbers_in_message(message: str) -> list[int]:
    """Return the numbers of pull requests that GitHub writes into the first line of a commit's message on merging."""
    subject = message.partition("\n")[0]
    return [int(match[1]) for pattern in _NUMBER_PATTERNS if (match := pattern.search(subject))]


def is_bot(account: Mapping[str, Any]) -> bool:
    """Return whether an account of the API's JSON is an app. A person's login has no brackets."""
    return account.get("type") == "Bot" or str(account.get("login") or "").endswith("[bot]")
