"""Judges a subject of which there is no report: what the base's policy and the ledger tell all the same."""

from __future__ import annotations

from github_action.judge.changed_files import why_nothing_to_measure
from github_action.judge.judge_context import JudgeContext
from github_action.judge.judge_subject import Judgement, judge_subject
from github_action.reports.find_pull_request import NotMeasuredYet, Subject
from github_action.reports.report_parts import ReportParts
from pytest_carbon.core.errors import CarbonError, ReportError
from pytest_carbon.core.model import GridFactor
from pytest_carbon.core.report import MachineInfo, Report, RunInfo, Totals
from pytest_carbon.grid.world_average import WORLD


def judge_unmeasured(judge: JudgeContext, subject: Subject, problem: str, *, uploaded: bool = False) -> Judgement:
    """Pass a change that needs no measurement, and fail one whose budget is exhausted without this run.

    ``problem`` says why there is no report, ``uploaded`` that there was one which could not be read. Raises
    NotMeasuredYet if the event only says that a commit is new, and ReportError with the problem in all other cases.
    """
    announced = judge.context.event == "pull_request_target" and judge.context.commits_changed
    try:
        patterns = judge.config_of_base(subject).policy.no_measurement
        why = "" if uploaded else why_nothing_to_measure(judge, subject, patterns)
        if why or not announced:
            judgement = _judge_without_report(judge, subject, problem, why)
            verdict = judgement.verdict
            if why or (verdict.state == "fail" and verdict.exit_code):
                return judgement
    except CarbonError as error:
        if announced:
            raise NotMeasuredYet(f"whether the change needs a measurement is not known: {error}") from error
        raise ReportError(problem) from error
    if announced:
        raise NotMeasuredYet("the change needs a measurement; the run that measures it is judged")
    raise ReportError(problem)


def _judge_without_report(judge: JudgeContext, subject: Subject, problem: str, nothing_to_measure: str) -> Judgement:
    report = _unmeasured_report(
        f"unmeasured-{subject.head_sha}",
        judge.now.isoformat(timespec="seconds"),
        subject.head_sha,
        subject.branch,
        WORLD,
    )
    parts = ReportParts((("nothing", report),), (), (), problem=problem, nothing_to_measure=nothing_to_measure)
    return judge_subject(judge, subject, parts)


def _unmeasured_report(run: str, now: str, commit: str, branch: str, grid: GridFactor) -> Report:
    """Return the report of a run of which nothing is known: no figure, no row."""
    nothing = "nothing was measured"
    return Report(
        tool={"name": "pytest-carbon"},
        run=RunInfo(run, now, 0.0, (), 0, commit, 1, branch),
        machine=MachineInfo("unknown machine", "", 0, "unknown", nothing, nothing, {}, None, None, None, None),
        grid=grid,
        totals=Totals(None, None, None, 0.0, None, None, None, None, None, None, None, nothing),
        rows=(),
        features={},
        budgets=(),
        probes=(),
        gaps=(),
    )
