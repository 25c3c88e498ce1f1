"""Every error that stops a user names its next step."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent / "pytest_carbon"
ROOMS = ("cli", "config", "extend", "git", "grid", "usecases", "core/energy", "core/policy", "core/budget")
"""Rooms whose errors reach the user as they are. In others, errors are reasons that a caller puts into a sentence."""
ERRORS = ("ConfigError", "LedgerError", "QuantityError", "ReportError", "ZoneError")
STEP = re.compile(
    r"[;?]|must |needs |takes |such as |write |give |keep |run[: ]|see |\((known|there are|these have)|--now TIME"
)
"""How a message says what to do: after a semicolon, as a question, or by what is right instead."""

SUGGESTIONS = ("did_you_mean(", "there_are(", "near", "hint")
"""Values that hold a next step: the most similar name, or all names."""


def _text(node: ast.expr) -> str:
    """Return the words of a message, without its values."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(value) for value in node.values)
    if isinstance(node, ast.BinOp):
        return _text(node.left) + _text(node.right)
    if isinstance(node, ast.FormattedValue) and ast.unparse(node.value).startswith(SUGGESTIONS):
        return "; "
    return _text(node.body) if isinstance(node, ast.IfExp) else ""


def _messages() -> Iterator[tuple[str, str]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                error = node.exc if isinstance(node, ast.Raise) else None
                if isinstance(error, ast.Call) and error.args and getattr(error.func, "id", "") in ERRORS:
                    yield f"{path.relative_to(ROOT)}:{error.lineno}", _text(error.args[0])


def test_every_error_that_stops_a_user_names_its_next_step() -> None:
    """What is right, what to do, or what to ask oneself; a message made elsewhere has its own test."""
    found = list(_messages())
    assert len(found) > 80
    assert [(where, text) for where, text in found if text.strip() and not STEP.search(text)] == []
