"""GitHub's rules for requests that its description does not have."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_COMMENT = {"body": 65_536}
_ISSUE = {"title": 256, "body": 65_536}
_OUTPUT = {"output.summary": 65_535, "output.text": 65_535, "output.title": 255, "name": 255, "external_id": 255}
_LONGEST: Mapping[str, Mapping[str, int]] = {
    "issues/create-comment": _COMMENT,
    "issues/update-comment": _COMMENT,
    "issues/create": _ISSUE,
    "issues/update": _ISSUE,
    "issues/create-label": {"name": 50, "description": 100},
    "repos/create-commit-status": {"description": 140, "context": 255},
    "checks/create": _OUTPUT,
    "checks/update": _OUTPUT,
}
_NOT_BLANK = {
    "issues/create-comment": "body",
    "issues/update-comment": "body",
    "issues/create": "title",
    "issues/create-label": "name",
    "checks/create": "name",
}
_ANNOTATIONS = 50


def broken_rule(operation: str, body: Any) -> str:
    """Return the rule that a request breaks; empty if it breaks none."""
    return next(_broken(operation, body), "") if isinstance(body, Mapping) else ""


def _broken(operation: str, body: Mapping[str, Any]) -> Iterator[str]:
    if any("\ud800" <= letter <= "\udfff" for text in _texts(body) for letter in text):
        yield "half of a surrogate pair is no text"
    blank = _NOT_BLANK.get(operation, "")
    if blank and not str(body.get(blank) or "").strip():
        yield f"{blank} can't be blank"
    for field, most in _LONGEST.get(operation, {}).items():
        outer, _, inner = field.rpartition(".")
        text = ((body.get(outer) or {}) if outer else body).get(inner)
        if isinstance(text, str) and len(text) > most:
            yield f"{field} is too long (maximum is {most} characters)"
    for field in ("target_url", "details_url"):
        if body.get(field) and not str(body[field]).startswith(("https://", "http://")):
            yield f"{field} must use http(s) scheme"
    if operation.startswith("checks/"):
        yield from _of_check(body)


def _of_check(body: Mapping[str, Any]) -> Iterator[str]:
    if body.get("status") == "completed" and not body.get("conclusion"):
        yield "a completed check run needs a conclusion"
    if body.get("status", "completed") != "completed" and body.get("conclusion"):
        yield "a check run with a conclusion is completed"
    output = body.get("output") or {}
    if output and not output.get("title"):
        yield "output.title can't be blank"
    annotations = output.get("annotations") or ()
    if len(annotations) > _ANNOTATIONS:
        yield f"no more than {_ANNOTATIONS} annotations a request"
    for note in annotations:
        if not 1 <= note["start_line"] <= note["end_line"]:
            yield "the lines of an annotation start at 1 and go down"
        if not note["message"] or len(note["message"].encode()) > 65_536 or len(note.get("title") or "") > 255:
            yield "an annotation has a message of at most 64 KB and a title of at most 255 characters"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
