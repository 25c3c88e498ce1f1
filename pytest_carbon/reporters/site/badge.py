"""The badge of a holder: its texts and colour, the sizes for our SVG, and the JSON for shields.io."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from pytest_carbon.core.accounts.values.account import Account
from pytest_carbon.core.escape import visible
from pytest_carbon.core.verdict.wording import shorten, used_share_text

COLOURS = {"ok": "#00694f", "watch": "#005f9e", "at risk": "#8a4b00", "critical": "#a63a00", "exhausted": "#8c1d40"}
"""White text on each colour has a contrast of at least 4.5:1 (WCAG 2.2, 1.4.3); words name the state as well."""
UNKNOWN_COLOUR = "#5c6166"
_MOST_CELLS = 40
_CELL, _PADDING = 6.6, 7.0


@dataclass(frozen=True, slots=True)
class Badge:
    """The texts of a badge (``carbon``, ``62 % of November``) and the colour of the budget's state."""

    label: str
    message: str
    colour: str


def make_badge(account: Account, window: str) -> Badge:
    """Return an account's badge; ``window`` names the budget's window, such as ``November``."""
    label = "carbon" if account.level == "repository" else f"carbon {visible(shorten(account.name, _MOST_CELLS))}"
    status = account.standing
    if status is None:
        return Badge(label, "no budget over a window" if account.other_limits else "no budget", UNKNOWN_COLOUR)
    if status.unmeasured:
        return Badge(label, f"{window} not known", UNKNOWN_COLOUR)
    message = f"{used_share_text(status)} of {window}" if status.limit > 0 else f"nothing left of {window}"
    warning = f", {status.state}" if status.state in ("at risk", "critical", "exhausted") else ""
    return Badge(label, message + warning, COLOURS.get(status.state, UNKNOWN_COLOUR))


def shields_endpoint(badge: Badge) -> dict[str, Any]:
    """Return the badge as JSON values for the endpoint badge of shields.io, version 1."""
    return {"schemaVersion": 1, "label": badge.label, "message": badge.message, "color": badge.colour}


def half_widths(badge: Badge) -> tuple[float, float]:
    """Return the widths of a badge's two halves in pixels; the SVG fits the text to them in any font."""
    return _width(badge.label), _width(badge.message)


def _width(text: str) -> float:
    cells = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return round(cells * _CELL + 2 * _PADDING, 1)
