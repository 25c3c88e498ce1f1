"""The reports of a run's jobs: those of this job's own disk, or those that other jobs uploaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple

from github_action.api.client import ApiError, Client
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ARTIFACT_PREFIX, ActionInputs, slug
from github_action.publish.commit_status import Told, said_of
from github_action.reports.download_artifacts import PartFile, download_reports_of_run
from github_action.reports.find_pull_request import NothingToJudge, Subject
from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.report import Report
from pytest_carbon.reporters.run import report_file

_MOST_RUNS = 10
OF = ".of"
"""Between a part's name and the number of parts that there are, in an artifact's name."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What could be read, by part; the names of what is missing; and why, where that is known."""

    reports: tuple[tuple[str, Report], ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]


def artifact_name(inputs: ActionInputs) -> str:
    """Return the name under which this job's report is uploaded; it tells how many parts there are."""
    return f"{ARTIFACT_PREFIX}-{inputs.shard}" + (f"{OF}{inputs.matrix_jobs}" if inputs.matrix_jobs > 1 else "")


def part_of(artifact: str) -> str:
    """Return the name of the part that an artifact holds."""
    return artifact.removeprefix(f"{ARTIFACT_PREFIX}-").partition(OF)[0]


def parts_of(
    client: Client, context: GitHubContext, inputs: ActionInputs, subject: Subject, report: Path | None
) -> Parts:
    """Return what this job measured, or without that what was uploaded."""
    if report is not None:
        return own_parts(inputs, report, subject)
    return uploaded_parts(client, context, inputs, subject)


def own_parts(inputs: ActionInputs, report: Path, subject: Subject) -> Parts:
    """Return the report that was measured in this job."""
    return checked([PartFile(inputs.shard, *_read(report))], (), subject)


def _read(path: Path) -> tuple[Report | None, str]:
    try:
        return report_file.read(path), ""
    except ReportError as error:
        return None, str(error)


def uploaded_parts(client: Client, context: GitHubContext, inputs: ActionInputs, subject: Subject) -> Parts:
    """Return the reports of the run that measured a subject: the named one, or the newest of its commit.

    Raises Nothing while that run still goes on: it will read the labels when it judges.
    """
    if subject.run_id is not None:
        return checked(
            download_reports_of_run(client, context.repository, subject.run_id, ARTIFACT_PREFIX), inputs.shards, subject
        )
    runs = _runs_of(client, context, inputs, subject)
    going_on = NothingToJudge(f"{subject.head_sha[:12]} is being measured, and will be judged then")
    for run in runs[:_MOST_RUNS]:
        found = download_reports_of_run(client, context.repository, run.id, ARTIFACT_PREFIX)
        if found and run.waits:
            raise going_on
        if found:
            return checked(found, inputs.shards, subject)
    if any(run.measures and run.waits for run in runs):
        raise going_on
    return Parts((), inputs.shards, ())


class _Run(NamedTuple):
    """A run of the file that measures. It has begun to if it said so in the status, as one for a label never does;
    it waits until it has judged or ended."""

    measures: bool
    began: bool
    id: int
    waits: bool


def _runs_of(client: Client, context: GitHubContext, inputs: ActionInputs, subject: Subject) -> list[_Run]:
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
    told = _told(client, context, inputs, subject.head_sha) if unclear else []
    return sorted((_run(run, told, inputs) for run in own), reverse=True)


def _run(run: Mapping[str, Any], told: Sequence[Told], inputs: ActionInputs) -> _Run:
    states = [state for (run_id, _), state in told if run_id == run["id"]]
    judged = bool(states) and states[0] != "pending"
    waits = run.get("status") != "completed" and not judged
    return _Run(_file_of(run) == inputs.measure_workflow, "pending" in states, int(run["id"]), waits)


def _told(client: Client, context: GitHubContext, inputs: ActionInputs, sha: str) -> list[Told]:
    """Return what runs have said of a commit in our status, the newest first; nothing where that cannot be read."""
    try:
        return list(said_of(client, context.repository, sha, inputs.status_context, inputs.login))
    except ApiError:
        return []


def _file_of(run: Mapping[str, Any]) -> str:
    return str(run.get("path") or "").partition("@")[0].rpartition("/")[2]


def checked(found: Sequence[PartFile], expected: Sequence[str], subject: Subject) -> Parts:
    """Return what can be read, each run once, for the subject's own commit, whatever a report says of its commit."""
    reports, missing, notes, there, most = [], [], [], set(), 0
    seen: dict[str, str] = {}  # a run's id -> its part's name
    for part in found:
        name, jobs = part_of(part.name), part.name.partition(OF)[2]
        most = max(most, int(jobs) if jobs.isdecimal() and len(jobs) < 4 else 0)
        if part.report is None:
            missing.append(name)
            notes.append(part.problem)
        elif seen.setdefault(part.report.run.id, part.name) != part.name:
            notes.append(f"part {name} is the same run as part {part_of(seen[part.report.run.id])}, and counts once")
        else:
            run = replace(part.report.run, commit=subject.head_sha, branch=subject.branch)
            reports.append((name, replace(part.report, run=run)))
        there.add(name)
    missing += [name for name in expected if slug(name) not in there]
    unnamed = max(0, most - len(there)) if not expected else 0
    missing += ["a job of the matrix whose name is not known"] * unnamed
    return Parts(tuple(reports), tuple(missing), tuple(notes))
