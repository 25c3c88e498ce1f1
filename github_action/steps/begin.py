"""The step before measuring: sets the status to pending, and fetches what confirming growth needs."""

from __future__ import annotations

from datetime import UTC, datetime

from github_action.api.client import ApiError, Client
from github_action.event import log_commands
from github_action.event.github_context import GitHubContext
from github_action.publish.publication import Publication
from github_action.publish.publish import publish_pending
from github_action.steps.fetch_for_confirm import fetch_for_confirm
from github_action.steps.job import Job


def run(job: Job) -> int:
    """Set the status to pending and fetch base and ledger. Problems are notices in the log; the exit code is 0."""
    context, inputs, sha = job.context, job.inputs, job.context.head_sha
    problems: list[str] = []
    if "begin" in job.stages and sha:
        client = job.client()
        pending = Publication(context, sha, None, None, status_context=inputs.status_context, login=inputs.login)
        if _verdict_will_come(client, context):
            problems += publish_pending(client, pending)
    if "measure" in job.stages:
        problems += fetch_for_confirm(context, inputs, job.secrets, datetime.now(UTC))
    for problem in problems:
        log_commands.notice(problem, "pytest-carbon")
    return 0


def _verdict_will_come(client: Client, context: GitHubContext) -> bool:
    """Return whether the status may be set to pending, because something is going to judge the commit.

    A run of another workflow is judged when it ends. This step may be late, and that verdict be there already.
    """
    run = context.payload.get("workflow_run")
    if context.event != "workflow_run" or not run:
        return True
    if run.get("event") != "pull_request":
        return False
    try:
        return bool(
            client.get(f"repos/{context.repository}/actions/runs/{int(run['id'])}").get("status") != "completed"
        )
    except ApiError:
        return True
