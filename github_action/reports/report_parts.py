"""The reports of a run's jobs: those of this job's own disk, or those that other jobs uploaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from github_action.api.client import ApiError, Client
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ARTIFACT_PREFIX, ActionInputs, slug
from github_action.publish.commit_status import PostedStatus, list_posted_statuses
from github_action.reports.download_artifacts import PartFile, download_reports_of_run
from github_action.reports.find_pull_request import NothingToJudge, Subject
from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.report import Report
from pytest_carbon.reporters.run import report_file

_MOST_RUNS = 10
PART_COUNT = ".of"
"""Between a part's name and the number of parts that there are, in an artifact's name."""


@dataclass(frozen=True, slots=True)
class ReportParts:
    """What could be read, by part; the names of what is missing; and why, where that is known."""

    reports: tuple[tuple[str, Report], ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]


def artifact_name(inputs: ActionInputs) -> str:
    """Return the name under which this job's report is uploaded; it tells how many parts there are."""
    return f"{ARTIFACT_PREFIX}-{inputs.shard}" + (f"{PART_COUNT}{inputs.matrix_jobs}" if inputs.matrix_jobs > 1 else "")


def part_name(artifact: str) -> str:
    """Return the name of the part that an artifact holds."""
    return artifact.removeprefix(f"{ARTIFACT_PREFIX}-").partition(PART_COUNT)[0]


def find_parts(
    client: Client, context: GitHubContext, inputs: ActionInputs, subject: Subject, report: Path | None
) -> ReportParts:
    """Return what this job measured, or without that what was uploaded."""
    if report is not None:
        return read_own_part(inputs, report, subject)
    return download_parts(client, context, inputs, subject)


def read_own_part(inputs: ActionInputs, report: Path, subject: Subject) -> ReportParts:
    """Return the report that was measured in this job."""
    return check_parts([PartFile(inputs.shard, *_read(report))], (), subject)


def _read(path: Path) -> tuple[Report | None, str]:
    try:
        return report_file.read(path), ""
    except ReportError as error:
        return None, str(error)


def download_parts(client: Client, context: GitHubContext, inputs: ActionInputs, subject: Subject) -> ReportParts:
    """Return the reports of the run that measured a subject: the named one, or the newest of its commit.

    Raises Nothing while that run still goes on: it will read the labels when it judges.
    """
    if subject.run_id is not None:
        return check_parts(
            download_reports_of_run(client, context.repository, subject.run_id, ARTIFACT_PREFIX), inputs.shards, subject
        )
    runs = _list_runs_of_head(client, context, inputs, subject)
    going_on = NothingToJudge(f"{subject.head_sha[:12]} is being measured, and will be judged then")
    for run in runs[:_MOST_RUNS]:
        found = download_reports_of_run(client, context.repository, run.id, ARTIFACT_PREFIX)
        if found and run.will_judge:
            raise going_on
        if found:
            return check_parts(found, inputs.shards, subject)
    if any(run.is_measuring_workflow and run.will_judge for run in runs):
        raise going_on
    return ReportParts((), inputs.shards, ())


class _HeadRun(NamedTuple):
    """A run of the file that measures. It has begun to if it said so in the status, as one for a label never does;
    it waits until it has judged or ended."""

    is_measuring_workflow: bool
    began_measuring: bool
    id: int
    will_judge: bool


def _list_runs_of_head(
    client: Client, context: GitHubContext, inputs: ActionInputs, subject: Subject
) -> list[_HeadRun]:
    """Return the runs of a pull request's head, those that measured first, the newest first."""
    path, sha = f"repos/{context.repository}/actions/runs", subject.head_sha
    listed = client.list_items(path, key="workflow_runs", max_pages=1, head_sha=sha, event="pull_request")
    own = [
        run
        for run in listed
        if run.get("head_sha") == subject.head_sha
        and (run.get("head_repository") or {}).get("id") == subject.pulls[0].head_repository_id
        and run.get("id") != context.run_id
    ]
    unclear = len(own) > 1 or any(run.get("status") != "completed" for run in own)
    told = _list_statuses(client, context, inputs, subject.head_sha) if unclear else []
    return sorted((_make_head_run(run, told, inputs) for run in own), reverse=True)


def _make_head_run(run: Mapping[str, Any], told: Sequence[PostedStatus], inputs: ActionInputs) -> _HeadRun:
    states = [state for (run_id, _), state in told if run_id == run["id"]]
    judged = bool(states) and states[0] != "pending"
    waits = run.get("status") != "completed" and not judged
    return _HeadRun(_workflow_file(run) == inputs.measure_workflow, "pending" in states, int(run["id"]), waits)


def _list_statuses(client: Client, context: GitHubContext, inputs: ActionInputs, sha: str) -> list[PostedStatus]:
    """Return what runs have said of a commit in our status, the newest first; nothing where that cannot be read."""
    try:
        return list(list_posted_statuses(client, context.repository, sha, inputs.status_context, inputs.login))
    except ApiError:
        return []


def _workflow_file(run: Mapping[str, Any]) -> str:
    return str(run.get("path") or "").partition("@")[0].rpartition("/")[2]


def check_parts(files: Sequence[PartFile], expected: Sequence[str], subject: Subject) -> ReportParts:
    """Return what can be read, each run once, for the subject's own commit, whatever a report says of its commit."""
    reports, missing, notes, there, most = [], [], [], set(), 0
    seen: dict[str, str] = {}  # a run's id -> its part's name
    for part in files:
        name, jobs = part_name(part.name), part.name.partition(PART_COUNT)[2]
        most = max(most, int(jobs) if jobs.isdecimal() and len(jobs) < 4 else 0)
        if part.report is None:
            missing.append(name)
            notes.append(part.problem)
        elif seen.setdefault(part.report.run.id, part.name) != part.name:
            notes.append(f"part {name} is the same run as part {part_name(seen[part.report.run.id])}, and counts once")
        else:
            run = replace(part.report.run, commit=subject.head_sha, branch=subject.branch)
            reports.append((name, replace(part.report, run=run)))
        there.add(name)
    missing += [name for name in expected if slug(name) not in there]
    unnamed = max(0, most - len(there)) if not expected else 0
    missing += ["a job of the matrix whose name is not known"] * unnamed
    return ReportParts(tuple(reports), tuple(missing), tuple(notes))
