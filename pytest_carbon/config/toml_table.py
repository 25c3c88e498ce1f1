"""Reading tables of a TOML file key by key, with errors that name the file and the key."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pytest_carbon.core.errors import ConfigError, did_you_mean

T = TypeVar("T")
D = TypeVar("D")


class TomlTable:
    """A table of the file whose keys are taken one by one; what is left at the end is unknown."""

    def __init__(self, table: Any, where: str) -> None:
        if not isinstance(table, dict):
            raise ConfigError(f"{where} is {table!r}; it must be a table")
        self._not_taken = dict(table)
        self.where = where
        self._known_keys: list[str] = []

    def take(self, key: str, read: Callable[[Any, str], T], default: D) -> T | D:
        """Return a key's value as ``read`` understands it; it is given the value and the key's full name."""
        self._known_keys.append(key)
        if key not in self._not_taken:
            return default
        return read(self._not_taken.pop(key), f"{self.where}: {key}")

    def refuse_unknown_keys(self) -> None:
        """Raise ConfigError for a key that nobody took."""
        for key in self._not_taken:
            known = ", ".join(self._known_keys)
            raise ConfigError(
                f"{self.where}: unknown key {key!r}{did_you_mean(key, self._known_keys)} (known: {known})"
            )


def read_text(value: Any, where: str) -> str:
    """Read a text that is not empty."""
    if not isinstance(value, str) or not value.strip():
        raise ConfigError(f"{where} is {value!r}; it must be a text that is not empty")
    return value


def read_texts(value: Any, where: str) -> tuple[str, ...]:
    """Read a list of texts."""
    if not isinstance(value, list) or not all(isinstance(v, str) and v for v in value):
        raise ConfigError(f"{where} is {value!r}; it must be a list of texts")
    return tuple(value)


def read_whole_number(value: Any, where: str) -> int:
    """Read a whole number of at least 1."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise ConfigError(f"{where} is {value!r}; it must be a whole number of at least 1")
    return value


def read_positive_number(value: Any, where: str) -> float:
    """Read a finite number above zero."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        raise ConfigError(f"{where} is {value!r}; it must be a number above zero and below 1e9")
    return float(value)


def one_of(*words: str) -> Callable[[Any, str], str]:
    """Return a reader of one of a few words."""

    def read(value: Any, where: str) -> str:
        if value not in words:
            quoted = " or ".join(f'"{word}"' for word in words)
            raise ConfigError(f"{where} is {value!r}; it must be {quoted}")
        return str(value)

    return read
