"""The commit status, which a branch rule requires. It is written last, and never over that of a later run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from github_action.api.client import Client
from github_action.api.create_once import create_page_once
from github_action.publish.publication import Outcome, Publication, outcome, sentence
from pytest_carbon.core.escape import visible

MAX_CHARACTERS = 140
_STATES: dict[Outcome, str] = {"success": "success", "neutral": "success", "failure": "failure", "error": "error"}
_RUN = re.compile(r".*/actions/runs/(\d{1,18})/attempts/(\d{1,9})")
_MAX_PAGES = 3


class PostedStatus(NamedTuple):
    """A status of ours on a commit: which run and attempt set it, and its state."""

    run: tuple[int, int]
    state: str


def set_pending(client: Client, publication: Publication) -> None:
    """Set the status to pending: a run begins to judge the commit. Raises ApiError.

    Of several runs, the run that was pending last decides. So call this just before reading the labels.
    """
    _write(client, publication, "pending", "Measuring and judging the energy of the tests.")


def set_outcome(client: Client, publication: Publication) -> None:
    """Set the status to the outcome. Raises ApiError."""
    _write(client, publication, _STATES[outcome(publication)], sentence(publication))


def find_later_run(client: Client, publication: Publication) -> str:
    """Return the run that began to judge this commit after our run, such as ``123.1``; empty if there is none.

    A run begins with its pending status. If our run has no pending status, the numbers of runs and attempts decide.
    """
    own, statuses = _run(publication), list(_list_own(client, publication))
    newer = list(takewhile(lambda status: status != (own, "pending"), statuses))
    began = len(newer) < len(statuses)
    for run, state in newer:
        if run > own or (began and state == "pending"):
            return f"{run[0]}.{run[1]}"
    return ""


def _run(publication: Publication) -> tuple[int, int]:
    return publication.context.run_id, publication.context.attempt


def _list_own(client: Client, publication: Publication) -> Iterator[PostedStatus]:
    return list_posted_statuses(
        client, publication.context.repository, publication.head_sha, publication.status_context, publication.login
    )


def list_posted_statuses(
    client: Client, repository: str, sha: str, status_context: str, login: str
) -> Iterator[PostedStatus]:
    """Yield our statuses of this context on a commit, the newest first. Raises ApiError."""
    for item in client.list_items(f"repos/{repository}/commits/{sha}/statuses", max_pages=_MAX_PAGES):
        match = _RUN.fullmatch(str(item.get("target_url")))
        is_ours = (item.get("creator") or {}).get("login") == login
        if match and is_ours and item.get("context") == status_context:
            yield PostedStatus((int(match[1]), int(match[2])), str(item.get("state")))


def _write(client: Client, publication: Publication, state: str, text: str) -> None:
    body = {
        "state": state,
        "context": publication.status_context,
        "description": format_description(text),
        "target_url": publication.context.run_url,
    }

    def find() -> str | None:
        return "" if next(_list_own(client, publication), None) == (_run(publication), state) else None

    create_page_once(client, f"repos/{publication.context.repository}/statuses/{publication.head_sha}", body, find)


def format_description(text: str) -> str:
    """Return a text as GitHub accepts it in a status: one line of at most 140 characters of at most three bytes."""
    plain = "".join(c if c <= "\uffff" else c.encode("unicode_escape").decode("ascii") for c in visible(text))
    if len(plain) <= MAX_CHARACTERS:
        return plain
    words = plain[:MAX_CHARACTERS].rpartition(" ")[0]
    return (words if len(words) > MAX_CHARACTERS // 2 else plain[: MAX_CHARACTERS - 1]) + "…"
