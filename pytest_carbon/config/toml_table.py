"""Reads a table of a TOML file key by key, with errors that name the file and the key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pytest_carbon.core.errors import ConfigError, did_you_mean
from pytest_carbon.git.check_names import branch_problem

T = TypeVar("T")
D = TypeVar("D")


_HOMES = {
    **dict.fromkeys(("per-run", "limit", "growth", "on-exceeded", "owners", "counts"), "a budget, such as [budget]"),
    **dict.fromkeys(("labels", "paths", "weight"), "a feature, such as [features.checkout]"),
    **dict.fromkeys(("folder", "branch", "remote", "runs", "sql"), "[ledger]"),
    **dict.fromkeys(("idle-w", "full-w", "watts", "pue", "embodied-g-per-h"), "[machine]"),
    **dict.fromkeys(("override-label", "forks"), "[github]"),
    **dict.fromkeys(("setup", "cap-s"), "[confirm]"),
    "sources": "[grid]",
    "tool": "pyproject.toml alone: here, leave out tool.pytest-carbon",
    **dict.fromkeys(
        ("zone", "on-inconclusive", "default-branch", "no-measurement"), "no table, but the top of the file"
    ),
}
"""Where a key belongs that was written into another table."""


class TomlTable:
    """A table whose keys are taken one by one. Keys that nobody took are unknown.

    ``where`` names the file and the table in errors. Raises ConfigError if ``table`` is no table.
    """

    def __init__(self, table: Any, where: str) -> None:
        if not isinstance(table, dict):
            raise ConfigError(f"{where} is {table!r}; it must be a table")
        self._not_taken = dict(table)
        self.where = where
        self._known_keys: list[str] = []

    def take(self, key: str, read: Callable[[Any, str], T], default: D) -> T | D:
        """Return ``read(value, full name of the key)``, or ``default`` if the table has no such key."""
        self._known_keys.append(key)
        if key not in self._not_taken:
            return default
        return read(self._not_taken.pop(key), f"{self.where}: {key}")

    def refuse_unknown_keys(self) -> None:
        """Raise ConfigError for the first key that nobody took, with the known keys."""
        for key in self._not_taken:
            known = ", ".join(self._known_keys)
            home = f"; it belongs in {_HOMES[key]}" if key in _HOMES else did_you_mean(key, self._known_keys)
            raise ConfigError(f"{self.where}: unknown key {key!r}{home} (known: {known})")


def read_text(value: Any, where: str) -> str:
    """Return a text that is not empty. Raises ConfigError for any other value."""
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{where} is {value!r}; it must be a non-empty string")
    return value


def read_branch(value: Any, where: str) -> str:
    """Return the name of a branch or remote. Raises ConfigError for a name that git does not accept or may misread."""
    name = read_text(value, where)
    problem = branch_problem(name)
    if problem:
        raise ConfigError(f"{where} is {name!r}, which {problem}; write its name alone, such as main")
    return name


def read_texts(value: Any, where: str) -> tuple[str, ...]:
    """Return a list of texts that are not empty as a tuple. Raises ConfigError for any other value."""
    if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
        raise ConfigError(f"{where} is {value!r}; it must be a list of non-empty strings")
    return tuple(value)


def read_whole_number(value: Any, where: str) -> int:
    """Return a whole number of at least 1. Raises ConfigError for any other value."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError(f"{where} is {value!r}; it must be a whole number of at least 1")
    return value


def read_positive_number(value: Any, where: str) -> float:
    """Return a number above zero and below 1e9. Raises ConfigError for any other value."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        raise ConfigError(f"{where} is {value!r}; it must be a number above zero and below 1e9")
    return float(value)


def read_switch(value: Any, where: str) -> bool:
    """Return true or false. Raises ConfigError for every other value."""
    if not isinstance(value, bool):
        raise ConfigError(f"{where} is {value!r}; it must be true or false, without quotes")
    return value


def one_of(*words: str) -> Callable[[Any, str], str]:
    """Return a reader for ``take`` that accepts one of the words and raises ConfigError for any other value."""

    def read(value: Any, where: str) -> str:
        if value not in words:
            quoted = " or ".join(f'"{word}"' for word in words)
            raise ConfigError(f"{where} is {value!r}; it must be {quoted}")
        return str(value)

    return read
