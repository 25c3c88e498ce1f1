"""The step before measuring: sets the status to pending, and fetches what confirming growth needs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from github_action.api.client import ApiError, Client
from github_action.api.own_login import read_own_login
from github_action.event import log_commands
from github_action.publish.commit_status import has_result_since
from github_action.publish.publication import Publication
from github_action.publish.publish import publish_pending
from github_action.steps.fetch_for_confirm import fetch_for_confirm
from github_action.steps.job import Job


def run(job: Job) -> int:
    """Set the status to pending and fetch base and ledger. Problems are notices in the log.

    The exit code is 1 if GitHub does not tell whether the verdict is there already: then nothing is written.
    """
    context, inputs, sha = job.context, job.inputs, job.context.head_sha
    problems: list[str] = []
    if "begin" in job.stages and sha:
        client = job.client()
        pending = Publication(context, sha, None, None, status_context=inputs.status_context, login=inputs.login)
        try:
            if _verdict_will_come(client, pending):
                problems += publish_pending(client, pending)
        except ApiError as error:
            log_commands.error(
                f"the status was not set to pending, because GitHub does not tell whether the verdict of {sha[:12]} is "
                f"there already: {error}; the run that measures is judged all the same when it ends",
                "pytest-carbon",
            )
            return 1
    if "measure" in job.stages:
        problems += fetch_for_confirm(context, inputs, job.secrets, datetime.now(UTC))
    for problem in problems:
        log_commands.notice(problem, "pytest-carbon")
    return 0


def _verdict_will_come(client: Client, pending: Publication) -> bool:
    """Return whether the status may be set to pending, because something is going to judge the commit.

    A run of another workflow is judged when it ends. This step may be late, and that verdict be there already. If
    GitHub does not tell of the run, the statuses do. Raises ApiError if they do not, either.
    """
    context, run = pending.context, pending.context.payload.get("workflow_run")
    if context.event != "workflow_run" or not run:
        return True
    if run.get("event") != "pull_request":
        return False
    try:
        return bool(
            client.get(f"repos/{context.repository}/actions/runs/{int(run['id'])}").get("status") != "completed"
        )
    except ApiError:
        own = replace(pending, login=read_own_login(client, pending.login))
        return not has_result_since(client, own, str(run.get("run_started_at") or run.get("created_at")))
