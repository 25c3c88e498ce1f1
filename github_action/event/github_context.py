"""The run of the workflow that this step belongs to: its event, repository, commit and addresses."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.files.read_bounded import FACTS_BYTES, read_bytes

_SHA = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
COMMENT_MARK = "<!-- pytest-carbon"
"""So the markers begin that are in every comment of ours."""


@dataclass(frozen=True, slots=True)
class GitHubContext:
    """The run of the workflow that this step belongs to.

    ``sha`` is the commit of the checkout: for a pull request GitHub's own merge of head and base. ``payload`` is the
    event as GitHub sent it. Its names and titles come from strangers, so treat them as hostile text.
    """

    event: str
    repository: str
    sha: str
    ref: str
    run_id: int
    attempt: int
    job: str
    server_url: str = "https://github.com"
    api_url: str = "https://api.github.com"
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def action(self) -> str:
        """What happened to the event's subject, such as ``labeled``; empty for an event without an action."""
        return str(self.payload.get("action") or "")

    @property
    def default_branch(self) -> str:
        """The repository's default branch; empty if the event does not name it."""
        repository = self.payload.get("repository") or {}
        return str(repository.get("default_branch") or "")

    @property
    def branch(self) -> str:
        """The branch of the run; the whole ref if the run is of no branch."""
        return self.ref.removeprefix("refs/heads/")

    @property
    def on_default_branch(self) -> bool:
        """Whether the run is of the default branch. The event schedule names none, and always runs there."""
        return self.event == "schedule" or self.ref == f"refs/heads/{self.default_branch}"

    @property
    def commits_changed(self) -> bool:
        """Whether the event brought a merge to measure, of new commits or with another base.

        A label, a comment, a new title or closing brings none, and neither does a run whose jobs were all skipped.
        """
        skipped = (self.payload.get("workflow_run") or {}).get("conclusion") == "skipped"
        brings_none = self.event == "issue_comment" or self.action in ("labeled", "unlabeled", "edited", "closed")
        return self.base_changed or not (brings_none or skipped)

    @property
    def base_changed(self) -> bool:
        """Whether the event is that a pull request got another base."""
        changes = self.payload.get("changes")
        return self.action == "edited" and isinstance(changes, dict) and "base" in changes

    @property
    def commented_pull_request(self) -> int | None:
        """The number of the pull request that somebody has commented on; None for another event, and for an issue."""
        issue = self.payload.get("issue") or {}
        return int(issue["number"]) if self.event == "issue_comment" and issue.get("pull_request") else None

    @property
    def may_give_a_reason(self) -> bool:
        """Whether the event is a comment on a pull request that may give a reason: no bot's, and none of ours.

        A person's token writes our comments as that person. Else a run that writes a comment would start the next run.
        """
        comment = self.payload.get("comment") or {}
        written_here = COMMENT_MARK in str(comment.get("body"))
        by_bot = (comment.get("user") or {}).get("type") == "Bot"
        return self.commented_pull_request is not None and not (written_here or by_bot)

    @property
    def head_sha(self) -> str | None:
        """The commit that the event asks to judge, without a request to the API; None if the event names no commit."""
        pull, group, run = (self.payload.get(key) or {} for key in ("pull_request", "merge_group", "workflow_run"))
        sha = (pull.get("head") or {}).get("sha") or group.get("head_sha") or run.get("head_sha")
        return sha if is_sha(sha) else None

    def run_of_event(self, run_id: int) -> Mapping[str, Any] | None:
        """Return what the event says of a workflow run, such as its times; None if it is not about that run."""
        run = self.payload.get("workflow_run") or {}
        return run if run.get("id") == run_id and run.get("created_at") else None

    @property
    def run_url(self) -> str:
        """The web page of this run and attempt."""
        return f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}/attempts/{self.attempt}"


def read_github_context(environment: Mapping[str, str]) -> GitHubContext:
    """Read the variables that GitHub Actions sets for every step. Raises ConfigError outside of GitHub Actions."""
    try:
        payload = json.loads(read_bytes(Path(environment["GITHUB_EVENT_PATH"]), FACTS_BYTES))
        context = GitHubContext(
            event=environment["GITHUB_EVENT_NAME"],
            repository=environment["GITHUB_REPOSITORY"],
            sha=environment["GITHUB_SHA"],
            ref=environment.get("GITHUB_REF", ""),
            run_id=int(environment["GITHUB_RUN_ID"]),
            attempt=int(environment.get("GITHUB_RUN_ATTEMPT") or 1),
            job=environment.get("GITHUB_JOB", ""),
            server_url=environment.get("GITHUB_SERVER_URL", "https://github.com").rstrip("/"),
            api_url=environment.get("GITHUB_API_URL", "https://api.github.com").rstrip("/"),
            payload=payload if isinstance(payload, dict) else {},
        )
    except (KeyError, ValueError, OSError) as error:
        raise ConfigError(
            f"this process is not a step of GitHub Actions ({type(error).__name__}: {error}); "
            "outside of GitHub Actions use pytest-carbon check"
        ) from error
    if not _REPOSITORY.fullmatch(context.repository) or not _SHA.fullmatch(context.sha):
        raise ConfigError(
            f"GITHUB_REPOSITORY is {context.repository!r} and GITHUB_SHA is {context.sha!r}, and one of them is not "
            "valid; does a step before change these variables?"
        )
    return context


def is_sha(text: object) -> bool:
    """Return whether a text is the full hash of a commit, SHA-1 or SHA-256."""
    return isinstance(text, str) and _SHA.fullmatch(text) is not None
