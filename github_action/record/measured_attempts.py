"""Tells which attempt of this run measured each part: a job that only records also reads parts of earlier attempts."""

from __future__ import annotations

from github_action.api.client import Client
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ARTIFACT_PREFIX
from github_action.reports.download_artifacts import repository_path
from github_action.reports.report_parts import part_name


def measured_attempts(client: Client, context: GitHubContext) -> dict[str, int]:
    """Return the attempt in which each part was uploaded, by the part's name, by GitHub's times. Raises ApiError.

    The first attempt needs no call of the API, and is the attempt of every part that is not in the result.
    """
    if context.attempt == 1:
        return {}
    path = f"repos/{repository_path(context.repository)}/actions/runs/{context.run_id}"
    uploaded: dict[str, str] = {}
    for artifact in client.list_items(f"{path}/artifacts", key="artifacts"):
        name = str(artifact.get("name") or "")
        if name.startswith(f"{ARTIFACT_PREFIX}-"):
            part = part_name(name)
            uploaded[part] = max(uploaded.get(part, ""), str(artifact.get("created_at") or ""))
    attempts: dict[str, int] = {}
    for number in range(2, context.attempt + 1):
        started = str(client.get(f"{path}/attempts/{number}").get("run_started_at"))
        attempts |= {part: number for part, time in uploaded.items() if time >= started}
    return attempts
