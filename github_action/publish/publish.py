"""Tells a verdict on GitHub: the comment, the check run, and last the status. What fails is noted, never raised."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from github_action.api.client import ApiError, Client
from github_action.publish import check_run, commit_status, pr_comment
from github_action.publish.publication import Publication
from pytest_carbon.core.errors import CarbonError

__all__ = ["Publication", "PublishResult", "publish", "publish_pending"]
_NO_TOKEN = "there is no token for GitHub, so nothing was published there"  # noqa: S105 (it is no password)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PublishResult:
    """What came of it. ``superseded`` says that a later run judges the commit, so that nothing was written.

    ``status_written`` says whether the status tells the verdict; the job itself must, where it does not.
    """

    comment_url: str = ""
    check_url: str = ""
    problems: tuple[str, ...] = ()
    superseded: bool = False
    status_written: bool = False


def publish_pending(client: Client | None, told: Publication) -> tuple[str, ...]:
    """Write the pending status; return what went wrong, each in a sentence."""
    if client is None:
        return (_NO_TOKEN,)
    problems: list[str] = []
    _tried(problems, "the status was not set to pending", "statuses", partial(commit_status.set_pending, client, told))
    return tuple(problems)


def publish(client: Client | None, told: Publication) -> PublishResult:
    """Tell a verdict, or that none was reached, everywhere that the token may write."""
    if client is None:
        return PublishResult(problems=(_NO_TOKEN,))
    problems: list[str] = []
    unseen = "whether a later run judges this commit could not be seen"
    later = _tried(problems, unseen, "statuses", partial(commit_status.find_later_run, client, told))
    if later:
        return PublishResult(
            problems=(f"run {later} began later to judge this commit, and has the word",), superseded=True
        )
    comment_url = None
    if told.pull_number is not None:
        put = partial(pr_comment.create_or_update, client, told, began_last=later is not None)
        comment_url = _tried(problems, "the comment was not written", "pull-requests", put)
    check_url = _tried(problems, "the check run was not created", "checks", partial(check_run.create, client, told))
    before = len(problems)
    _tried(problems, "the status was not set", "statuses", partial(commit_status.set_outcome, client, told))
    written = len(problems) == before
    return PublishResult(comment_url or "", check_url or "", tuple(problems), status_written=written)


def _tried(problems: list[str], failure: str, permission: str, call: Callable[[], T]) -> T | None:
    """Return what a call returns; None if it failed, which is noted with the permission that may be missing."""
    try:
        return call()
    except CarbonError as error:
        said = str(error)
        if "is locked" in said:
            said = "the conversation is locked"
        elif isinstance(error, ApiError) and error.permission_missing:
            said += f" ({permission}: write)"
        problems.append(f"{failure}: {said}")
        return None
