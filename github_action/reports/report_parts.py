"""Gathers the reports of a run's jobs: the report that this job measured, or the reports that jobs uploaded."""

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
"""Separates, in the name of an artifact, the name of the part from the number of parts: ``carbon-report-test.of3``."""


@dataclass(frozen=True, slots=True)
class ReportParts:
    """The reports that could be read, each with the name of its part; the missing parts; notes on what is wrong."""

    reports: tuple[tuple[str, Report], ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]


def artifact_name(inputs: ActionInputs) -> str:
    """Return the name of the artifact for this job's report. It states how many parts there are."""
    return f"{ARTIFACT_PREFIX}-{inputs.shard}" + (f"{PART_COUNT}{inputs.matrix_jobs}" if inputs.matrix_jobs > 1 else "")


def part_name(artifact: str) -> str:
    """Return the name of the part from the name of an artifact."""
    return artifact.removeprefix(f"{ARTIFACT_PREFIX}-").partition(PART_COUNT)[0]


def find_parts(
    client: Client, context: GitHubContext, inputs: ActionInputs, subject: Subject, report: Path | None
) -> ReportParts:
    """Return the report that this job measured; without a report, download the uploaded reports."""
    if report is not None:
        return read_own_part(inputs, report, subject)
    return download_parts(client, context, inputs, subject)


def read_own_part(inputs: ActionInputs, report: Path, subject: Subject) -> ReportParts:
    """Read the report that this job measured."""
    return check_parts([PartFile(inputs.shard, *_read(report))], (), subject)


def _read(path: Path) -> tuple[Report | None, str]:
    try:
        return report_file.read(path), ""
    except ReportError as error:
        return None, str(error)


def download_parts(client: Client, context: GitHubContext, inputs: ActionInputs, subject: Subject) -> ReportParts:
    """Download the reports of the run that measured a subject: of the named run, or of the newest run of the commit.

    Raises NothingToJudge while that run goes on: it will read the labels when it judges. Raises ApiError if the runs or
    the artifacts cannot be listed.
    """
    if subject.run_id is not None:
        files = download_reports_of_run(client, context.repository, subject.run_id, ARTIFACT_PREFIX)
        return check_parts(files, inputs.shards, subject)
    runs = _list_runs_of_head(client, context, inputs, subject)
    going_on = NothingToJudge(f"{subject.head_sha[:12]} is being measured, and is judged when that run ends")
    for run in runs[:_MOST_RUNS]:
        files = download_reports_of_run(client, context.repository, run.id, ARTIFACT_PREFIX)
        if files and run.will_judge:
            raise going_on
        if files:
            return check_parts(files, inputs.shards, subject)
    if any(run.is_measuring_workflow and run.will_judge for run in runs):
        raise going_on
    return ReportParts((), inputs.shards, ())


class _HeadRun(NamedTuple):
    """A workflow run of the head commit, in the order in which runs are asked for reports.

    ``began_measuring``: the run set the status to pending, which a run for a label never does. ``will_judge``: the run
    has neither judged nor ended yet.
    """

    is_measuring_workflow: bool
    began_measuring: bool
    id: int
    will_judge: bool


def _list_runs_of_head(
    client: Client, context: GitHubContext, inputs: ActionInputs, subject: Subject
) -> list[_HeadRun]:
    """Return the runs of a pull request's head: first those that measured, and of these the newest."""
    path, sha = f"repos/{context.repository}/actions/runs", subject.head_sha
    listed = client.list_items(path, key="workflow_runs", max_pages=1, head_sha=sha, event="pull_request")
    runs = [
        run
        for run in listed
        if run.get("head_sha") == subject.head_sha
        and (run.get("head_repository") or {}).get("id") == subject.pulls[0].head_repository_id
        and run.get("id") != context.run_id
    ]
    unclear = len(runs) > 1 or any(run.get("status") != "completed" for run in runs)
    statuses = _list_statuses(client, context, inputs, subject.head_sha) if unclear else []
    return sorted((_make_head_run(run, statuses, inputs) for run in runs), reverse=True)


def _make_head_run(run: Mapping[str, Any], statuses: Sequence[PostedStatus], inputs: ActionInputs) -> _HeadRun:
    states = [state for (run_id, _), state in statuses if run_id == run["id"]]
    judged = bool(states) and states[0] != "pending"
    will_judge = run.get("status") != "completed" and not judged
    return _HeadRun(_workflow_file(run) == inputs.measure_workflow, "pending" in states, int(run["id"]), will_judge)


def _list_statuses(client: Client, context: GitHubContext, inputs: ActionInputs, sha: str) -> list[PostedStatus]:
    """Return the statuses that our runs posted for a commit, the newest first; none if they cannot be read."""
    try:
        return list(list_posted_statuses(client, context.repository, sha, inputs.status_context, inputs.login))
    except ApiError:
        return []


def _workflow_file(run: Mapping[str, Any]) -> str:
    return str(run.get("path") or "").partition("@")[0].rpartition("/")[2]


def check_parts(files: Sequence[PartFile], expected: Sequence[str], subject: Subject) -> ReportParts:
    """Return the parts that can be read, each run once.

    The commit and branch that a report names are not trusted: the subject's own replace them. Without ``expected`` the
    largest number of parts that an artifact's name states tells how many are missing.
    """
    reports, missing, notes, names, stated_jobs = [], [], [], set(), 0
    part_of_run: dict[str, str] = {}  # the id of a run -> the artifact with its report
    for part in files:
        name, jobs = part_name(part.name), part.name.partition(PART_COUNT)[2]
        stated_jobs = max(stated_jobs, int(jobs) if jobs.isdecimal() and len(jobs) < 4 else 0)
        if part.report is None:
            missing.append(name)
            notes.append(part.problem)
        elif (first := part_of_run.setdefault(part.report.run.id, part.name)) != part.name:
            notes.append(f"part {name} is the same run as part {part_name(first)}; the run counts once")
        else:
            run = replace(part.report.run, commit=subject.head_sha, branch=subject.branch)
            reports.append((name, replace(part.report, run=run)))
        names.add(name)
    missing += [name for name in expected if slug(name) not in names]
    unnamed = max(0, stated_jobs - len(names)) if not expected else 0
    missing += ["a matrix job whose name is not known"] * unnamed
    return ReportParts(tuple(reports), tuple(missing), tuple(notes))
