"""The errors a user can cause or can act on."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class CarbonError(Exception):
    """Something a user can act on: says what happened, the likely cause and the next step."""


class ConfigError(CarbonError):
    """A setting, marker or option that cannot be used as it stands."""


class QuantityError(ConfigError):
    """A text that is not an amount with a unit."""


class ZoneError(ConfigError):
    """A grid zone that no provider knows."""


class ReportError(CarbonError):
    """A carbon report that cannot be read, checked or written."""


class LedgerError(CarbonError):
    """A ledger, or a record of one, that cannot be read, checked or written."""


class RecordError(LedgerError):
    """A record that a ledger cannot keep; it can keep others."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean "x"?`` for the nearest known word, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""
