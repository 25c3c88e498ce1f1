"""Gathers the reports of a run's jobs: the report that this job measured, or the reports that jobs uploaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from github_action.api.client import Client
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ARTIFACT_PREFIX, ActionInputs, slug
from github_action.reports.download_artifacts import PartFile, download_reports_of_run
from github_action.reports.find_pull_request import NothingToJudge, Subject
from github_action.reports.runs_of_head import HeadRun, list_runs_of_head, run_of_event, runs_of_repository
from github_action.reports.runs_of_pull import RunsOfPull, find_measurements, measurements_of_event
from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.report import Report
from pytest_carbon.reporters.run import report_file

PART_COUNT = ".of"
"""Separates, in the name of an artifact, the name of the part from the number of parts: ``carbon-report-test.of3``."""


@dataclass(frozen=True, slots=True)
class ReportParts:
    """The reports that could be read, each with the name of its part; the missing parts; notes on what is wrong.

    ``found``: there was a report at all, even if it could not be read. ``expired``: GitHub has deleted one after its
    time. ``problem`` says why nothing was measured, and ``nothing_to_measure`` why nothing need be. ``run_id`` is the
    run of GitHub that measured and uploaded them; None if this job did.
    """

    reports: tuple[tuple[str, Report], ...]
    missing: tuple[str, ...]
    notes: tuple[str, ...]
    found: bool = False
    expired: bool = False
    problem: str = ""
    nothing_to_measure: str = ""
    run_id: int | None = None

    @property
    def measured(self) -> bool:
        """Whether the reports tell of a measurement."""
        return not (self.problem or self.nothing_to_measure)

    def why_no_report(self, subject: Subject) -> str:
        """Return why there is no report that can be read: what GitHub sent, or what did not come."""
        sha = subject.head_sha[:12]
        if self.notes:
            return f"no carbon report of {sha} can be read: {' '.join(self.notes)}"
        return (
            f"there is no carbon report of {sha}: no job of the run uploaded a report; the log of the measuring job "
            "says whether its tests ran with --carbon, and whether the upload failed"
        )


def artifact_name(inputs: ActionInputs) -> str:
    """Return the name of the artifact for this job's report. It states how many parts there are."""
    return f"{ARTIFACT_PREFIX}-{inputs.shard}" + (f"{PART_COUNT}{inputs.matrix_jobs}" if inputs.matrix_jobs > 1 else "")


def part_name(artifact: str) -> str:
    """Return the name of the part from the name of an artifact."""
    return artifact.removeprefix(f"{ARTIFACT_PREFIX}-").partition(PART_COUNT)[0]


def find_parts(
    client: Client, context: GitHubContext, inputs: ActionInputs, subject: Subject, report: Path | None
) -> list[ReportParts]:
    """Return the report that this job measured; without a report, or if it is not of the subject, download reports."""
    if report is not None and subject.run_id is not None:
        return [read_own_part(inputs, report, subject)]
    return download_parts(client, context, inputs, subject)


def read_own_part(inputs: ActionInputs, report: Path, subject: Subject) -> ReportParts:
    """Read the report that this job measured."""
    return check_parts([PartFile(inputs.shard, *_read(report))], (), subject)


def _read(path: Path) -> tuple[Report | None, str]:
    try:
        return report_file.read(path), ""
    except ReportError as error:
        return None, str(error)


def download_parts(client: Client, context: GitHubContext, inputs: ActionInputs, subject: Subject) -> list[ReportParts]:
    """Download the reports of the run that measured a subject: of the named run, or of the newest run of the commit.

    They are several if several runs may be the one, because other pull requests had the same commit. Raises
    NothingToJudge while a run goes on that will judge the commit: it reads the labels when it does. Raises ReportError
    if the runs measured another base, and ApiError if the runs or the artifacts cannot be listed.
    """

    def read(run_id: int) -> ReportParts:
        return check_parts(files_of_run(client, context, run_id), inputs.shards, subject, run_id)

    def list_runs() -> list[HeadRun]:
        return runs_of_repository(list_runs_of_head(client, context, inputs, subject.head_sha), subject)

    if subject.run_id is not None and (context.event != "workflow_run" or not subject.pulls):
        return [read(subject.run_id)]
    own = RunsOfPull(client, context.repository, subject.pulls[0], frozenset({subject.pulls[0].number}))
    if subject.run_id is not None:
        return measurements_of_event(own, run_of_event(context), list_runs, read)
    runs = list_runs()
    going_on = NothingToJudge(f"{subject.head_sha[:12]} is being measured, and is judged when that run ends")
    if any(run.began_measuring and run.will_judge for run in runs):
        raise going_on
    found = find_measurements(own, runs, read)
    if not found and any(run.is_measuring_workflow and run.will_judge for run in runs):
        raise going_on
    return found or [ReportParts((), inputs.shards, ())]


def files_of_run(client: Client, context: GitHubContext, run_id: int) -> list[PartFile]:
    """Download the reports that a run uploaded. Raises ApiError if they cannot be listed."""
    known = context.run_of_event(run_id)
    return download_reports_of_run(client, context.repository, run_id, ARTIFACT_PREFIX, known)


def check_parts(
    files: Sequence[PartFile], expected: Sequence[str], subject: Subject, run_id: int | None = None
) -> ReportParts:
    """Return the parts that can be read, each run once.

    The commit and branch that a report names are not trusted: the subject's own replace them. Without ``expected`` the
    largest number of parts that an artifact's name states tells how many are missing.
    """
    reports, missing, notes, names, stated_jobs = [], [], [], set(), 0
    part_of_run: dict[str, PartFile] = {}  # the id of a run -> the first part with it
    for part in files:
        name, jobs = part_name(part.name), part.name.partition(PART_COUNT)[2]
        stated_jobs = max(stated_jobs, int(jobs) if jobs.isdecimal() and len(jobs) < 4 else 0)
        if part.report is None:
            missing.append(name)
            notes.append(part.problem)
        elif (first := part_of_run.setdefault(part.report.run.id, part)) is not part:
            if first.report == part.report:
                notes.append(f"part {name} is the same run as part {part_name(first.name)}; the run counts once")
                continue  # so the part is missing, if it is expected
            missing.append(name)
            notes.append(
                f"part {name} says that it is run {part.report.run.id}, as part {part_name(first.name)} does, "
                "with other figures; was its report changed?"
            )
        else:
            run = replace(part.report.run, commit=subject.head_sha, branch=subject.branch)
            reports.append((name, replace(part.report, run=run)))
        names.add(name)
    missing += [name for name in expected if slug(name) not in names]
    unnamed = max(0, stated_jobs - len(names)) if not expected else 0
    missing += ["a matrix job whose name is not known"] * unnamed
    expired = any(part.expired for part in files)
    return ReportParts(tuple(reports), tuple(missing), tuple(notes), found=bool(files), expired=expired, run_id=run_id)
