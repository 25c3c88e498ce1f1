"""Makes the declarations that readers yield: checks their values and strips comments."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from pytest_carbon.core.devices.support_values import FAMILIES_OF_NAMES, Dependency, Role, Statement, UnreadableFile
from pytest_carbon.core.devices.version_ranges import parse_specifier

Declaration = Statement | Dependency | UnreadableFile
Reader = Callable[[str, str], Iterator[Declaration]]
"""Reads a file; takes its path and its text."""

COMPUTED_AT_RUN_TIME = re.compile(r"\$\{\{|\$\(|\$\{")
"""Matches a value that is computed only when a workflow or script runs."""
_MAX_QUOTED_CHARS = 200
MAX_VALUES = 1_000
"""The most values of one setting; each value is compared with every release."""


def declare(
    path: str, setting: str, family: str, values: Iterable[str], role: Role = "declared", part: str = ""
) -> Iterator[Declaration]:
    """Yield one statement of the valid values; name the setting as unreadable if a value is invalid.

    A value is valid if the family is one of names, or the value is a specifier of PEP 440.
    """
    given = tuple(dict.fromkeys(values))
    if len(given) > MAX_VALUES:
        yield UnreadableFile(path, f"{setting} names more than {MAX_VALUES:,} versions")
        return
    valid = tuple(value for value in given if family in FAMILIES_OF_NAMES or parse_specifier(value) is not None)
    if len(valid) < len(given):
        invalid = next(value for value in given if value not in valid)
        yield UnreadableFile(path, f"{setting} is {invalid[:_MAX_QUOTED_CHARS]!r}, which is not a version range")
    if valid:
        yield Statement(family, valid, role, path, setting, part=part)


def declare_minimum(
    path: str, setting: str, family: str, versions: Iterable[str], part: str = ""
) -> Iterator[Declaration]:
    """Yield the statement of a minimum version; of several versions the lowest is the minimum."""
    return declare(path, setting, family, [f">={version}" for version in versions], part=part)


def declare_lines(
    path: str, setting: str, family: str, versions: Iterable[str], role: Role, part: str = ""
) -> Iterator[Declaration]:
    """Yield the statement that exactly these release lines are supported."""
    return declare(path, setting, family, [f"=={version}.*" for version in versions], role, part)


def strip_comments(text: str, mark: str = "#") -> str:
    """Return a text without its comments. A comment begins with ``mark``, at the start of a line or after a blank."""
    return re.sub(rf"(?m)(?:^|(?<=\s)){mark}.*$", "", text)


def minimum_reader(pattern: re.Pattern[str], setting: str, family: str, mark: str = "#") -> Reader:
    """Return a reader of the minimum version that a pattern finds; the pattern has the group ``version``."""
    return partial(_read_minimum, pattern, setting, family, mark)


def _read_minimum(
    pattern: re.Pattern[str], setting: str, family: str, mark: str, path: str, text: str
) -> Iterator[Declaration]:
    versions = [match["version"] for match in pattern.finditer(strip_comments(text, mark))]
    yield from declare_minimum(path, setting, family, versions)
