"""The step before measuring: says that it begins, and fetches what it needs."""

from __future__ import annotations

from datetime import UTC, datetime

from github_action.event import log_commands
from github_action.publish.publication import Publication
from github_action.publish.publish import publish_pending
from github_action.steps.fetch_for_confirm import fetch_for_confirm
from github_action.steps.job import Job


def run(job: Job) -> int:
    """Say that this commit is being measured, and fetch what that needs; what goes wrong is only told."""
    context, inputs, sha = job.context, job.inputs, job.context.head_sha
    problems: list[str] = []
    if "begin" in job.stages and sha:
        told = Publication(context, sha, None, None, status_context=inputs.status_context, login=inputs.login)
        problems += publish_pending(job.client(), told)
    if "measure" in job.stages:
        problems += fetch_for_confirm(context, inputs, job.secrets, datetime.now(UTC))
    for problem in problems:
        log_commands.notice(problem, "pytest-carbon")
    return 0
