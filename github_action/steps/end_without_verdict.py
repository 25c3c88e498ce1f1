"""Ends the status of a commit if the last step stops before the gate: by a wrong input, or by an unforeseen error."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import get_args

from github_action.api.client import ApiError, Client
from github_action.api.own_login import read_own_login
from github_action.event.choose_stages import choose_stages
from github_action.event.github_context import GitHubContext, read_github_context
from github_action.event.inputs import StageInput, read_inputs
from github_action.publish.commit_status import list_posted_statuses
from github_action.publish.publication import Publication
from github_action.publish.publish import publish
from github_action.steps.job import Job

_NOT_NEEDED = ("CARBON_COMMENT", "CARBON_FAIL_JOB", "CARBON_ON_ERROR", "CARBON_WORKING_DIRECTORY")
"""The inputs that may be wrong here: without them the status is an error, and no comment is written."""


def end_without_verdict(
    environment: Mapping[str, str], pause: Callable[[float], None], problem: str
) -> tuple[str, ...]:
    """Write an error as the status of the commit that this step was to judge. Return a sentence for each problem.

    Without it the commit would wait for ever for the verdict that its pending status promises. A verdict that this run
    has written before it stopped is left. Raises ConfigError if inputs that are needed are wrong, too.
    """
    stage_is_wrong = environment.get("CARBON_STAGE", "").strip() not in get_args(StageInput)
    left_out = {*_NOT_NEEDED, *(["CARBON_STAGE"] if stage_is_wrong else [])}
    known = {name: value for name, value in environment.items() if name not in left_out}
    context, inputs = read_github_context(known), read_inputs(known)
    job = Job(context, inputs, choose_stages(context, inputs), known, pause)
    sha = context.head_sha
    if sha is None or "gate" not in job.stages or not _may_be_judged(context) or job.secrets.token is None:
        return ()
    client = job.client()
    publication = Publication(
        context,
        sha,
        pull_number=None,
        verdict=None,
        problem=problem,
        comment_mode="off",
        status_context=inputs.status_context,
        login=read_own_login(client, inputs.login),
        workflows=inputs.workflows,
    )
    return () if _is_written(client, publication) else publish(client, publication).problems


def _may_be_judged(context: GitHubContext) -> bool:
    run = context.payload.get("workflow_run") or {}
    return context.action != "closed" and run.get("event", "pull_request") == "pull_request"


def _is_written(client: Client, publication: Publication) -> bool:
    """Return whether this run has a result already; not if GitHub does not tell."""
    context = publication.context
    try:
        statuses = list_posted_statuses(
            client, context.repository, publication.head_sha, publication.status_context, publication.login
        )
        own = next((status for status in statuses if status.run == (context.run_id, context.attempt)), None)
    except ApiError:
        return False
    return own is not None and own.state != "pending"
