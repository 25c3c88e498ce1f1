"""Queries of browserslist, compared as texts: which of them a change narrows.

Which browsers a query means is a matter of usage figures, which are not known here.
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
"""Queries with a number, and whether a greater one means fewer browsers."""


def parse_queries(lines: Iterable[str]) -> tuple[str, ...]:
    """Return the queries of some lines as plain lower-case texts: ``> 0.5%``, ``last 2 versions``, ``not ie 11``.

    What ``and`` joins is one query: it narrows only itself.
    """
    parts = (part for line in lines for part in re.split(r",|\bor\b", line.partition("#")[0]))
    found = (" ".join(part.lower().split()) for part in parts)
    return tuple(dict.fromkeys(query for query in found if query and not query.startswith("[")))


def narrowed_queries(base: Iterable[str], head: Iterable[str]) -> tuple[str, ...]:
    """Return what head no longer asks for: queries that are gone or stricter, and what it newly leaves out."""
    ours, theirs = tuple(base), tuple(head)
    taken = [query for query in ours if not query.startswith("not ")]
    gone = [query for query in taken if query not in theirs and not _is_widened(query, theirs)]
    out = [query.removeprefix("not ") for query in theirs if query.startswith("not ") and query not in ours]
    return tuple(dict.fromkeys([*gone, *out]))


def _is_widened(query: str, others: Iterable[str]) -> bool:
    """Say whether one of the others is the same query with a number that takes more browsers."""
    for pattern, greater_is_fewer in _NUMBERED:
        ours = pattern.fullmatch(query)
        for other in others if ours else ():
            theirs = pattern.fullmatch(other)
            if ours and theirs and ours["left"].strip() == theirs["left"].strip() and ours["right"] == theirs["right"]:
                was, now = float(ours["number"]), float(theirs["number"])
                return now <= was if greater_is_fewer else now >= was
    return False
