"""Queries of browserslist: read from lines, and compared as texts."""

from __future__ import annotations

import pytest

from pytest_carbon.core.devices.browser_lists import narrowed_queries, parse_queries


@pytest.mark.parametrize(
    ("lines", "queries"),
    [
        ([], ()),
        (["", "  ", "# a comment", "[production]"], ()),
        (["> 0.5%, last 2 versions"], ("> 0.5%", "last 2 versions")),
        (["> 0.5% or IE 11  # old", "Firefox   ESR"], ("> 0.5%", "ie 11", "firefox esr")),
        (["last 2 versions and > 1%"], ("last 2 versions and > 1%",)),
        (["ie 11", "not dead", "IE 11"], ("ie 11", "not dead")),
        (["safari >= 13"], ("safari >= 13",)),
    ],
)
def test_lines_are_split_into_queries(lines: list[str], queries: tuple[str, ...]) -> None:
    """Queries are in lower case, each once; ``and`` does not split a query, and a word that contains ``or`` neither."""
    assert parse_queries(lines) == queries


@pytest.mark.parametrize(
    ("base", "head", "lost"),
    [
        ((), (), ()),
        (("> 1%",), ("> 1%",), ()),
        (("> 1%",), ("> 0.5%",), ()),
        (("> 0.5%",), ("> 1%",), ("> 0.5%",)),
        (("last 2 versions",), ("last 3 versions",), ()),
        (("last 3 versions",), ("last 2 versions",), ("last 3 versions",)),
        (("last 2 chrome versions",), ("last 2 firefox versions",), ("last 2 chrome versions",)),
        (("safari >= 13",), ("safari >= 12",), ()),
        (("safari >= 12",), ("safari >= 13",), ("safari >= 12",)),
        (("since 2015",), ("since 2013",), ()),
        (("since 2013",), ("since 2015",), ("since 2013",)),
        (("> 1% in de",), ("> 0.5%",), ("> 1% in de",)),
        (("ie 11", "chrome 80"), ("chrome 80",), ("ie 11",)),
        (("chrome 80",), ("chrome 80", "not ie 11"), ("ie 11",)),
        (("chrome 80", "not ie 11"), ("chrome 80",), ()),
        (("ie 11",), ("not ie 11",), ("ie 11",)),
    ],
)
def test_lost_and_newly_excluded_queries_are_named(
    base: tuple[str, ...], head: tuple[str, ...], lost: tuple[str, ...]
) -> None:
    """A query that is gone or stricter is lost, as is what a new ``not`` excludes; a wider query loses nothing."""
    assert narrowed_queries(base, head) == lost
