"""Tells whether an earlier verdict stands, because the reports that it judged have expired."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from github_action.api.client import Client
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.publish.commit_status import list_posted_statuses
from github_action.reports.find_pull_request import NothingToJudge, Subject
from github_action.reports.pull_request import PullRequest
from github_action.reports.pull_request_events import BASE_CHANGED, read_events
from pytest_carbon.core.policy.label_names import find_label
from pytest_carbon.core.records.ledger_records import parse_time

KEPT_DAYS = 30
"""So long action.yml keeps a report. Later GitHub does not even list it."""
_RESULTS = ("success", "failure", "error")


class VerdictStands(NothingToJudge):
    """Nothing can be judged again, and nothing happened that takes the earlier verdict away."""


def verdict_that_stands(
    client: Client,
    context: GitHubContext,
    inputs: ActionInputs,
    subject: Subject,
    excuses: Collection[str],
    reason_withdrawn: Callable[[PullRequest, str], bool],
    *,
    expired: bool,
    now: datetime,
) -> str:
    """Return a sentence on the earlier verdict that stands; empty if none does.

    A label that is added or removed says nothing new about an old measurement, but a label of ``excuses`` that was
    removed may have been all that made the commit pass, and so may a reason. ``reason_withdrawn`` tells whether a pull
    request lacks the reason of a label that it had before a time. What was opened again or got another base since has
    no verdict. ``expired``: GitHub says that reports have expired; else the verdict must be older than reports are
    kept. Raises ApiError if GitHub cannot be asked.
    """
    if context.commits_changed or not subject.pulls:
        return ""
    sha = subject.head_sha
    status = next(list_posted_statuses(client, context.repository, sha, inputs.status_context, inputs.login), None)
    if status is None or status.state not in _RESULTS:
        return ""
    if not expired and now - parse_time(status.posted) < timedelta(days=KEPT_DAYS):
        return ""
    for pull in subject.pulls:
        for event in read_events(client, context.repository, pull.number):
            if str(event.get("created_at")) < status.posted:
                continue
            removed = event.get("event") == "unlabeled" and str((event.get("label") or {}).get("name") or "")
            if event.get("event") in ("reopened", *BASE_CHANGED) or (removed and find_label(removed, excuses)):
                return ""
        if status.state == "success" and reason_withdrawn(pull, status.posted):
            return ""
    return (
        f"the reports of {sha[:12]} have expired, so the verdict of {status.posted[:10]} stands ({status.state}); "
        "to judge it by the labels of now, run the measuring workflow again"
    )
