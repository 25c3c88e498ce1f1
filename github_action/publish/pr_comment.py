"""The one comment on a pull request: it always shows the newest commit, and an older run never overwrites it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from github_action.api.ask_run import MOST_CLAIMS, ask_run
from github_action.api.client import ApiError, Client
from github_action.api.create_once import create_once, page_url
from github_action.publish.publication import Publication, document
from pytest_carbon.core.errors import CarbonError

MAX_BYTES = 60_000
_OPENING_MARKER = "<!-- pytest-carbon -->\n"
_CLOSING_MARKER = re.compile(r"\n<!-- pytest-carbon v=1 run=(\d{1,18})\.(\d{1,9}) head=([0-9a-f]{40,64}) -->$")
_ANY_MARKER = re.compile(
    r"^(?:<!-- pytest-carbon -->|<!-- pytest-carbon v=1 run=[0-9.]+ head=[0-9a-f]+ -->)$", re.MULTILINE
)
"""One marker on a line of its own is left of our comment after a person has edited it."""
_MARKERS_BYTES = 250  # bytes of both markers, at most
_MAX_PAGES = 100
_PROBLEMS = ("error", "fail", "not-measured", "inconclusive")


class _Comment(NamedTuple):
    """A comment of ours. One that a person has edited has no ``text``, ``run`` and ``head_sha`` to go by."""

    id: int
    url: str
    text: str
    run: tuple[int, int] = (0, 0)
    head_sha: str = ""


def create_or_update(client: Client, publication: Publication, *, began_last: bool) -> str:
    """Create or update the comment and return its URL; empty if there is no comment, and none is needed.

    ``began_last``: no other run began to judge this commit after ours. Any workflow may write comments of our login:
    so a later run counts only if GitHub has it. Raises CarbonError if a later run wrote the comment, and ApiError if
    the comment could not be read or written, or GitHub cannot tell whether there is the later run.
    """
    if publication.comment_mode == "off":
        return ""
    text = _OPENING_MARKER + document(publication, MAX_BYTES - _MARKERS_BYTES).strip()
    comments = _our_comments(client, publication, publication.login)
    if not comments:
        if not _needs_comment(publication):
            return ""
        url, login = _create(client, publication, text)
        if login in ("", publication.login):
            return url
        comments = _our_comments(client, publication, login)  # so we are another account, and may have older ones
    own = (publication.context.run_id, publication.context.attempt)
    later = [
        comment
        for comment in comments
        if comment.run > own and not (began_last and comment.head_sha == publication.head_sha)
    ]
    for comment in later[:MOST_CLAIMS]:  # more of them are not believed
        if ask_run(client, publication.context.repository, comment.run, comment.head_sha, publication.workflows):
            raise CarbonError("the later run {}.{} has already written it".format(*comment.run))
    oldest, *duplicates = comments
    if (oldest.text, oldest.head_sha) != (text, publication.head_sha):
        client.patch(f"{_path(publication)}/comments/{oldest.id}", {"body": _body(publication, text)})
    for comment in duplicates:  # two runs created a comment at the same moment
        if not comment.text:  # a person wrote into it
            continue
        with suppress(ApiError):
            client.delete(f"{_path(publication)}/comments/{comment.id}")
    return oldest.url


def _path(publication: Publication) -> str:
    return f"repos/{publication.context.repository}/issues"


def _body(publication: Publication, text: str) -> str:
    return f"{text}\n<!-- pytest-carbon v=1 run={publication.run_name} head={publication.head_sha} -->"


def _needs_comment(publication: Publication) -> bool:
    """Return whether the verdict is worth a first comment in this mode."""
    verdict = publication.verdict
    if publication.comment_mode == "always" or verdict is None:
        return True
    if publication.comment_mode == "problems":
        return verdict.state in _PROBLEMS
    news = ("costlier", "cheaper", "suspicious")
    changed = any(holder.growth and holder.growth.state in news for holder in verdict.judged)
    return verdict.state != "pass" or changed or bool(verdict.proposal)


def _our_comments(client: Client, publication: Publication, login: str) -> list[_Comment]:
    """Return the comments of a login, which is ours, that have a marker of ours, the oldest first."""
    listed = client.list_items(f"{_path(publication)}/{publication.pull_number}/comments", max_pages=_MAX_PAGES)
    ours = [_parse_comment(item) for item in listed if _author(item) == login]
    return sorted(filter(None, ours), key=lambda comment: comment.id)


def _parse_comment(item: Mapping[str, Any]) -> _Comment | None:
    body = str(item.get("body") or "").replace("\r\n", "\n").strip()
    match = _CLOSING_MARKER.search(body)
    if match is None or not body.startswith(_OPENING_MARKER):
        return _Comment(int(item["id"]), page_url(item), "") if _ANY_MARKER.search(body) else None
    run = (int(match[1]), int(match[2]))
    return _Comment(int(item["id"]), page_url(item), body[: match.start()], run, match[3])


def _author(item: Mapping[str, Any]) -> str:
    return str((item.get("user") or {}).get("login") or "")


def _create(client: Client, publication: Publication, text: str) -> tuple[str, str]:
    """Create the comment, and return its URL and its author."""
    login = publication.login

    def find() -> tuple[str, str] | None:
        return next(((comment.url, login) for comment in _our_comments(client, publication, login)), None)

    path = f"{_path(publication)}/{publication.pull_number}/comments"
    body = {"body": _body(publication, text)}
    return create_once(client, path, body, lambda item: (page_url(item), _author(item)), find)
