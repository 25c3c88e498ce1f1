"""The one comment on a pull request: it always shows the newest commit, and an older run never overwrites it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from github_action.api.ask_run import MOST_CLAIMS, ask_run
from github_action.api.client import ApiError, Client
from github_action.api.create_once import create_page_once, page_url
from github_action.publish.publication import Publication, document
from pytest_carbon.core.errors import CarbonError

MAX_BYTES = 60_000
_OPENING_MARKER = "<!-- pytest-carbon -->\n"
_CLOSING_MARKER = re.compile(r"\n<!-- pytest-carbon v=1 run=(\d{1,18})\.(\d{1,9}) head=([0-9a-f]{40,64}) -->$")
_MARKERS_BYTES = 250  # bytes of both markers, at most
_MAX_PAGES = 100
_PROBLEMS = ("error", "fail", "not-measured", "inconclusive")


class _Comment(NamedTuple):
    id: int
    url: str
    text: str
    run: tuple[int, int]
    head_sha: str


def create_or_update(client: Client, publication: Publication, *, began_last: bool) -> str:
    """Create or update the comment and return its URL; empty if there is no comment, and none is needed.

    ``began_last``: no other run began to judge this commit after ours. Any workflow may write comments of our login:
    so a later run counts only if GitHub has it. Raises CarbonError if a later run wrote the comment, and ApiError if
    the comment could not be read or written, or GitHub cannot tell whether there is the later run.
    """
    if publication.comment_mode == "off":
        return ""
    text = _OPENING_MARKER + document(publication, MAX_BYTES - _MARKERS_BYTES).strip()
    comments = _our_comments(client, publication)
    if not comments:
        return _create(client, publication, text) if _needs_comment(publication) else ""
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


def _our_comments(client: Client, publication: Publication) -> list[_Comment]:
    """Return the comments of our login that stand between our two markers, the oldest first."""
    listed = client.list_items(f"{_path(publication)}/{publication.pull_number}/comments", max_pages=_MAX_PAGES)
    ours = [_parse_comment(item) for item in listed if (item.get("user") or {}).get("login") == publication.login]
    return sorted(filter(None, ours), key=lambda comment: comment.id)


def _parse_comment(item: Mapping[str, Any]) -> _Comment | None:
    body = str(item.get("body") or "").replace("\r\n", "\n").strip()
    match = _CLOSING_MARKER.search(body)
    if match is None or not body.startswith(_OPENING_MARKER):
        return None
    run = (int(match[1]), int(match[2]))
    return _Comment(int(item["id"]), page_url(item), body[: match.start()], run, match[3])


def _create(client: Client, publication: Publication, text: str) -> str:
    def find() -> str | None:
        return next((comment.url for comment in _our_comments(client, publication)), None)

    return create_page_once(
        client, f"{_path(publication)}/{publication.pull_number}/comments", {"body": _body(publication, text)}, find
    )
