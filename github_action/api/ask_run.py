"""Asks GitHub whether a run is there that a status or a comment names: any workflow can write any number into these."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from github_action.api.client import ApiError, Client

MOST_CLAIMS = 5
"""So many runs are looked up; more later runs of one commit than these have no cause that is known."""
_FROM_DEFAULT_BRANCH = ("workflow_run", "pull_request_target", "issue_comment")
"""Runs of these events judge another commit than the one that they belong to."""
_WORKFLOW_PATH = re.compile(r"(?:[^/]+/[^/]+/)?\.github/workflows/([^/]+)")
"""In this repository, or in another one whose workflow the organisation requires."""


@dataclass(frozen=True, slots=True)
class KnownRun:
    """A run that GitHub has. ``may_judge``: it goes on, or a run that GitHub starts after it will judge."""

    may_judge: bool


def ask_run(
    client: Client, repository: str, run: tuple[int, int], sha: str, workflows: Collection[str] = ()
) -> KnownRun | None:
    """Return the run with this number and attempt that may judge a commit; None if this repository has none.

    ``workflows`` are the names of the files that judge, empty if not known: runs of other files do not count. Raises
    ApiError if GitHub cannot tell.
    """
    number, attempt = run
    try:
        found = client.get(f"repos/{repository}/actions/runs/{number}")
    except ApiError as error:
        if error.status == 404:
            return None
        raise
    newest = int(found.get("run_attempt") or 1)
    if not 1 <= attempt <= newest:
        return None
    if workflows and workflow_file(found) not in workflows:
        return None
    if found.get("event") not in _FROM_DEFAULT_BRANCH and found.get("head_sha") != sha:
        return None
    goes_on = attempt == newest and found.get("status") != "completed"
    return KnownRun(goes_on or found.get("event") == "workflow_run")


def workflow_file(run: Mapping[str, Any]) -> str:
    """Return the name of the file of a run's workflow: ``x.yml`` of ``.github/workflows/x.yml@main``.

    It is empty for a workflow that GitHub makes itself, such as ``dynamic/pages/x.yml``.
    """
    match = _WORKFLOW_PATH.fullmatch(str(run.get("path") or "").partition("@")[0])
    return match[1] if match else ""
