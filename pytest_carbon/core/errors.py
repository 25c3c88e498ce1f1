"""The errors that a user can act on, and the hint for a misspelt word."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from pytest_carbon.core.hide_secrets import hide_secrets

_MOST_CHARS = 8000


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


class LaterError(LedgerError):
    """A record that is later than the time as of which somebody asked for a ledger: no fault of the ledger."""


class RecordError(LedgerError):
    """A record that a ledger cannot store, although it can store other records."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean "x"?`` with the known word most similar to ``word``, or an empty text.

    Capital and small letters make no difference.
    """
    words = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word.casefold(), words, n=1, cutoff=0.6)
    return f'; did you mean "{words[near[0]]}"?' if near else ""


def no_such_name(kind: str, name: str, names: Collection[str]) -> str:
    """Return the sentence on a name that no value of a kind has, with the nearest of the known names and all of them.

    ``kind`` is what the values are called, such as ``feature``.
    """
    return f"no {kind} is called {name!r}{did_you_mean(name, names)}{there_are(names)}"


def there_are(names: Iterable[str]) -> str:
    """Return `` (there are: a, b)`` with the known names, for errors about a name that is not known."""
    return f" (there are: {', '.join(names) or 'none'})"
