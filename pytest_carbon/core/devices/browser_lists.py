"""Finds the queries of browserslist that a change narrows.

Queries are compared as texts: the usage figures that turn a query into browsers are not known here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_NUMBERED = (
    (re.compile(r"(?P<left>>=? ?)(?P<number>[\d.]+)(?P<right>%.*)"), True),
    (re.compile(r"(?P<left>last )(?P<number>\d+)(?P<right> .*)"), False),
    (re.compile(r"(?P<left>(?!not )[\w-]+ >=? ?)(?P<number>[\d.]+)(?P<right>)"), True),
    (re.compile(r"(?P<left>since )(?P<number>\d{4})(?P<right>.*)"), True),
)
"""Patterns of queries with a number, and whether a greater number selects fewer browsers."""


def parse_queries(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the queries in lines of browserslist in lower case: ``> 0.5%``, ``last 2 versions``, ``not ie 11``.

    Queries joined by ``and`` are one query. Comments and headings in brackets are left out.
    """
    parts = (part for line in lines for part in re.split(r",|\bor\b", line.partition("#")[0]))
    queries = (" ".join(part.lower().split()) for part in parts)
    return tuple(dict.fromkeys(query for query in queries if query and not query.startswith("[")))


def narrowed_queries(base: Iterable[str], head: Iterable[str]) -> tuple[str, ...]:
    """Return the queries of base that head lacks or narrows, then the queries that head newly excludes by ``not``."""
    old, new = tuple(base), tuple(head)
    selecting = [query for query in old if not query.startswith("not ")]
    lost = [query for query in selecting if query not in new and not _is_widened(query, new)]
    excluded = [query.removeprefix("not ") for query in new if query.startswith("not ") and query not in old]
    return tuple(dict.fromkeys([*lost, *excluded]))


def _is_widened(query: str, candidates: Iterable[str]) -> bool:
    """Return whether a candidate is the same query with a number that selects at least as many browsers."""
    for pattern, greater_is_fewer in _NUMBERED:
        old = pattern.fullmatch(query)
        for candidate in candidates if old else ():
            new = pattern.fullmatch(candidate)
            if old and new and old["left"].strip() == new["left"].strip() and old["right"] == new["right"]:
                before, after = float(old["number"]), float(new["number"])
                return after <= before if greater_is_fewer else after >= before
    return False
