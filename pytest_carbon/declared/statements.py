"""What the readers of files share: how a statement is made, and what is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from pytest_carbon.core.devices.values import FAMILIES_OF_NAMES, Dependency, Role, Statement, UnreadableFile
from pytest_carbon.core.devices.version_ranges import parse_specifier

Declaration = Statement | Dependency | UnreadableFile
Reader = Callable[[str, str], Iterator[Declaration]]
"""Takes a file's path and text."""

COMPUTED_AT_RUN_TIME = re.compile(r"\$\{\{|\$\(|\$\{")
"""A value that is only known when it runs."""
_MAX_QUOTED_CHARS = 200
MAX_VALUES = 1_000
"""Values of one setting; each is compared with every release."""


def declare(
    path: str, setting: str, family: str, values: Iterable[str], role: Role = "declared", part: str = ""
) -> Iterator[Declaration]:
    """Yield a statement of the values that are specifiers, or names; and what could not be understood."""
    given = tuple(dict.fromkeys(values))
    if len(given) > MAX_VALUES:
        yield UnreadableFile(path, f"{setting} names more than {MAX_VALUES:,} versions")
        return
    known = tuple(value for value in given if family in FAMILIES_OF_NAMES or parse_specifier(value) is not None)
    if len(known) < len(given):
        odd = next(value for value in given if value not in known)
        yield UnreadableFile(path, f"{setting} is {odd[:_MAX_QUOTED_CHARS]!r}, which is no range of versions")
    if known:
        yield Statement(family, known, role, path, setting, part=part)


def declare_minimum(
    path: str, setting: str, family: str, versions: Iterable[str], part: str = ""
) -> Iterator[Declaration]:
    """Yield the statement of a minimum; of several any will do."""
    return declare(path, setting, family, [f">={version}" for version in versions], part=part)


def declare_lines(
    path: str, setting: str, family: str, versions: Iterable[str], role: Role, part: str = ""
) -> Iterator[Declaration]:
    """Yield the statement of single release lines."""
    return declare(path, setting, family, [f"=={version}.*" for version in versions], role, part)


def strip_comments(text: str, mark: str = "#") -> str:
    """Return a text without comments, which begin a line or stand behind a blank."""
    return re.sub(rf"(?m)(?:^|(?<=\s)){mark}.*$", "", text)


def minimum_reader(pattern: re.Pattern[str], setting: str, family: str, mark: str = "#") -> Reader:
    """Return a reader of a minimum that a file states by a pattern with the group ``version``."""
    return partial(_read_minimum, pattern, setting, family, mark)


def _read_minimum(
    pattern: re.Pattern[str], setting: str, family: str, mark: str, path: str, text: str
) -> Iterator[Declaration]:
    found = [match["version"] for match in pattern.finditer(strip_comments(text, mark))]
    yield from declare_minimum(path, setting, family, found)
