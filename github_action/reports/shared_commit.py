"""The reports of several pull requests that share a commit, and with it one status: each has its own run, if any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path

from github_action.api.client import Client
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.reports.download_artifacts import PartFile
from github_action.reports.find_pull_request import NothingToJudge, Subject
from github_action.reports.report_parts import ReportParts, check_parts, files_of_run, read_own_part
from github_action.reports.runs_of_head import HeadRun, is_awaited, list_runs_of_head, run_of_event, runs_of_repository
from github_action.reports.runs_of_pull import RunsOfPull, find_measurements, measurements_of_event
from pytest_carbon.core.errors import ReportError


@dataclass
class SharedCommit:
    """The runs and reports of a commit with several open pull requests. Each list and report is fetched once.

    ``report`` is the report that this job measured, ``measuring_problem`` says why the event's run has none.
    """

    client: Client
    context: GitHubContext
    inputs: ActionInputs
    subjects: Sequence[Subject]
    report: Path | None
    measuring_problem: str
    _files: dict[int, list[PartFile]] = field(default_factory=dict)

    @cached_property
    def _runs(self) -> list[HeadRun]:
        return list_runs_of_head(self.client, self.context, self.inputs, self.subjects[0].head_sha)

    def awaited(self, subjects: Sequence[Subject] = ()) -> str:
        """Return the number of a run that goes on and will judge the commit when it ends; empty if there is none.

        Only runs of the repositories of ``subjects``, or of all, count. Raises ApiError if the runs cannot be listed.
        """
        runs = (run for subject in subjects or self.subjects for run in runs_of_repository(self._runs, subject))
        return next((str(run.id) for run in runs if is_awaited(run, self.inputs)), "")

    def parts_of(self, subject: Subject) -> list[ReportParts]:
        """Return the report parts for a pull request of the commit: of its own run, or of each that may be its own.

        Raises NothingToJudge while a run goes on that will judge it, ReportError if no run has a report for it, and
        ApiError if the runs or artifacts cannot be listed.
        """
        number = subject.pulls[0].number
        if subject.run_id is not None:
            if self.measuring_problem:
                raise ReportError(self.measuring_problem)
            if self.context.event != "workflow_run":
                return [self._own_parts(subject, subject.run_id)]
        numbers = frozenset(one.pulls[0].number for one in self.subjects)
        own = RunsOfPull(self.client, self.context.repository, subject.pulls[0], numbers)
        read = partial(self._parts_of_run, subject)
        if subject.run_id is not None:
            return measurements_of_event(own, run_of_event(self.context), partial(self._done_runs, subject), read)
        found = find_measurements(own, self._done_runs(subject), read)
        if found:
            return found
        run_id = self.awaited([subject])
        if run_id:
            raise NothingToJudge(f"#{number} is still being measured by run {run_id}")
        for one in self.subjects:
            same = one.pulls[0].head_repository_id == subject.pulls[0].head_repository_id
            if one.run_id is not None and same and not self.measuring_problem:
                return [self._own_parts(subject, one.run_id)]
        raise ReportError(
            f"there is no carbon report of {subject.head_sha[:12]} for #{number}: no run measured it; "
            "run the measuring workflow for it, or close it"
        )

    def _done_runs(self, subject: Subject) -> list[HeadRun]:
        return [run for run in runs_of_repository(self._runs, subject) if not run.will_judge]

    def _own_parts(self, subject: Subject, run_id: int) -> ReportParts:
        """Return what the event's run measured, as the parts of a pull request."""
        if self.report is not None:
            return read_own_part(self.inputs, self.report, subject)
        return self._parts_of_run(subject, run_id)

    def _parts_of_run(self, subject: Subject, run_id: int) -> ReportParts:
        if run_id not in self._files:
            self._files[run_id] = files_of_run(self.client, self.context, run_id)
        return check_parts(self._files[run_id], self.inputs.shards, subject, run_id)
