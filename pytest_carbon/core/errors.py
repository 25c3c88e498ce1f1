"""The errors that a user can act on, and the hint for a misspelt word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

_VALUE = r"(?:\\?'[^'\n]*'|\\?\"[^\"\n]*\"|[^\s&'\",;]+)"
_NAMED = r"(?:passw(?:or)?d|passphrase|secret|token)"
_KEY = r"(?:api|access|account|auth|client|encryption|private|secret|shared)[_-]?key"
_QUOTE = r"[\\'\"]"
_SECRETS = (
    (
        re.compile(
            rf"((?:{_NAMED}|{_KEY}|pwd|signature|(?<![a-z])sig){_QUOTE}{{0,2}}[ \t]*=[ \t]*){_VALUE}", re.IGNORECASE
        ),
        r"\1***",
    ),
    (re.compile(rf"({_NAMED}(?:{_QUOTE}{{1,2}}:|:(?=[ \t]))[ \t]*){_VALUE}", re.IGNORECASE), r"\1***"),
    (re.compile(r"\b(?:(?:gh[a-z]|github_pat|npm)_|glpat-|xox[a-z]-|pypi-)[A-Za-z0-9_-]{10,255}"), "***"),
    (re.compile(r"\b(authorization:)[^\n]*", re.IGNORECASE), r"\1 ***"),
    (re.compile(r"\b(bearer )[\w.~+/=-]{6,}", re.IGNORECASE), r"\1***"),
)
_USER = re.compile(r"//|(?<=\w):/(?!/)")
"""What a user and a password stand behind in a URL; as a path, a URL has lost a slash."""
_MOST_CHARS = 8000


def hide_secrets(text: str) -> str:
    """Return a text without users and passwords of URLs, tokens of code hosts, and values named as secrets."""
    if "@" in text and _USER.search(text):
        text = re.sub(r"[^\s'\"]+", lambda word: _hide_user(word[0]), text)
    for secret, replacement in _SECRETS:
        text = secret.sub(replacement, text)
    return text


def _hide_user(word: str) -> str:
    """Return a word without what stands between ``//`` and its last ``@``: a password may hold any character."""
    begin, end = _USER.search(word), word.rfind("@")
    return f"{word[: begin.end()]}***{word[end:]}" if begin and begin.end() <= end else word


class CarbonError(Exception):
    """An error that a user can act on. The message says what happened, the likely cause and the next step.

    It holds no secret of a URL: it is shown in logs, comments and reports.
    """

    def __init__(self, message: str = "") -> None:
        super().__init__(_shortened(hide_secrets(message)))


def _shortened(text: str) -> str:
    """Return a text that can be read: of a very long one, as a name from outside may make it, the beginning and end."""
    return text if len(text) <= _MOST_CHARS else f"{text[: _MOST_CHARS // 2]} … {text[-_MOST_CHARS // 2 :]}"


class ConfigError(CarbonError):
    """A setting, marker or option that cannot be used."""


class QuantityError(ConfigError):
    """A text that is not an amount with a unit, or not a percentage."""


class ZoneError(ConfigError):
    """A grid zone that no provider knows."""


class ReportError(CarbonError):
    """A carbon report that cannot be read, checked or written."""


class LedgerError(CarbonError):
    """A ledger, or a record in a ledger, that cannot be read, checked or written."""


class RecordError(LedgerError):
    """A record that a ledger cannot store, although it can store other records."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean "x"?`` with the known word most similar to ``word``, or an empty text.

    Capital and small letters make no difference.
    """
    words = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold(), words, n=1, cutoff=0.6)
    return f'; did you mean "{words[near[0]]}"?' if near else ""
