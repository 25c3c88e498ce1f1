"""The boxes of an issue's actions: what a person has checked stays checked."""

from __future__ import annotations

import re

_BOX = re.compile(r"^- \[([ xX])\](?= `([a-z]+-[0-9a-f]{8})` )", re.MULTILINE)


def keep_checked(text: str, before: str) -> str:
    """Return a text whose actions are checked if they are in the text ``before``."""
    checked = {match[2] for match in _BOX.finditer(before) if match[1] != " "}
    return _BOX.sub(lambda match: "- [x]" if match[2] in checked else match[0], text)


def without_checks(text: str) -> str:
    """Return a text of the same length in which no action is checked: a person's check is no change of our text."""
    return _BOX.sub("- [ ]", text)
