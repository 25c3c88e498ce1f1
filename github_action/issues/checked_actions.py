"""The boxes of an issue's actions: what a person has checked stays checked."""

from __future__ import annotations

import re
from collections.abc import Collection

MOST_REMEMBERED = 100
"""So many checks are kept; the oldest go first."""
_ID = r"[a-z]+-[0-9a-f]{8}"
_BOX = re.compile(rf"^- \[([ xX])\](?= `({_ID})` )", re.MULTILINE)


def checked_actions(text: str, remembered: object) -> tuple[str, ...]:
    """Return the ids of the actions that a person has checked in a text, and of the remembered ones that it lacks.

    ``remembered`` is what the hidden state of an issue holds; a person may have changed it to anything.
    """
    boxes = {match[2]: match[1] != " " for match in _BOX.finditer(text)}
    known = [id_ for id_ in remembered if _is_id(id_)] if isinstance(remembered, list) else []
    checked = [*(id_ for id_ in known if id_ not in boxes), *(id_ for id_ in boxes if boxes[id_])]
    return tuple(dict.fromkeys(checked))[-MOST_REMEMBERED:]


def keep_checked(text: str, checked: Collection[str]) -> str:
    """Return a text whose actions are checked if their ids are."""
    return _BOX.sub(lambda match: "- [x]" if match[2] in checked else match[0], text)


def not_listed(checked: Collection[str], text: str) -> list[str]:
    """Return the ids of the checked actions that a text has no box for."""
    listed = {match[2] for match in _BOX.finditer(text)}
    return [id_ for id_ in checked if id_ not in listed]


def without_checks(text: str) -> str:
    """Return a text of the same length in which no action is checked: a person's check is no change of our text."""
    return _BOX.sub("- [ ]", text)


def _is_id(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(_ID, value, re.ASCII) is not None
