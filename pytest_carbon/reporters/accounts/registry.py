"""The formats of accounts. A new format is one module with ``render(accounts) -> str`` and one line here."""

from __future__ import annotations

from pytest_carbon.reporters.reporter import BuiltInReporter

_ROOM = "pytest_carbon.reporters.accounts"
ACCOUNT_REPORTERS: tuple[BuiltInReporter, ...] = (
    BuiltInReporter("markdown", "summary.md", f"{_ROOM}.markdown:render_all"),
    BuiltInReporter("html", "summary.html", f"{_ROOM}.html:render"),
    BuiltInReporter("json", "summary.json", f"{_ROOM}.json:render"),
)
