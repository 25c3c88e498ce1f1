"""The commit status, which a branch rule requires. It is written last, and never over that of a later run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from github_action.api.ask_run import MOST_CLAIMS, ask_run
from github_action.api.client import ApiError, Client
from github_action.api.create_once import create_page_once
from github_action.api.try_for_a_minute import try_for_a_minute
from github_action.event.github_context import GitHubContext
from github_action.publish.publication import WAITING, Outcome, Publication, base_text, label_text, outcome, sentence
from pytest_carbon.core.escape import visible

MAX_CHARACTERS = 140
_STATES: dict[Outcome, str] = {
    "success": "success",
    "neutral": "success",
    "waiting": "waiting",
    "failure": "failure",
    "error": "error",
}
_RUN = re.compile(r".*/actions/runs/(\d{1,18})/attempts/(\d{1,9})")
_MAX_PAGES = 3


class PostedStatus(NamedTuple):
    """A status of ours on a commit: which run and attempt set it, and its state.

    The state is ``waiting`` for a pending status of a run that has judged, and waits for what another run measures.
    ``posted`` is a time (ISO 8601, UTC).
    """

    run: tuple[int, int]
    state: str
    posted: str


def set_pending(client: Client, publication: Publication) -> None:
    """Set the status to pending: a run begins to judge the commit. Raises ApiError.

    Of several runs, the run that was pending last decides. So call this just before reading the labels.
    """
    _write(client, publication, "pending", "Measuring and judging the energy of the tests.")


def set_outcome(client: Client, publication: Publication) -> None:
    """Set the status to the outcome, and try so for a minute. Raises ApiError.

    A comment and a new title, which anybody can write again and again, leave a status that says the same as it is:
    GitHub takes only 1,000 of a context on a commit.
    """
    state = _STATES[outcome(publication)]
    text = format_description(sentence(publication), label_text(publication) + base_text(publication))
    if not (_brings_only_words(publication.context) and _is_posted(client, publication, state, text)):
        try_for_a_minute(client, lambda: _write(client, publication, state, text))


def set_waiting(client: Client, publication: Publication, later: LaterRun) -> None:
    """Set the status to pending again, for a run that has begun to judge the commit. Raises ApiError."""
    text = f"{WAITING}: run {later.name} began to judge this commit."
    try_for_a_minute(client, lambda: _write(client, publication, "waiting", text))


def is_worse(publication: Publication, state: str) -> bool:
    """Return whether the status of an outcome is worse than a state that a status has."""
    order = ("success", "pending", "failure")
    ours, theirs = (
        order.index({"waiting": "pending", "error": "failure"}.get(one, one))
        for one in (_STATES[outcome(publication)], state)
    )
    return ours > theirs


@dataclass(frozen=True, slots=True)
class LaterRun:
    """A run that began to judge the commit after ours, such as ``123.1``, and the state of its status.

    ``doubt`` says why GitHub could not be asked whether there is such a run; it is empty for a run that there is.
    """

    name: str
    state: str
    doubt: str = ""


def find_later_run(client: Client, publication: Publication) -> LaterRun | None:
    """Return a run that began to judge this commit after our run. Raises ApiError if the statuses cannot be read.

    A run begins with its first status. If our run has none, the numbers of runs and attempts decide. A run that waits
    for ours is none. Any workflow may write statuses of our login: so a run counts only if GitHub has it, and if its
    status is pending, only if its verdict is still to come.
    """
    return _find_later_run(client, publication, _list_own(client, publication))


def find_overtaken_run(client: Client, publication: Publication) -> LaterRun | None:
    """Return a later run whose status is right below ours: it was written after we had looked, and before ours.

    Raises ApiError if the statuses cannot be read.
    """
    statuses = _list_own(client, publication)
    newest = next(statuses, None)
    if newest is None or newest.run != _run(publication):
        return None
    return _find_later_run(client, publication, statuses)


def _find_later_run(client: Client, publication: Publication, statuses: Iterator[PostedStatus]) -> LaterRun | None:
    own, newest, began = _run(publication), dict[tuple[int, int], str](), False
    for status in statuses:
        if status.run == own:
            began = True
            break
        newest.setdefault(status.run, status.state)
    claims = [
        (run, state)
        for run, state in newest.items()
        if state != "waiting" and (run > own or (began and state == "pending"))
    ]
    for run, state in claims[:MOST_CLAIMS]:
        name = _run_name(run)
        try:
            there = ask_run(client, publication.context.repository, run, publication.head_sha, publication.workflows)
        except ApiError as error:
            return LaterRun(name, state, str(error))
        if there and (state != "pending" or there.may_judge):
            return LaterRun(name, state)
    if len(claims) > MOST_CLAIMS:
        run, state = claims[MOST_CLAIMS]
        return LaterRun(_run_name(run), state, "too many runs are named")
    return None


def _run_name(run: tuple[int, int]) -> str:
    return "{}.{}".format(*run)


def is_pending(client: Client, publication: Publication) -> bool:
    """Return whether the commit waits for a status of ours. Raises ApiError."""
    newest = next(_list_own(client, publication), None)
    return newest is not None and newest.state == "pending"


def newest_result(client: Client, publication: Publication) -> str:
    """Return the newest state of the commit but pending; empty if there is none. Raises ApiError."""
    results = (status.state for status in _list_own(client, publication) if status.state not in ("pending", "waiting"))
    return next(results, "")


def has_result_since(client: Client, publication: Publication, since: str) -> bool:
    """Return whether our newest status tells a result that was posted at a time (ISO 8601, UTC) or later.

    Raises ApiError.
    """
    newest = next(_list_own(client, publication), None)
    return newest is not None and newest.state not in ("pending", "waiting") and newest.posted >= since


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
            waits = item.get("state") == "pending" and str(item.get("description")).startswith(WAITING)
            state, posted = "waiting" if waits else str(item.get("state")), str(item.get("created_at"))
            yield PostedStatus((int(match[1]), int(match[2])), state, posted)


def _brings_only_words(context: GitHubContext) -> bool:
    """Return whether the event brought neither commits nor a label, and closed nothing."""
    return not context.commits_changed and context.action not in ("labeled", "unlabeled", "closed")


def _is_posted(client: Client, publication: Publication, state: str, text: str) -> bool:
    """Return whether the newest status of the context, whoever wrote it, is an earlier run's of ours and the same."""
    path = f"repos/{publication.context.repository}/commits/{publication.head_sha}/statuses"
    runs_url = f"{publication.context.server_url}/{publication.context.repository}/actions/runs/"
    name = publication.status_context
    try:
        listed = list(client.list_items(path, max_pages=1))
    except ApiError:
        return False
    newest = next((item for item in listed if str(item.get("context")).casefold() == name.casefold()), {})
    url, creator = str(newest.get("target_url")), newest.get("creator") or {}
    match = _RUN.fullmatch(url) if url.startswith(runs_url) else None
    return (
        match is not None
        and (int(match[1]), int(match[2])) != _run(publication)
        and (creator.get("login"), newest.get("context")) == (publication.login, name)
        and (newest.get("state"), newest.get("description")) == (state, text)
    )


def _write(client: Client, publication: Publication, state: str, text: str) -> None:
    body = {
        "state": "pending" if state == "waiting" else state,
        "context": publication.status_context,
        "description": text,
        "target_url": publication.context.run_url,
    }

    def find() -> str | None:
        newest = next(_list_own(client, publication), None)
        return "" if newest is not None and (newest.run, newest.state) == (_run(publication), state) else None

    create_page_once(client, f"repos/{publication.context.repository}/statuses/{publication.head_sha}", body, find)


def format_description(text: str, end: str = "") -> str:
    """Return a text as GitHub accepts it in a status: one line of at most 140 characters of at most three bytes.

    A text that is too long is cut before ``end``, which is always whole.
    """
    most = MAX_CHARACTERS - len(end)
    plain = "".join(c if c <= "\uffff" else c.encode("unicode_escape").decode("ascii") for c in visible(text))
    if len(plain) <= most:
        return plain + end
    words = plain[:most].rpartition(" ")[0]
    return (words if len(words) > most // 2 else plain[: most - 1]) + "…" + end
