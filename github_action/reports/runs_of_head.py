"""The runs of a commit: which measured, in which order they are asked for reports, and which will judge later."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from github_action.api.client import ApiError, Client
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.publish.commit_status import PostedStatus, list_posted_statuses
from github_action.reports.find_pull_request import Subject, numbers_of_run

MOST_RUNS = 10
"""So many runs of a commit are asked for reports."""


@dataclass(frozen=True, slots=True)
class HeadRun:
    """A workflow run of the head commit, but never the run that this job belongs to.

    ``began_measuring``: the run set the status to pending, which a run for a label never does. ``will_judge``: the run
    has neither judged nor ended yet. ``pulls`` are the pull requests that GitHub names for it, none for a fork.
    ``cancelled``: the run ended before it was done.
    """

    id: int
    is_measuring_workflow: bool
    began_measuring: bool
    will_judge: bool
    head_repository_id: int
    pulls: frozenset[int]
    cancelled: bool


def list_runs_of_head(client: Client, context: GitHubContext, inputs: ActionInputs, sha: str) -> list[HeadRun]:
    """Return the runs of a pull request's head, of all repositories: first those that measured, of these the newest.

    Raises ApiError if the runs cannot be listed.
    """
    path = f"repos/{context.repository}/actions/runs"
    listed = client.list_items(path, key="workflow_runs", max_pages=1, head_sha=sha, event="pull_request")
    runs = [run for run in listed if run.get("head_sha") == sha and run.get("id") != context.run_id]
    unclear = len(runs) > 1 or any(run.get("status") != "completed" for run in runs)
    statuses = _list_statuses(client, context, inputs, sha) if unclear else []
    measuring = {inputs.measure_workflow, _workflow_file(context.payload.get("workflow_run") or {})} - {""}
    made = [_make_head_run(run, statuses, measuring) for run in runs]
    return sorted(made, key=lambda run: (run.is_measuring_workflow, run.began_measuring, run.id), reverse=True)


def _list_statuses(client: Client, context: GitHubContext, inputs: ActionInputs, sha: str) -> list[PostedStatus]:
    """Return the statuses that our runs posted for a commit, the newest first; none if they cannot be read."""
    try:
        return list(list_posted_statuses(client, context.repository, sha, inputs.status_context, inputs.login))
    except ApiError:
        return []


def _make_head_run(run: Mapping[str, Any], statuses: Sequence[PostedStatus], measuring: Collection[str]) -> HeadRun:
    own = [status for status in statuses if status.run[0] == run["id"]]
    now = [status.state for status in own if status.run[1] == (run.get("run_attempt") or 1)]
    judged = bool(now) and now[0] != "pending"
    return HeadRun(
        id=int(run["id"]),
        is_measuring_workflow=_workflow_file(run) in measuring,
        began_measuring=any(status.state == "pending" for status in own),
        will_judge=run.get("status") != "completed" and not judged,
        head_repository_id=int((run.get("head_repository") or {}).get("id") or 0),
        pulls=numbers_of_run(run),
        cancelled=run.get("conclusion") == "cancelled",
    )


def _workflow_file(run: Mapping[str, Any]) -> str:
    return str(run.get("path") or "").partition("@")[0].rpartition("/")[2]


def runs_of_repository(runs: Sequence[HeadRun], subject: Subject) -> list[HeadRun]:
    """Return the runs of the repository that a pull request comes from, in their order."""
    return [run for run in runs if run.head_repository_id == subject.pulls[0].head_repository_id]


def runs_to_ask(runs: Sequence[HeadRun], subject: Subject, shared_by: frozenset[int]) -> list[HeadRun]:
    """Return the runs to ask for the report of one of the pull requests that share a commit: runs that are done.

    Runs that GitHub names for this one alone come first, and those for others alone last. Most often GitHub names all
    pull requests of a branch; then the newest run that measured their commit counts for each.
    """
    own = subject.pulls[0].number

    def rank(run: HeadRun) -> int:
        named = run.pulls & shared_by
        if named == {own}:
            return 0
        return 1 if own in named or not named else 2

    done = [run for run in runs_of_repository(runs, subject) if not (run.will_judge or run.cancelled)]
    return sorted(done, key=rank)[:MOST_RUNS]


def is_awaited(run: HeadRun, inputs: ActionInputs) -> bool:
    """Return whether a run goes on that will judge its commit. If no workflow is named, any may be the one."""
    return run.will_judge and (run.is_measuring_workflow or not inputs.measure_workflow)
