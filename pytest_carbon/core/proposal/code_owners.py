"""Reads CODEOWNERS, to propose who is asked about a feature's budget."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pytest_carbon.core.path_globs import PathGlob, path_glob

_OWNER = re.compile(r"@[\w.-]+(?:/[\w./-]+)?")
_LONGEST_LINE, _MOST_LINES = 1_000, 3_000


class OwnedPath(NamedTuple):
    """A line of CODEOWNERS: the paths that it matches, and their owners; none if nobody owns them."""

    glob: PathGlob
    owners: tuple[str, ...]


def read_code_owners(text: str) -> list[OwnedPath]:
    """Return the lines of a file, in order. Sections of GitLab, e-mail addresses and long lines are passed over."""
    return list(_lines(text))


def owners_of(files: Sequence[str], lines: Sequence[OwnedPath]) -> tuple[str, ...]:
    """Return the owners of all these files, if they are the same for each of them; empty if not.

    Paths begin at the top of the repository. The last line that matches a file decides, as on GitHub.
    """
    first = _owners(files[0], lines) if files else ()
    return first if first and all(_owners(file, lines) == first for file in files) else ()


def _owners(file: str, lines: Sequence[OwnedPath]) -> tuple[str, ...]:
    return next((line.owners for line in reversed(lines) if line.glob.matches(file)), ())


def _lines(text: str) -> Iterator[OwnedPath]:
    for line in text.splitlines()[:_MOST_LINES]:
        words = line.partition(" #")[0].split() if len(line) <= _LONGEST_LINE else []
        if words and not words[0].startswith(("#", "[", "^[", "!")):
            yield OwnedPath(path_glob(_glob(words[0])), tuple(filter(_OWNER.fullmatch, words[1:])))


def _glob(pattern: str) -> str:
    """Return the glob of ours for a pattern, which is like those of .gitignore."""
    inner = pattern.rstrip("/")
    anchored = inner.startswith("/") or "/" in inner
    glob = inner.lstrip("/") if anchored else f"**/{inner}"
    return f"{glob}/**" if pattern.endswith("/") and glob else glob or "**"
