"""Every error that stops a user names its next step."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROOMS = (
    *(
        f"pytest_carbon/{room}"
        for room in ("cli", "config", "declared", "device_facts", "extend", "files", "git", "grid")
    ),
    *(f"pytest_carbon/{room}" for room in ("paired_runs", "pytest_edge", "reporters", "usecases", "ledgers/branch")),
    *(f"pytest_carbon/core/{room}" for room in ("budget", "energy", "evidence", "merge", "policy")),
    *(f"pytest_carbon/ledgers/{room}" for room in ("kinds", "sql", "transfer")),
    "github_action",
)
"""Rooms whose errors reach the user as they are. In others, errors are reasons that a caller puts into a sentence."""
ERRORS = (
    "ApiError", "CarbonError", "CheckoutError", "ConfigError", "IssueError", "LedgerError", "MeasureError",
    "QuantityError", "RecordError", "RefreshError", "ReportError", "SourceError", "UnfitFileError", "ZoneError",
)  # fmt: skip
STEP = re.compile(
    r"[;?]|must |needs |takes |such as |write |give |keep |run[: ]|see |try again|--now TIME"
    r"|\((known|there are|these have)",
    re.IGNORECASE,
)
"""How a message says what to do: after a semicolon, as a question, or by what is right instead."""

REASON = re.compile(r"(it|its|this file|these columns|there is a folder|holds|is not a valid zip) ")
"""A message without a subject of its own is a reason, which a caller puts into a sentence with a next step."""
SUGGESTIONS = (
    "did_you_mean(",
    "no_such_name(",
    "spelling_hint(",
    "there_are(",
    "near",
    "hint",
    "refused",
    "files.refusal",
    "error",
    "text",
    "reason",
    "response.problem",
    "pairs.stop_reason",
)
"""Values that hold a next step: the most similar name, all names, or the message of another error."""


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
                name = getattr(error.func, "id", "") if isinstance(error, ast.Call) else ""
                if isinstance(error, ast.Call) and error.args and name in ERRORS:
                    text = error.args[1 if name == "UnfitFileError" else 0]
                    yield f"{path.relative_to(ROOT)}:{error.lineno}", _text(text)


def test_every_error_that_stops_a_user_names_its_next_step() -> None:
    """What is right, what to do, or what to ask oneself; a message made elsewhere has its own test."""
    found = list(_messages())
    assert len(found) > 200
    assert [
        (where, text) for where, text in found if text.strip() and not (STEP.search(text) or REASON.match(text))
    ] == []
