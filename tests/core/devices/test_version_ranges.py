"""Version ranges: the release lines that specifiers accept, their minima, and the lines between two minima."""

from __future__ import annotations

import pytest
from packaging.version import Version

from pytest_carbon.core.devices.version_ranges import (
    accepts_line,
    minimum_version,
    parse_specifier,
    parse_version,
    release_line,
    release_lines_between,
)


@pytest.mark.parametrize(
    ("text", "is_specifier", "is_version"),
    [
        ("", True, False),
        (">=3.8,<4", True, False),
        ("==3.8.*", True, False),
        ("3.8", False, True),
        ("three", False, False),
        (">=" + "9" * 1000, False, False),
    ],
)
def test_texts_are_specifiers_or_versions_or_neither(text: str, is_specifier: bool, is_version: bool) -> None:
    """An invalid text is None; so is a specifier of more than 1,000 characters."""
    assert (parse_specifier(text) is not None, parse_version(text) is not None) == (is_specifier, is_version)


@pytest.mark.parametrize(
    ("specifiers", "line", "accepted"),
    [
        ([], "3.8", False),
        ([""], "3.8", True),
        (["three"], "3.8", False),
        ([">=3.8"], "three", False),
        ([">=3.7.1"], "3.7", True),
        ([">=3.7.1"], "3.6", False),
        (["<3.7.1"], "3.7", True),
        (["<3.7"], "3.7", False),
        (["==3.7.2"], "3.7", True),
        ([">=3.6,!=3.7.*"], "3.7", False),
        (["==2.7.*", ">=3.6"], "3.7", True),
        (["==2.7.*", ">=3.6"], "3.5", False),
        ([">=16.13"], "16", True),
        ([">=3.14"], "3.14", True),
    ],
)
def test_a_line_is_accepted_if_any_of_its_versions_is(specifiers: list[str], line: str, accepted: bool) -> None:
    """One alternative is enough, and one version of the line."""
    assert accepts_line(specifiers, line) is accepted


@pytest.mark.parametrize(
    ("specifiers", "minimum"),
    [
        ([], None),
        ([""], None),
        (["<4"], None),
        (["three"], None),
        ([">=3.8"], "3.8"),
        ([">3.8,<4"], "3.8"),
        (["==3.8.*"], "3.8"),
        (["~=3.8"], "3.8"),
        ([">=3.6,>=3.8"], "3.8"),
        (["==2.7.*", ">=3.6"], "2.7"),
        (["==2.7.*", "<4"], None),
    ],
)
def test_the_minimum_is_the_lowest_bound_of_all_alternatives(specifiers: list[str], minimum: str | None) -> None:
    """Of the clauses of one specifier the highest bound counts; an alternative without a bound leaves no minimum."""
    assert minimum_version(specifiers) == (Version(minimum) if minimum else None)


@pytest.mark.parametrize(
    ("family", "version", "line"),
    [
        ("python", "3.8.10", "3.8"),
        ("python", "3", "3.0"),
        ("node", "16.13", "16"),
        ("node", "0.12.1", "0.12"),
        ("macos", "11.3", "11"),
        ("macos", "10.15.7", "10.15"),
        ("ubuntu", "22.4", "22.04"),
        ("debian", "12.5", "12"),
        ("x86-64", "2", "2"),
        ("glibc", "2.28", "2.28"),
    ],
)
def test_a_version_belongs_to_a_release_line(family: str, version: str, line: str) -> None:
    """Most lines have two numbers, those of some families one; Node and macOS changed over time."""
    assert release_line(family, Version(version)) == line


@pytest.mark.parametrize(
    ("family", "low", "high", "listed", "lines"),
    [
        ("python", "3.8", "3.8", ["3.7", "3.8", "3.9"], []),
        ("python", "3.8", "3.10", ["3.11", "3.10", "3.9", "3.8", "3.7"], ["3.8", "3.9"]),
        ("python", "3.8.1", "3.10", ["3.9"], ["3.8", "3.9"]),
        ("android", "19", "22", [], ["19", "20", "21"]),
        ("go", "1.19", "1.21", [], ["1.19", "1.20"]),
        ("go", "1.19", "2.1", [], ["1.19"]),
        ("android", "1", "61", [], [str(number) for number in range(1, 61)]),
        ("android", "1", "62", [], ["1"]),
    ],
)
def test_lines_between_two_minima(family: str, low: str, high: str, listed: list[str], lines: list[str]) -> None:
    """The line of the old minimum is included, that of the new is not; at most 60 lines are counted without a list."""
    assert release_lines_between(family, Version(low), Version(high), listed) == lines
