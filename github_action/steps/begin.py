"""The step before measuring: sets the status to pending, and fetches what confirming growth needs."""

from __future__ import annotations

from datetime import UTC, datetime

from github_action.event import log_commands
from github_action.publish.publication import Publication
from github_action.publish.publish import publish_pending
from github_action.steps.fetch_for_confirm import fetch_for_confirm
from github_action.steps.job import Job


def run(job: Job) -> int:
    """Set the status to pending and fetch base and ledger. Problems are notices in the log; the exit code is 0."""
    context, inputs, sha = job.context, job.inputs, job.context.head_sha
    problems: list[str] = []
    if "begin" in job.stages and sha:
        pending = Publication(context, sha, None, None, status_context=inputs.status_context, login=inputs.login)
        problems += publish_pending(job.client(), pending)
    if "measure" in job.stages:
        problems += fetch_for_confirm(context, inputs, job.secrets, datetime.now(UTC))
    for problem in problems:
        log_commands.notice(problem, "pytest-carbon")
    return 0
