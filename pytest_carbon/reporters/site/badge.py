"""A badge for each budget: an SVG of our own, and what shields.io asks of an endpoint."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from pytest_carbon.core.accounts.values.account import Account
from pytest_carbon.core.escape import visible
from pytest_carbon.core.verdict.wording import shorten, used_share_text

COLOURS = {"ok": "#00694f", "watch": "#005f9e", "at risk": "#8a4b00", "critical": "#a63a00", "exhausted": "#8c1d40"}
"""White text on each has a contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3); the state stands in words as well."""
UNKNOWN_COLOUR = "#5c6166"
_MOST_CELLS = 40
_CELL, _PADDING = 6.6, 7.0


@dataclass(frozen=True, slots=True)
class Badge:
    """What a badge says: ``carbon`` and ``62 % of November``, on the colour of the state."""

    label: str
    message: str
    colour: str


def make_badge(account: Account, window: str) -> Badge:
    """Return an account's badge; ``window`` says what its budget is of, such as ``November``."""
    label = "carbon" if account.level == "repository" else f"carbon {visible(shorten(account.name, _MOST_CELLS))}"
    standing = account.standing
    if standing is None:
        return Badge(label, "no budget", UNKNOWN_COLOUR)
    if standing.unmeasured:
        return Badge(label, f"{window} not known", UNKNOWN_COLOUR)
    message = f"{used_share_text(standing)} of {window}" if standing.limit > 0 else f"nothing left of {window}"
    warned = f", {standing.state}" if standing.state in ("at risk", "critical", "exhausted") else ""
    return Badge(label, message + warned, COLOURS.get(standing.state, UNKNOWN_COLOUR))


def shields_endpoint(badge: Badge) -> dict[str, Any]:
    """Return the badge as JSON values of shields.io's endpoint, version 1."""
    return {"schemaVersion": 1, "label": badge.label, "message": badge.message, "color": badge.colour}


def half_widths(badge: Badge) -> tuple[float, float]:
    """Return how wide the two halves of a badge are, in pixels; the text is made to fit whatever font there is."""
    return _width(badge.label), _width(badge.message)


def _width(text: str) -> float:
    cells = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return round(cells * _CELL + 2 * _PADDING, 1)
