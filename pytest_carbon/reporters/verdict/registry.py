"""The formats of a verdict. A new format is one module with ``render(verdict) -> str`` and one line here."""

from __future__ import annotations

from pytest_carbon.reporters.reporter import BuiltInReporter

_ROOM = "pytest_carbon.reporters.verdict"
VERDICT_REPORTERS: tuple[BuiltInReporter, ...] = (
    BuiltInReporter("markdown", "verdict.md", f"{_ROOM}.markdown:render"),
    BuiltInReporter("json", "verdict.json", f"{_ROOM}.json:render"),
    BuiltInReporter("junit", "verdict.junit.xml", f"{_ROOM}.junit:render"),
    BuiltInReporter("sarif", "verdict.sarif", f"{_ROOM}.sarif:render"),
)
