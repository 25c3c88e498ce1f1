"""Version ranges: which release lines a specifier accepts, its minimum, and the lines between two minima."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from packaging.specifiers import SpecifierSet
from packaging.version import Version

_WHOLE_NUMBER_LINES = frozenset(
    {"node", "dotnet", "ios", "tvos", "watchos", "visionos", "android", "debian", "rhel", "amazonlinux", "x86-64"}
)
"""Families whose release lines are one number (``node 18``); those of all others are two (``python 3.8``)."""
_LOWER_BOUND_OPERATORS = frozenset({">=", ">", "==", "~=", "==="})
_MAX_COUNTED_LINES = 60
_MAX_SPECIFIER_CHARS = 1000


@lru_cache(4096)
def parse_specifier(text: str) -> SpecifierSet | None:
    """Return the specifier of PEP 440; None if the text is no specifier or has more than 1,000 characters."""
    if len(text) > _MAX_SPECIFIER_CHARS:  # packaging refuses numbers of thousands of digits only on comparison
        return None
    try:
        return SpecifierSet(text)
    except ValueError:
        return None


@lru_cache(4096)
def parse_version(text: str) -> Version | None:
    """Return the version of PEP 440; None if the text is no version."""
    try:
        return Version(text)
    except ValueError:
        return None


def accepts_line(values: Iterable[str], release: str) -> bool:
    """Return whether any of the specifiers accepts any version of a release line: ``>=3.7.1`` accepts some of 3.7."""
    return any(_specifier_accepts_line(value, release) for value in values)


@lru_cache(16384)
def _specifier_accepts_line(value: str, release: str) -> bool:
    specifier, line = parse_specifier(value), parse_version(release)
    if specifier is None or line is None:
        return False
    bounds = [parse_version(clause.version.removesuffix(".*")) for clause in specifier]
    inside = [str(bound) for bound in bounds if bound and bound.release[: len(line.release)] == line.release]
    return any(specifier.contains(version, prereleases=True) for version in (release, f"{release}.99999", *inside))


def minimum_version(values: Iterable[str]) -> Version | None:
    """Return the minimum version that any of the specifiers accepts; None if a specifier has no lower bound."""
    bounds = [_lower_bound(value) for value in values]
    known = [bound for bound in bounds if bound is not None]
    return min(known) if known and len(known) == len(bounds) else None


@lru_cache(4096)
def _lower_bound(value: str) -> Version | None:
    clauses = [clause for clause in parse_specifier(value) or () if clause.operator in _LOWER_BOUND_OPERATORS]
    bounds = [parse_version(clause.version.removesuffix(".*")) for clause in clauses]
    return max((bound for bound in bounds if bound), default=None)


def release_line(family: str, version: Version) -> str:
    """Return the release line of a version: ``3.8`` of Python 3.8.10, ``16`` of Node 16.13, ``11`` of macOS 11.3."""
    parts = version.release
    whole = {"node": parts[0] > 0, "macos": parts[0] > 10}  # Node 0.12, macOS 10.15
    if whole.get(family, family in _WHOLE_NUMBER_LINES):
        return str(parts[0])
    minor = parts[1] if len(parts) > 1 else 0
    return f"{parts[0]}.{minor:02d}" if family == "ubuntu" else f"{parts[0]}.{minor}"


def release_lines_between(family: str, low: Version, high: Version, listed: Sequence[str]) -> list[str]:
    """Return the release lines from that of ``low`` up to, but without, that of ``high``.

    The lines are taken from ``listed``. If that is empty, they are counted up by their last number.
    """
    first, last = release_line(family, low), release_line(family, high)
    names = [first, *listed] if listed else _count_lines(first, last)
    return sorted({name for name in names if Version(first) <= Version(name) < Version(last)}, key=Version)


def _count_lines(first: str, last: str) -> list[str]:
    """Return the lines from ``first`` to before ``last``, counted by their last number.

    Return only ``first`` if the lines differ in another number, or by more than 60.
    """
    *first_major, low = (int(part) for part in first.split("."))
    *last_major, high = (int(part) for part in last.split("."))
    if first_major != last_major or high - low > _MAX_COUNTED_LINES:
        return [first]
    return [".".join(map(str, (*first_major, number))) for number in range(low, high)]
