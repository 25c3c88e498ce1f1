"""The runs of a commit: which measured, and which will judge later."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from github_action.api.ask_run import workflow_file
from github_action.api.client import ApiError, Client
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.publish.commit_status import PostedStatus, list_posted_statuses
from github_action.reports.find_pull_request import NothingToJudge, Subject, numbers_of_run

_MOST_LISTED = 1000
"""GitHub lists no more runs of one commit."""


@dataclass(frozen=True, slots=True)
class HeadRun:
    """A workflow run of the head commit, but never the run that this job belongs to.

    ``began_measuring``: the run set the status to pending, which a run for a label never does, or it is of a workflow
    that only measures; if the statuses cannot be read, every run of the measuring workflow counts as one.
    ``will_judge``: the run has neither judged nor ended yet. ``pulls`` are the pull requests that GitHub names for it,
    none for a fork. ``cancelled``: the run ended before it was done. ``created_at`` is by GitHub's clock, in UTC.
    """

    id: int
    is_measuring_workflow: bool
    began_measuring: bool
    will_judge: bool
    head_repository_id: int
    pulls: frozenset[int]
    cancelled: bool
    head_branch: str = ""
    created_at: str = ""


def list_runs_of_head(client: Client, context: GitHubContext, inputs: ActionInputs, sha: str) -> list[HeadRun]:
    """Return the runs of a pull request's head, of all repositories: first those that measured, of these the newest.

    Raises ApiError if the runs cannot be listed, or are too many.
    """
    path = f"repos/{context.repository}/actions/runs"
    listed = list(client.list_items(path, key="workflow_runs", head_sha=sha, event="pull_request"))
    if len(listed) >= _MOST_LISTED:
        raise ApiError(f"{sha[:12]} has {_MOST_LISTED} runs or more, which cannot all be listed; push another commit")
    runs = [run for run in listed if run.get("head_sha") == sha and run.get("id") != context.run_id]
    unclear = len(runs) > 1 or any(run.get("status") != "completed" for run in runs)
    statuses = _list_statuses(client, context, inputs, sha) if unclear else []
    measuring = {inputs.measure_workflow, workflow_file(context.payload.get("workflow_run") or {})} - {""}
    made = [_make_head_run(run, statuses, measuring, inputs.running_workflow) for run in runs]
    return sorted(made, key=lambda run: (run.is_measuring_workflow, run.began_measuring, run.id), reverse=True)


def _list_statuses(client: Client, context: GitHubContext, inputs: ActionInputs, sha: str) -> list[PostedStatus] | None:
    """Return the statuses that our runs posted for a commit, the newest first; None if they cannot be read."""
    try:
        return list(list_posted_statuses(client, context.repository, sha, inputs.status_context, inputs.login))
    except ApiError:
        return None


def _make_head_run(
    run: Mapping[str, Any], statuses: Sequence[PostedStatus] | None, measuring: Collection[str], running: str
) -> HeadRun:
    file, own = workflow_file(run), [status for status in statuses or () if status.run[0] == run["id"]]
    now = [status.state for status in own if status.run[1] == (run.get("run_attempt") or 1)]
    judged = bool(now) and now[0] != "pending"
    return HeadRun(
        id=int(run["id"]),
        is_measuring_workflow=file in measuring,
        began_measuring=any(status.state == "pending" for status in own)
        or (file in measuring and (statuses is None or file != running)),
        will_judge=run.get("status") != "completed" and not judged,
        head_repository_id=int((run.get("head_repository") or {}).get("id") or 0),
        pulls=numbers_of_run(run),
        cancelled=run.get("conclusion") == "cancelled",
        head_branch=str(run.get("head_branch") or ""),
        created_at=str(run.get("created_at") or ""),
    )


def run_of_event(context: GitHubContext) -> HeadRun:
    """Return the run that ended, as the event workflow_run describes it."""
    return _make_head_run(context.payload.get("workflow_run") or {}, (), (), "")


def runs_of_repository(runs: Sequence[HeadRun], subject: Subject) -> list[HeadRun]:
    """Return the runs of the repository that a pull request comes from, in their order."""
    return [run for run in runs if run.head_repository_id == subject.pulls[0].head_repository_id]


def is_awaited(run: HeadRun, inputs: ActionInputs) -> bool:
    """Return whether a run goes on that will judge its commit. If no workflow is named, any may be the one.

    A run that has not begun to measure may never judge; and if it begins, it sets the status to pending itself.
    """
    return run.will_judge and ((run.is_measuring_workflow and run.began_measuring) or not inputs.measure_workflow)


def refuse_if_measured_anew(client: Client, context: GitHubContext, inputs: ActionInputs, subject: Subject) -> None:
    """Raise NothingToJudge if the event's run was cancelled, and another run goes on that will judge the subject.

    So it is with a new base: the run that measures for it cancels the run for the old one. Raises ApiError if the runs
    cannot be listed.
    """
    if (context.payload.get("workflow_run") or {}).get("conclusion") != "cancelled":
        return
    for run in runs_of_repository(list_runs_of_head(client, context, inputs, subject.head_sha), subject):
        if is_awaited(run, inputs):
            raise NothingToJudge(f"the run was cancelled, and run {run.id} measures {subject.head_sha[:12]} anew")
