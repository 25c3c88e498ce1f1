"""The gate: judges what was measured and publishes the verdict, or the reason why there is none."""

from __future__ import annotations

from pathlib import Path

from github_action.api.client import ApiError
from github_action.event import log_commands
from github_action.judge.judge_context import JudgeContext
from github_action.judge.judge_subject import Judgement, bind_labels_to_head, judge_subject
from github_action.publish.publication import Publication
from github_action.publish.publish import PublishResult, publish
from github_action.reports.find_pull_request import NothingToJudge, Subject, find_pull_request_to_judge
from github_action.reports.report_parts import find_parts
from pytest_carbon.core.errors import CarbonError, ReportError


def judge_and_publish(
    judge: JudgeContext, report: Path | None, measuring_problem: str
) -> tuple[Publication, PublishResult, Judgement | None]:
    """Judge the subject of the event and publish the result.

    ``report`` is the report that this job measured, ``measuring_problem`` says why it has none. Raises NothingToJudge
    if there is nothing to judge, and ApiError if not even the commit is known.
    """
    try:
        subject = find_pull_request_to_judge(judge.client, judge.context)
    except ApiError as error:
        sha = judge.context.head_sha
        if sha is None:
            raise
        publication = make_publication(judge, Subject(sha, sha, "", (), None), None, str(error))
        return publication, publish(judge.client, publication), None
    try:
        judgement, problem = _judge_reports(judge, subject, report, measuring_problem), ""
    except NothingToJudge:
        bind_labels_to_head(judge, subject)
        raise
    except CarbonError as error:
        bind_labels_to_head(judge, subject)
        judgement, problem = None, str(error)
    except Exception:  # the status must not stay pending
        log_commands.print_traceback()
        judgement, problem = None, log_commands.INTERNAL_ERROR
    publication = make_publication(judge, subject, judgement, problem)
    return publication, publish(judge.client, publication), judgement


def _judge_reports(judge: JudgeContext, subject: Subject, report: Path | None, measuring_problem: str) -> Judgement:
    if measuring_problem:
        raise ReportError(measuring_problem)
    parts = find_parts(judge.client, judge.context, judge.inputs, subject, report)
    if not parts.reports:
        cause = " ".join(parts.notes) or "no job of the run uploaded a report; did the tests run with --carbon?"
        raise ReportError(f"there is no carbon report of {subject.head_sha[:12]}: {cause}")
    return judge_subject(judge, subject, parts)


def make_publication(judge: JudgeContext, subject: Subject, judgement: Judgement | None, problem: str) -> Publication:
    """Return what to publish about a subject: the judgement, or the problem that prevented it."""
    return Publication(
        context=judge.context,
        head_sha=subject.head_sha,
        pull_number=subject.pull.number if subject.pull else None,
        verdict=judgement.verdict if judgement else None,
        problem=problem,
        comment_mode=judge.inputs.comment_mode,
        status_context=judge.inputs.status_context,
        on_error=judge.inputs.on_error,
        login=judge.inputs.login,
        working_directory=judge.inputs.working_directory,
    )
