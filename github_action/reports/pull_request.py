"""Which pull requests a run belongs to, told by the trusted event and by the API, never by an artifact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from github_action.event.github_context import is_sha


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request as the API tells it now. ``author`` is empty for a deleted account."""

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


def read_pull_request(data: Mapping[str, Any]) -> PullRequest | None:
    """Make a pull request from the API's JSON; None if a commit or repository of it is missing (a deleted fork)."""
    head, base = data.get("head") or {}, data.get("base") or {}
    ours, theirs = base.get("repo") or {}, head.get("repo") or {}
    if not (is_sha(head.get("sha")) and is_sha(base.get("sha")) and ours.get("id")):
        return None
    return PullRequest(
        number=int(data["number"]),
        author=str((data.get("user") or {}).get("login") or ""),
        labels=tuple(str(label["name"]) for label in data.get("labels") or () if label.get("name")),
        head_sha=head["sha"],
        head_ref=str(head.get("ref") or ""),
        head_repository=str(theirs.get("full_name") or ""),
        head_repository_id=int(theirs.get("id") or 0),
        base_sha=base["sha"],
        base_ref=str(base.get("ref") or ""),
        from_fork=theirs.get("id") != ours["id"],
        is_open=data.get("state") == "open",
    )
