"""How readers make declarations: checked values, minima, lines, and texts without comments."""

from __future__ import annotations

import re

import pytest

from pytest_carbon.core.devices.support_values import Statement, UnreadableFile
from pytest_carbon.declared.make_statements import (
    MAX_VALUES,
    declare,
    declare_lines,
    declare_minimum,
    minimum_reader,
    strip_comments,
)


@pytest.mark.parametrize(
    ("family", "values", "stated", "reason"),
    [
        ("python", [], (), ""),
        ("python", [">=3.8", ">=3.8"], (">=3.8",), ""),
        ("python", [""], ("",), ""),
        ("python", ["three"], (), "a setting is 'three', which is not a version range"),
        ("python", [">=3.8", "three"], (">=3.8",), "a setting is 'three', which is not a version range"),
        ("wheels", ["three"], ("three",), ""),
        ("wheels", [str(n) for n in range(MAX_VALUES)], tuple(str(n) for n in range(MAX_VALUES)), ""),
        ("wheels", [str(n) for n in range(MAX_VALUES + 1)], (), "a setting names more than 1,000 versions"),
        ("python", ["x" * 5000], (), f"a setting is '{'x' * 200}', which is not a version range"),
    ],
)
def test_values_are_checked(family: str, values: list[str], stated: tuple[str, ...], reason: str) -> None:
    """Valid values make one statement; an invalid value is quoted shortly, and too many values are refused."""
    declarations = list(declare("a file", "a setting", family, values))
    assert [item.values for item in declarations if isinstance(item, Statement)] == ([stated] if stated else [])
    assert [item.why for item in declarations if isinstance(item, UnreadableFile)] == ([reason] if reason else [])


def test_minima_and_lines() -> None:
    """A minimum is a lower bound, a release line is all its versions; the role and the part are kept."""
    assert list(declare_minimum("a file", "a setting", "ios", ["12.0", "13"], part="x")) == [
        Statement("ios", (">=12.0", ">=13"), "declared", "a file", "a setting", part="x")
    ]
    assert list(declare_lines("a file", "a setting", "node", ["18"], "used", part="x")) == [
        Statement("node", ("==18.*",), "used", "a file", "a setting", part="x")
    ]


@pytest.mark.parametrize(
    ("text", "mark", "stripped"),
    [
        ("", "#", ""),
        ("a # b", "#", "a "),
        ("# a\nb", "#", "\nb"),
        ("  # a\nb#c", "#", "  \nb#c"),
        ("http://a // b", "//", "http://a "),
    ],
)
def test_comments_are_stripped(text: str, mark: str, stripped: str) -> None:
    """A mark inside a word begins no comment, and lines keep their number."""
    assert strip_comments(text, mark) == stripped


def test_a_reader_made_of_a_pattern() -> None:
    """The reader finds every version outside of comments."""
    reader = minimum_reader(re.compile(r"need (?P<version>[\d.]+)"), "a setting", "go", mark="//")
    assert list(reader("a file", "need 1.2 // need 1.1\nneed 1.3")) == [
        Statement("go", (">=1.2", ">=1.3"), "declared", "a file", "a setting")
    ]
    assert list(reader("a file", "nothing")) == []
