"""What GitHub told the job: the event, and the inputs of the step. Believed only as far as each is to be trusted."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_carbon.core.errors import ConfigError

_SHA = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")


@dataclass(frozen=True, slots=True)
class GitHubContext:
    """The run of the workflow that we are a step of.

    ``sha`` is the commit that was checked out: for a pull request a merge of head and base that nobody pushed.
    ``payload`` is the event as GitHub sent it; names and titles in it come from strangers.
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
        """What happened to the event's subject, such as ``labeled``; empty for events without."""
        return str(self.payload.get("action") or "")

    @property
    def default_branch(self) -> str:
        """The repository's default branch; empty where the event does not tell."""
        repository = self.payload.get("repository") or {}
        return str(repository.get("default_branch") or "")

    @property
    def branch(self) -> str:
        """The branch that the run is of, where it is of one."""
        return self.ref.removeprefix("refs/heads/")

    @property
    def on_default_branch(self) -> bool:
        """Whether the run is of the default branch; a schedule does not tell, and runs on nothing else."""
        return self.event == "schedule" or self.ref == f"refs/heads/{self.default_branch}"

    @property
    def labels_or_base_changed(self) -> bool:
        """Whether the labels or the base of a pull request have changed, and its commits have not."""
        return self.action in ("labeled", "unlabeled", "edited")

    @property
    def head_sha(self) -> str | None:
        """The commit that the event wants judged, before anything is asked of the API; None where it names none."""
        pull, group, run = (self.payload.get(name) or {} for name in ("pull_request", "merge_group", "workflow_run"))
        sha = (pull.get("head") or {}).get("sha") or group.get("head_sha") or run.get("head_sha")
        return sha if is_sha(sha) else None

    @property
    def run_url(self) -> str:
        """The page of this run and attempt."""
        return f"{self.server_url}/{self.repository}/actions/runs/{self.run_id}/attempts/{self.attempt}"


def read_github_context(environment: Mapping[str, str]) -> GitHubContext:
    """Read the variables that every step of GitHub Actions has; ConfigError outside of it."""
    try:
        payload = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text(encoding="utf-8"))
        found = GitHubContext(
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
            f"this is no step of GitHub Actions as we know them ({type(error).__name__}: {error}); "
            "elsewhere use pytest-carbon check"
        ) from error
    if not _REPOSITORY.fullmatch(found.repository) or not _SHA.fullmatch(found.sha):
        raise ConfigError(f"GITHUB_REPOSITORY is {found.repository!r} and GITHUB_SHA {found.sha!r}; one is none")
    return found


def is_sha(text: object) -> bool:
    """Say whether a text is the full name of a commit."""
    return isinstance(text, str) and _SHA.fullmatch(text) is not None
