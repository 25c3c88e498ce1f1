"""The gate: judge what was measured, and publish the verdict; a verdict that was not reached says so."""

from __future__ import annotations

import traceback
from pathlib import Path

from github_action.api.client import ApiError
from github_action.event import log_commands
from github_action.judge.judge_context import JudgeContext
from github_action.judge.judge_subject import Ruling, bind_labels_to_head, ruling
from github_action.publish.publish import Publication, Published, publish
from github_action.reports.find_pull_request import NothingToJudge, Subject, judged
from github_action.reports.report_parts import parts_of
from pytest_carbon.core.errors import CarbonError, ReportError


def gate(desk: JudgeContext, report: Path | None, trouble: str) -> tuple[Publication, Published, Ruling | None]:
    """Judge the subject of the event and publish. ``report`` is what this job measured, ``trouble`` why it did not.

    Raises Nothing where there is nothing to judge, and ApiError where not even the commit is known.
    """
    try:
        subject = judged(desk.client, desk.context)
    except ApiError as error:
        sha = desk.context.head_sha
        if sha is None:
            raise
        told = publication_of(desk, Subject(sha, sha, "", (), None), None, str(error))
        return told, publish(desk.client, told), None
    try:
        found, problem = _ruled(desk, subject, report, trouble), ""
    except NothingToJudge:
        bind_labels_to_head(desk, subject)
        raise
    except CarbonError as error:
        bind_labels_to_head(desk, subject)
        found, problem = None, str(error)
    except Exception:  # the status is finished in every case
        with log_commands.stop_commands():
            traceback.print_exc()
        found, problem = None, log_commands.INTERNAL_ERROR
    publication = publication_of(desk, subject, found, problem)
    return publication, publish(desk.client, publication), found


def _ruled(desk: JudgeContext, subject: Subject, report: Path | None, trouble: str) -> Ruling:
    if trouble:
        raise ReportError(trouble)
    parts = parts_of(desk.client, desk.context, desk.inputs, subject, report)
    if not parts.reports:
        told = " ".join(parts.notes) or "no job of it has uploaded one; did the tests run, with --carbon?"
        raise ReportError(f"there is no carbon report of {subject.head_sha[:12]}: {told}")
    return ruling(desk, subject, parts)


def publication_of(desk: JudgeContext, subject: Subject, found: Ruling | None, problem: str) -> Publication:
    """Return what is to be told of a subject."""
    return Publication(
        context=desk.context,
        head_sha=subject.head_sha,
        pull=subject.pull.number if subject.pull else None,
        verdict=found.verdict if found else None,
        problem=problem,
        mode=desk.inputs.comment_mode,
        status_context=desk.inputs.status_context,
        on_error=desk.inputs.on_error,
        login=desk.inputs.login,
        folder=desk.inputs.working_directory,
    )
