"""What both Markdown reporters share: the symbol of every state, and the size of a comment."""

from __future__ import annotations

from pytest_carbon.core.verdict.verdict import State

LIMIT = 60_000
"""The most bytes of UTF-8 in a comment: GitHub takes 65,536 characters, and the action adds its own lines."""
UNJUDGED = "⚪"
"""The symbol of a pass that judged nothing."""
SYMBOLS: dict[State, str] = {
    "pass": "✅",
    "warn": "⚠️",
    "fail": "❌",
    "overridden": "🔓",
    "inconclusive": "❔",
    "not-measured": "⚪",
    "error": "🛑",
}
