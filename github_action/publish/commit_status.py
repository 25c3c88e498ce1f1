"""The commit status: what a branch rule requires. Written last, and never over that of a run that began later."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import NamedTuple

from github_action.api import create_once
from github_action.api.client import Client
from github_action.publish.publication import Outcome, Publication, outcome, sentence
from pytest_carbon.core.escape import visible

MAX_CHARACTERS = 140
_STATES: dict[Outcome, str] = {"success": "success", "neutral": "success", "failure": "failure", "error": "error"}
_RUN = re.compile(r".*/actions/runs/(\d{1,18})/attempts/(\d{1,9})")
_MOST_PAGES = 3


class PostedStatus(NamedTuple):
    """What a run and its attempt have said of a commit."""

    run: tuple[int, int]
    state: str


def set_pending(client: Client, told: Publication) -> None:
    """Say that a run judges this commit now; ApiError if it could not be said.

    Of several runs the one that said so last has the last word, so it is said just before the labels are read.
    """
    _write(client, told, "pending", "Measuring and judging the energy of the tests.")


def set_outcome(client: Client, told: Publication) -> None:
    """Tell the outcome; ApiError if it could not be told."""
    _write(client, told, _STATES[outcome(told)], sentence(told))


def find_later_run(client: Client, told: Publication) -> str:
    """Name a run that began after ours to judge this commit, such as ``123.1``; empty if there is none.

    A run begins with its pending status. For one that could not write it, the order of runs and attempts tells.
    """
    own, ours = _run(told), list(_listed(client, told))
    since = list(takewhile(lambda status: status != (own, "pending"), ours))
    began = len(since) < len(ours)
    for run, state in since:
        if run > own or (began and state == "pending"):
            return f"{run[0]}.{run[1]}"
    return ""


def _run(told: Publication) -> tuple[int, int]:
    return told.context.run_id, told.context.attempt


def _listed(client: Client, told: Publication) -> Iterator[PostedStatus]:
    return list_posted_statuses(client, told.context.repository, told.head_sha, told.status_context, told.login)


def list_posted_statuses(
    client: Client, repository: str, sha: str, status_context: str, login: str
) -> Iterator[PostedStatus]:
    """Yield what we have said of a commit in this status, the newest first."""
    for item in client.list_items(f"repos/{repository}/commits/{sha}/statuses", max_pages=_MOST_PAGES):
        match = _RUN.fullmatch(str(item.get("target_url")))
        ours = (item.get("creator") or {}).get("login") == login
        if match and ours and item.get("context") == status_context:
            yield PostedStatus((int(match[1]), int(match[2])), str(item.get("state")))


def _write(client: Client, told: Publication, state: str, text: str) -> None:
    body = {
        "state": state,
        "context": told.status_context,
        "description": format_description(text),
        "target_url": told.context.run_url,
    }

    def find() -> str | None:
        return "" if next(_listed(client, told), None) == (_run(told), state) else None

    create_once.create_page_once(client, f"repos/{told.context.repository}/statuses/{told.head_sha}", body, find)


def format_description(text: str) -> str:
    """Return a text as GitHub takes it here: one line of at most 140 characters, none of them of four bytes."""
    plain = "".join(c if c <= "\uffff" else c.encode("unicode_escape").decode("ascii") for c in visible(text))
    if len(plain) <= MAX_CHARACTERS:
        return plain
    words = plain[:MAX_CHARACTERS].rpartition(" ")[0]
    return (words if len(words) > MAX_CHARACTERS // 2 else plain[: MAX_CHARACTERS - 1]) + "…"
