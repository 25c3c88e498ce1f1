"""The one comment on a pull request: it tells the truth about the newest commit, and no run turns it back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NamedTuple

from github_action.api.client import ApiError, Client
from github_action.api.create_once import create_page_once, page_url
from github_action.publish.publication import Publication, document
from pytest_carbon.core.errors import CarbonError

MAX_BYTES = 60_000
_FIRST = "<!-- pytest-carbon -->\n"
_LAST = re.compile(r"\n<!-- pytest-carbon v=1 run=(\d{1,18})\.(\d{1,9}) head=([0-9a-f]{40,64}) -->$")
_MARKERS = 250  # bytes of the two, at most
_MOST_PAGES = 100
_PROBLEMS = ("error", "fail", "not-measured", "inconclusive")


class _Comment(NamedTuple):
    id: int
    url: str
    text: str
    run: tuple[int, int]
    head_sha: str


def create_or_update(client: Client, told: Publication, *, began_last: bool) -> str:
    """Create or update the comment and return its URL; empty where there is none and none is needed.

    ``began_last`` says that no other run began to judge this commit after ours. CarbonError if a later run wrote the
    comment, ApiError if it could not be read or written.
    """
    if told.comment_mode == "off":
        return ""
    text = _FIRST + document(told, MAX_BYTES - _MARKERS).strip()
    found = _found(client, told)
    if not found:
        return _create(client, told, text) if _worth_it(told) else ""
    own = (told.context.run_id, told.context.attempt)
    for comment in found:
        if comment.run > own and not (began_last and comment.head_sha == told.head_sha):
            raise CarbonError("run {}.{}, a later one than this, has written the comment".format(*comment.run))
    kept, *others = found
    if (kept.text, kept.head_sha) != (text, told.head_sha):
        client.patch(f"{_path(told)}/comments/{kept.id}", {"body": _body(told, text)})
    for comment in others:  # two runs may create one at the same moment
        with suppress(ApiError):
            client.delete(f"{_path(told)}/comments/{comment.id}")
    return kept.url


def _path(told: Publication) -> str:
    return f"repos/{told.context.repository}/issues"


def _body(told: Publication, text: str) -> str:
    return f"{text}\n<!-- pytest-carbon v=1 run={told.run_name} head={told.head_sha} -->"


def _worth_it(told: Publication) -> bool:
    """Say whether there is something to say that asks for a first comment."""
    verdict = told.verdict
    if told.comment_mode == "always" or verdict is None:
        return True
    if told.comment_mode == "problems":
        return verdict.state in _PROBLEMS
    moved = ("costlier", "cheaper", "suspicious")
    grown = any(one.growth and one.growth.state in moved for one in verdict.judged)
    return verdict.state != "pass" or grown or bool(verdict.proposal)


def _found(client: Client, told: Publication) -> list[_Comment]:
    """Return our comments, the oldest first: of our login, and between our two markers."""
    listed = client.list_items(f"{_path(told)}/{told.pull_number}/comments", max_pages=_MOST_PAGES)
    ours = [_ours(item) for item in listed if (item.get("user") or {}).get("login") == told.login]
    return sorted(filter(None, ours), key=lambda comment: comment.id)


def _ours(item: Mapping[str, Any]) -> _Comment | None:
    body = str(item.get("body") or "").replace("\r\n", "\n").strip()
    match = _LAST.search(body)
    if match is None or not body.startswith(_FIRST):
        return None
    run = (int(match[1]), int(match[2]))
    return _Comment(int(item["id"]), page_url(item), body[: match.start()], run, match[3])


def _create(client: Client, told: Publication, text: str) -> str:
    def find() -> str | None:
        return next((comment.url for comment in _found(client, told)), None)

    return create_page_once(client, f"{_path(told)}/{told.pull_number}/comments", {"body": _body(told, text)}, find)
