"""The body of an issue of ours: marks that nobody sees, what is told, and the notes of people, which are theirs."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

MOST_CHARACTERS = 65_000
"""GitHub takes 65,536 characters; some are left for how it counts."""
LEAST_ROOM, _DIGITS = 3_000, 5  # the length of the text stands in the state
NOTES_BEGIN, NOTES_END = "<!-- notes -->", "<!-- /notes -->"
HINT = (
    "<sub>What stands between the two lines called notes, at the end of this text, is yours: it is kept. "
    "Close the issue to have no more of it.</sub>"
)
_KEY = re.compile(r"^<!-- pytest-carbon:(\S+) v=1 -->\r?\n", re.MULTILINE)
_STATE = re.compile(r"<!-- state (\{.*\}) -->\r?\n")


@dataclass(frozen=True, slots=True)
class IssueBody:
    """A body in its parts. ``key`` names whose it is, ``state`` is what it remembers, ``notes`` stand as they were."""

    key: str
    state: Mapping[str, Any]
    text: str
    notes: str = "\n\n"

    @property
    def room(self) -> int:
        """How many characters there are for the text, beside the notes and the marks; below LEAST it is no use."""
        return MOST_CHARACTERS - len(render_body(self)) + len(self.text) - _DIGITS


def issue_key(kind: str, name: str = "") -> str:
    """Return what an issue is found by: without blanks, and with nothing that could end a comment of HTML."""
    return f"{kind}={quote_for_marker(name)}" if name else kind


def quote_for_marker(text: str) -> str:
    """Return a text so that it can stand in a mark."""
    return quote(text, safe=":", errors="backslashreplace").replace("--", "-%2D")


def render_body(body: IssueBody) -> str:
    """Return a body as it is sent."""
    told = _own_text(body.text)
    return f"{markers(body.key, {**body.state, 'text': [len(told), _digest(told)]})}{told}{NOTES_BEGIN}{body.notes}{NOTES_END}"


def markers(key: str, state: Mapping[str, Any]) -> str:
    """Return the two lines that nobody sees."""
    return f"<!-- pytest-carbon:{key} v=1 -->\n<!-- state {_state_json(state)} -->\n"


def parse_body(text: str) -> IssueBody | None:
    """Take a body of ours apart; None for one of somebody else.

    What a person wrote above, below or beside our text is kept as his, and without the mark between them also what
    cannot be told apart from ours. Only what he changed within our text is ours.
    """
    found = _KEY.search(text)
    if found is None:
        return None
    above, rest = text[: found.start()], text[found.end() :]
    state: Mapping[str, Any] = {}
    if kept := _STATE.match(rest):
        rest = rest[kept.end() :]
        state = _parse_state(kept[1])
    told, opened, notes = rest.partition(NOTES_BEGIN)
    beside = ""
    if opened:
        told, beside = _split_before_marker(told.replace("\r\n", "\n"), state.get("text"))
    else:
        told, notes = _split_without_marker(rest, state.get("text"))
    notes, closed, below = notes.rpartition(NOTES_END) if NOTES_END in notes else (notes, "", "")
    if not closed or any(words.strip() for words in (above, beside, below)):
        parts = (words.strip("\r\n") for words in (above, beside, notes, below))
        notes = "\n" + "\n\n".join(part for part in parts if part) + "\n"
    return IssueBody(found[1], state, told.replace("\r\n", "\n").removesuffix(f"\n\n{HINT}\n\n"), notes)


def differ_only_in_line_ends(first: str, second: str) -> bool:
    """Say whether two bodies differ in nothing but the ends of their lines, which a browser changes."""
    return first.replace("\r\n", "\n") == second.replace("\r\n", "\n")


def _own_text(text: str) -> str:
    return f"{text.strip()}\n\n{HINT}\n\n".replace("<!--", "&lt;!--")


def _split_before_marker(above: str, length_and_digest: object) -> tuple[str, str]:
    """Part our text from what a person wrote right below or above it, on our side of the mark."""
    if isinstance(length_and_digest, list) and len(length_and_digest) == 2 and isinstance(length_and_digest[0], int):
        length, digest = length_and_digest
        for ours, words in ((above[:length], above[length:]), (above[-length:], above[:-length])):
            if _digest(ours) == digest:
                return ours, words
    return above, ""


def _split_without_marker(rest: str, length_and_digest: object) -> tuple[str, str]:
    """Part our text from a person's where the mark between them is gone: ours is known by length and digest."""
    if isinstance(length_and_digest, list) and len(length_and_digest) == 2 and isinstance(length_and_digest[0], int):
        length, digest = length_and_digest
        lines = rest.replace("\r\n", "\n")[:length].count("\n")
        for end in (length, length + lines):
            if _digest(rest[:end].replace("\r\n", "\n")) == digest:
                return rest[:end], rest[end:]
    return "", rest


def _parse_state(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _state_json(state: Mapping[str, Any]) -> str:
    text = json.dumps(state, sort_keys=True, separators=(",", ":"))
    return text.replace("--", "-\\u002d").replace("<", "\\u003c").replace(">", "\\u003e")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:16]
