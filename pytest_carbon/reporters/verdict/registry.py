"""The formats of a verdict. A new format is one module with ``render(verdict) -> str`` and one line here."""

from __future__ import annotations

from pytest_carbon.reporters.reporter import BuiltIn

HOOK = "carbon_verdict_reporters"
_ROOM = "pytest_carbon.reporters.verdict"
VERDICT_REPORTERS = (
    BuiltIn("markdown", "verdict.md", f"{_ROOM}.markdown:render"),
    BuiltIn("json", "verdict.json", f"{_ROOM}.json:render"),
    BuiltIn("junit", "verdict.junit.xml", f"{_ROOM}.junit:render"),
    BuiltIn("sarif", "verdict.sarif", f"{_ROOM}.sarif:render"),
)
