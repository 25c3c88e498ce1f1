"""The zone that a misspelt one was meant to be."""

from __future__ import annotations

import re
from collections.abc import Iterable

_WORD = re.compile(r"[a-z]+|\d+")
_LETTERS, _SEPARATORS = re.compile(r"[^\W\d_]+|\d+"), re.compile(r"[\s_./]+")
_SHORT, _LONGEST = 3, 60
_OTHER_NAMES = {"uk": "gbr"}
"""Codes that people write for a country, and that no standard has."""


def near_zone(zone: str, known: Iterable[str]) -> str | None:
    """Return the known zone that ``zone`` is a slip of; None if none is near, or if several are equally near.

    A region may lack its provider, and may have the letter of an availability zone. No word that is right is changed:
    east never becomes west, a region of one provider never one of another, and a number no other number. A code of up
    to three letters is no slip of another one, because any code is near to many.
    """
    if len(zone) > _LONGEST:
        return None
    names = {name.casefold(): name for name in known}
    wanted = _SEPARATORS.sub("-", zone.strip().casefold())
    if _OTHER_NAMES.get(wanted) in names:
        return names[_OTHER_NAMES[wanted]]
    words = {word for name in names for word in _WORD.findall(name)}
    for text in (wanted, re.sub(r"(?<=\d)-?[a-f]$", "", wanted)):
        found = [name for name in names if _is_slip_of(text, name, words)]
        same_form = [name for name in found if _form(name.rpartition(":")[2]) == _form(text.rpartition(":")[2])]
        near = same_form or found
        if len(near) == 1:
            return near[0] if ":" in near[0] else names[near[0]]
    return None


def _form(text: str) -> str:
    return _LETTERS.sub("a", text)


def _is_slip_of(text: str, name: str, words: set[str]) -> bool:
    """Return whether each word of a text is the name's own, or a slip of it."""
    given, right = _WORD.findall(text), _WORD.findall(name if ":" in text else name.rpartition(":")[2])
    if len(given) != len(right) or (len(right) == 1 and len(right[0]) <= _SHORT):
        return False
    return all(a == b or (a not in words and _is_slip(a, b)) for a, b in zip(given, right, strict=True))


def _is_slip(word: str, right: str) -> bool:
    """Return whether one letter is missing, too much or wrong, or two are swapped. A number has no slips."""
    if word.isdigit() or right.isdigit():
        return False
    shorter = min(len(word), len(right))
    begin = next((i for i in range(shorter) if word[i] != right[i]), shorter)
    end = next((i for i in range(shorter - begin) if word[-1 - i] != right[-1 - i]), shorter - begin)
    given, meant = word[begin : len(word) - end], right[begin : len(right) - end]
    is_wrong_letter = len(given) == len(meant) == 1 and len(right) > _SHORT
    return len(given) + len(meant) == 1 or is_wrong_letter or (len(given) == 2 and given == meant[::-1])
