"""The gate: judge what was measured, and publish the verdict; a verdict that was not reached says so."""

from __future__ import annotations

import traceback
from pathlib import Path

from github_action.api.client import ApiError
from github_action.event import log_commands
from github_action.judge.judge_context import JudgeContext
from github_action.judge.judge_subject import Judgement, bind_labels_to_head, judge_subject
from github_action.publish.publish import Publication, Published, publish
from github_action.reports.find_pull_request import NothingToJudge, Subject, find_pull_request_to_judge
from github_action.reports.report_parts import parts_of
from pytest_carbon.core.errors import CarbonError, ReportError


def judge_and_publish(judge: JudgeContext, report: Path | None, measuring_problem: str) -> tuple[Publication, Published, Judgement | None]:
    """Judge the subject of the event and publish. ``report`` is what this job measured, ``trouble`` why it did not.

    Raises Nothing where there is nothing to judge, and ApiError where not even the commit is known.
    """
    try:
        subject = find_pull_request_to_judge(judge.client, judge.context)
    except ApiError as error:
        sha = judge.context.head_sha
        if sha is None:
            raise
        told = make_publication(judge, Subject(sha, sha, "", (), None), None, str(error))
        return told, publish(judge.client, told), None
    try:
        found, problem = _judge_reports(judge, subject, report, measuring_problem), ""
    except NothingToJudge:
        bind_labels_to_head(judge, subject)
        raise
    except CarbonError as error:
        bind_labels_to_head(judge, subject)
        found, problem = None, str(error)
    except Exception:  # the status is finished in every case
        with log_commands.stop_commands():
            traceback.print_exc()
        found, problem = None, log_commands.INTERNAL_ERROR
    publication = make_publication(judge, subject, found, problem)
    return publication, publish(judge.client, publication), found


def _judge_reports(judge: JudgeContext, subject: Subject, report: Path | None, measuring_problem: str) -> Judgement:
    if measuring_problem:
        raise ReportError(measuring_problem)
    parts = parts_of(judge.client, judge.context, judge.inputs, subject, report)
    if not parts.reports:
        told = " ".join(parts.notes) or "no job of it has uploaded one; did the tests run, with --carbon?"
        raise ReportError(f"there is no carbon report of {subject.head_sha[:12]}: {told}")
    return judge_subject(judge, subject, parts)


def make_publication(judge: JudgeContext, subject: Subject, judgement: Judgement | None, problem: str) -> Publication:
    """Return what is to be told of a subject."""
    return Publication(
        context=judge.context,
        head_sha=subject.head_sha,
        pull=subject.pull.number if subject.pull else None,
        verdict=judgement.verdict if judgement else None,
        problem=problem,
        mode=judge.inputs.comment_mode,
        status_context=judge.inputs.status_context,
        on_error=judge.inputs.on_error,
        login=judge.inputs.login,
        folder=judge.inputs.working_directory,
    )
