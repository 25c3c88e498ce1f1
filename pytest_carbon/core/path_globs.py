"""Globs of paths. The time to match grows with the length of the path, whatever the glob: nothing is tried twice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby
from typing import Literal

_MOST_STEPS_KEPT = 4096
_WILDCARD = re.compile(r"[*?]")
Symbol = Literal["*", "**", "**/"] | str


@lru_cache(maxsize=512)
def path_glob(pattern: str) -> PathGlob:
    """Return a glob. ``**`` crosses folders, ``*`` and ``?`` do not.

    A folder's name matches all files in it, unless the name has a wildcard: ``tests/*`` matches files of ``tests``
    alone, and ``tests/*/`` all in its folders.
    """
    return PathGlob(pattern)


def literal_prefix(pattern: str) -> str:
    """Return the beginning of a glob before its first wildcard: every path that the glob matches begins with it."""
    return _WILDCARD.split(pattern, maxsplit=1)[0]


class PathGlob:
    """A glob as a machine that is in all its possible states at once, one bit each, and makes one step a character.

    State ``n`` is before the n-th symbol, the last one but one is the end, and the last one is below a matched folder.
    """

    def __init__(self, pattern: str) -> None:
        self._prefix = literal_prefix(pattern.rstrip("/"))
        symbols = _symbols(pattern.rstrip("/"))
        self._word = _longest_word(symbols)
        self._own: dict[str, int] = {}
        self._one = self._stay = self._stay_in_folder = self._skip_one = self._skip_two = self._after_slash = 0
        self._steps: dict[tuple[int, str], int] = {}
        state = 0
        for symbol in symbols:
            state += self._add(symbol, state)
        if pattern.endswith("/") or not _WILDCARD.search(pattern.rpartition("/")[2]):
            self._own["/"] = self._own.get("/", 0) | 1 << state
        self._stay |= 1 << state + 1
        self._accepted = 0b11 << state
        self._start = self._closed(1)

    def _add(self, symbol: Symbol, state: int) -> int:
        """Add the transitions of a symbol at a state; return how many states the symbol has."""
        bit = 1 << state
        if symbol == "**/":  # nothing, or all up to a slash: the next state is in the middle of it
            self._skip_one |= bit
            self._skip_two |= bit
            self._stay |= bit << 1
            self._after_slash |= bit << 1
            return 2
        if symbol == "**":
            self._stay |= bit
            self._skip_one |= bit
        elif symbol == "*":
            self._stay_in_folder |= bit
            self._skip_one |= bit
        elif symbol == "?":
            self._one |= bit
        else:
            self._own[symbol] = self._own.get(symbol, 0) | bit
        return 1

    def matches(self, path: str) -> bool:
        """Return whether the glob matches a whole path, or a folder above it."""
        if self._word not in path or not path.startswith(self._prefix):
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


def _longest_word(symbols: Sequence[Symbol]) -> str:
    """Return the longest text between two wildcards: every path that the glob matches has it."""
    words = groupby(symbols, key=lambda symbol: _WILDCARD.match(symbol) is None)
    return max(("".join(own) for is_text, own in words if is_text), key=len, default="")


def _symbols(pattern: str) -> list[Symbol]:
    """Split a glob into characters and wildcards; a wildcard beside one that matches the same and more is left out."""
    symbols: list[Symbol] = []
    at = 0
    while at < len(pattern):
        symbol = next((wild for wild in ("**/", "**") if pattern.startswith(wild, at)), pattern[at])
        at += len(symbol)
        last = symbols[-1] if symbols else ""
        if symbol == "**" and last == "**/":
            symbols[-1] = symbol
        elif not (last == "**" and symbol in ("*", "**", "**/")) and not (last == symbol == "**/"):
            symbols.append(symbol)
    return symbols
