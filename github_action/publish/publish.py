"""Publishes a verdict on GitHub: the comment, the check run, and last the status. Failures are noted, never raised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from github_action.api.client import ApiError, Client
from github_action.publish import check_run, commit_status, pr_comment
from github_action.publish.publication import Publication
from pytest_carbon.core.errors import CarbonError

_NO_TOKEN = "nothing was published on GitHub, because the job has no token; set the Action's input token"  # noqa: S105
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PublishResult:
    """What was published, and a sentence for each problem.

    ``superseded``: a later run judges the commit, so nothing was written. ``status_written``: the commit status shows
    the verdict; otherwise the job's exit code must show it.
    """

    comment_url: str = ""
    check_url: str = ""
    problems: tuple[str, ...] = ()
    superseded: bool = False
    status_written: bool = False


def publish_pending(client: Client | None, publication: Publication) -> tuple[str, ...]:
    """Set the status to pending. Return a sentence for each problem."""
    if client is None:
        return (_NO_TOKEN,)
    problems: list[str] = []
    _attempt(
        problems,
        "the status was not set to pending",
        "statuses",
        partial(commit_status.set_pending, client, publication),
    )
    return tuple(problems)


def publish(client: Client | None, publication: Publication) -> PublishResult:
    """Publish a verdict, or that there is none, wherever the token may write."""
    if client is None:
        return PublishResult(problems=(_NO_TOKEN,))
    problems: list[str] = []
    failure = "could not check whether a later run judges this commit"
    later = _attempt(problems, failure, "statuses", partial(commit_status.find_later_run, client, publication))
    if later:
        problem = f"nothing was published, because run {later} began to judge this commit later; see its verdict"
        return PublishResult(problems=(problem,), superseded=True)
    comment_url = None
    if publication.pull_number is not None:
        update = partial(pr_comment.create_or_update, client, publication, began_last=later is not None)
        comment_url = _attempt(problems, "the comment was not written", "pull-requests", update)
    check_url = _attempt(
        problems, "the check run was not created", "checks", partial(check_run.create, client, publication)
    )
    before = len(problems)
    _attempt(problems, "the status was not set", "statuses", partial(commit_status.set_outcome, client, publication))
    written = len(problems) == before
    return PublishResult(comment_url or "", check_url or "", tuple(problems), status_written=written)


def _attempt(problems: list[str], failure: str, permission: str, call: Callable[[], T]) -> T | None:
    """Return what ``call`` returns. After an error return None, and note the error and the permission it may need."""
    try:
        return call()
    except CarbonError as error:
        reason = str(error)
        if "is locked" in reason:
            reason = "the conversation is locked"
        elif isinstance(error, ApiError) and error.permission_missing:
            reason += f" ({permission}: write)"
        problems.append(f"{failure}: {reason}")
        return None
