"""The body of an issue: hidden markers, our text, and the notes of people, which are never changed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from github_action.issues.checked_actions import without_checks

MOST_CHARACTERS = 65_000
"""GitHub takes 65,536 characters; the rest is a reserve, because GitHub may count differently."""
LEAST_ROOM = 3_000
"""Fewer characters are not enough for the text of an issue."""
_DIGITS = 5  # of the length of the text, which the state holds
NOTES_BEGIN, NOTES_END = "<!-- notes -->", "<!-- /notes -->"
HINT = (
    "<sub>Write your own notes between the two <code>notes</code> lines at the end of this text: they are kept. "
    "Close the issue to stop its updates.</sub>"
)
_OLD_HINT = (
    "<sub>What stands between the two lines called notes, at the end of this text, is yours: it is kept. "
    "Close the issue to have no more of it.</sub>"
)
"""An earlier wording of the hint, which issues from before still hold."""
_KEY = re.compile(r"^<!-- pytest-carbon:(\S+) v=1 -->\r?\n", re.MULTILINE)
_STATE = re.compile(r"<!-- state (\{.*\}) -->\r?\n")


@dataclass(frozen=True, slots=True)
class IssueBody:
    """The parts of a body. ``key`` identifies the issue, ``state`` is what it remembers, ``notes`` are people's own."""

    key: str
    state: Mapping[str, Any]
    text: str
    notes: str = "\n\n"

    @property
    def room(self) -> int:
        """How many characters the notes and the markers leave for the text; below LEAST_ROOM that is too few."""
        return MOST_CHARACTERS - len(render_body(self)) + len(self.text) - _DIGITS


def issue_key(kind: str, name: str = "") -> str:
    """Return the key of an issue: it has no blanks, and nothing that could end an HTML comment."""
    return f"{kind}={quote_for_marker(name)}" if name else kind


def quote_for_marker(text: str) -> str:
    """Quote a text so that it can stand in a hidden marker."""
    return quote(text, safe=":", errors="backslashreplace").replace("--", "-%2D")


def render_body(body: IssueBody) -> str:
    """Return a body as GitHub gets it. Its state holds the length and a digest of our text, to find it again."""
    text = _own_text(body.text)
    head = markers(body.key, {**body.state, "text": [len(text), _digest(text)]})
    return f"{head}{text}{NOTES_BEGIN}{body.notes}{NOTES_END}"


def markers(key: str, state: Mapping[str, Any]) -> str:
    """Return the two hidden lines at the beginning of a body."""
    return f"<!-- pytest-carbon:{key} v=1 -->\n<!-- state {_state_json(state)} -->\n"


def parse_body(text: str) -> IssueBody | None:
    """Split a body into its parts; None for a body without our marker.

    Words of a person above, below or right beside our text become notes. If the marker before the notes is gone, text
    that cannot be told from our own becomes notes too. Only changes within our text are lost.
    """
    key = _KEY.search(text)
    if key is None:
        return None
    above, rest = text[: key.start()], text[key.end() :]
    state: Mapping[str, Any] = {}
    if state_line := _STATE.match(rest):
        rest = rest[state_line.end() :]
        state = _parse_state(state_line[1])
    own, marker, notes = rest.partition(NOTES_BEGIN)
    beside = ""
    if marker:
        own, beside = _split_before_marker(own.replace("\r\n", "\n"), state.get("text"))
    else:
        own, notes = _split_without_marker(rest, state.get("text"))
    notes, end_marker, below = notes.rpartition(NOTES_END) if NOTES_END in notes else (notes, "", "")
    if not end_marker or any(words.strip() for words in (above, beside, below)):
        parts = (words.strip("\r\n") for words in (above, beside, notes, below))
        notes = "\n" + "\n\n".join(part for part in parts if part) + "\n"
    own = own.replace("\r\n", "\n")
    for hint in (HINT, _OLD_HINT):
        own = own.removesuffix(f"\n\n{hint}\n\n")
    return IssueBody(key[1], state, own, notes)


def differ_only_in_line_ends(first: str, second: str) -> bool:
    """Return whether two bodies are the same but for their line ends, which a browser changes."""
    return first.replace("\r\n", "\n") == second.replace("\r\n", "\n")


def _own_text(text: str) -> str:
    return f"{text.strip()}\n\n{HINT}\n\n".replace("<!--", "&lt;!--")


def _split_before_marker(above: str, length_and_digest: object) -> tuple[str, str]:
    """Split what stands before the notes into our text and a person's words right above or below it."""
    if isinstance(length_and_digest, list) and len(length_and_digest) == 2 and isinstance(length_and_digest[0], int):
        length, digest = length_and_digest
        for own, words in ((above[:length], above[length:]), (above[-length:], above[:-length])):
            if _digest(own) == digest:
                return own, words
    return above, ""


def _split_without_marker(rest: str, length_and_digest: object) -> tuple[str, str]:
    """Split our text from a person's without the marker between them: by the length and digest of our text."""
    if isinstance(length_and_digest, list) and len(length_and_digest) == 2 and isinstance(length_and_digest[0], int):
        length, digest = length_and_digest
        lines = rest.replace("\r\n", "\n")[:length].count("\n")
        for end in (length, length + lines):
            if _digest(rest[:end].replace("\r\n", "\n")) == digest:
                return rest[:end], rest[end:]
    return "", rest


def _parse_state(text: str) -> Mapping[str, Any]:
    try:
        state = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return state if isinstance(state, dict) else {}


def _state_json(state: Mapping[str, Any]) -> str:
    text = json.dumps(state, sort_keys=True, separators=(",", ":"))
    return text.replace("--", "-\\u002d").replace("<", "\\u003c").replace(">", "\\u003e")


def _digest(text: str) -> str:
    return hashlib.sha256(without_checks(text).encode("utf-8", "backslashreplace")).hexdigest()[:16]
