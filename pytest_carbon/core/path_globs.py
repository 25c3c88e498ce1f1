"""Globs of paths. The time to match grows with the length of the path, whatever the glob: nothing is tried twice."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

_MOST_STEPS_KEPT = 4096
Token = Literal["*", "**", "**/"] | str


@lru_cache(maxsize=512)
def path_glob(pattern: str) -> PathGlob:
    """Return a glob. ``**`` crosses folders, ``*`` and ``?`` do not. A folder's name matches all files in it."""
    return PathGlob(pattern)


def literal_prefix(pattern: str) -> str:
    """Return the beginning of a glob before its first wildcard: every path that the glob matches begins with it."""
    return re.split(r"[*?]", pattern, maxsplit=1)[0]


class PathGlob:
    """A glob as a machine that is in all its possible states at once, one bit each, and makes one step a character.

    State ``n`` is before the n-th token, the last one but one is the end, and the last one is below a matched folder.
    """

    def __init__(self, pattern: str) -> None:
        self._prefix = literal_prefix(pattern.rstrip("/"))
        self._own: dict[str, int] = {}
        self._one = self._stay = self._stay_in_folder = self._skip_one = self._skip_two = self._after_slash = 0
        self._steps: dict[tuple[int, str], int] = {}
        state = 0
        for token in _tokens(pattern.rstrip("/")):
            state += self._add(token, state)
        self._own["/"] = self._own.get("/", 0) | 1 << state
        self._stay |= 1 << state + 1
        self._accepted = 0b11 << state
        self._start = self._closed(1)

    def _add(self, token: Token, state: int) -> int:
        """Add the transitions of a token at a state; return how many states the token has."""
        bit = 1 << state
        if token == "**/":  # nothing, or all up to a slash: the next state is in the middle of it
            self._skip_one |= bit
            self._skip_two |= bit
            self._stay |= bit << 1
            self._after_slash |= bit << 1
            return 2
        if token == "**":
            self._stay |= bit
            self._skip_one |= bit
        elif token == "*":
            self._stay_in_folder |= bit
            self._skip_one |= bit
        elif token == "?":
            self._one |= bit
        else:
            self._own[token] = self._own.get(token, 0) | bit
        return 1

    def matches(self, path: str) -> bool:
        """Return whether the glob matches a whole path, or a folder above it."""
        if not path.startswith(self._prefix):
            return False
        states = self._start
        for char in path:
            states = self._steps.get((states, char)) or self._step(states, char)
            if not states:
                return False
        return bool(states & self._accepted)

    def _step(self, states: int, char: str) -> int:
        moving = states & self._own.get(char, 0)
        staying = states & self._stay
        if char == "/":
            moving |= states & self._after_slash
        else:
            moving |= states & self._one
            staying |= states & self._stay_in_folder
        following = self._closed(moving << 1 | staying)
        if len(self._steps) >= _MOST_STEPS_KEPT:
            self._steps.clear()
        self._steps[states, char] = following
        return following

    def _closed(self, states: int) -> int:
        """Return the states with those that are reached from them without a character."""
        while True:
            more = states | (states & self._skip_one) << 1 | (states & self._skip_two) << 2
            if more == states:
                return states
            states = more


def _tokens(pattern: str) -> list[Token]:
    """Split a glob into characters and wildcards; a wildcard beside one that matches the same and more is left out."""
    tokens: list[Token] = []
    at = 0
    while at < len(pattern):
        token = next((wild for wild in ("**/", "**") if pattern.startswith(wild, at)), pattern[at])
        at += len(token)
        last = tokens[-1] if tokens else ""
        if token == "**" and last == "**/":
            tokens[-1] = token
        elif not (last == "**" and token in ("*", "**", "**/")) and not (last == token == "**/"):
            tokens.append(token)
    return tokens
