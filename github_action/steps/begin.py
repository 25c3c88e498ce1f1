"""The step before measuring: says that it begins, and fetches what it needs."""

from __future__ import annotations

from datetime import UTC, datetime

from github_action import commands
from github_action.fetching import fetch
from github_action.job import Job
from github_action.publication import begin
from github_action.telling import Publication


def run(job: Job) -> int:
    """Say that this commit is being measured, and fetch what that needs; what goes wrong is only told."""
    context, inputs, sha = job.context, job.inputs, job.context.head_sha
    problems: list[str] = []
    if "begin" in job.stages and sha:
        told = Publication(context, sha, None, None, status_context=inputs.status_context, login=inputs.login)
        problems += begin(job.client(), told)
    if "measure" in job.stages:
        problems += fetch(context, inputs, job.secrets, datetime.now(UTC))
    for problem in problems:
        commands.notice(problem, "pytest-carbon")
    return 0
