"""The formats of accounts. A new format is one module with ``render(accounts) -> str`` and one line here."""

from __future__ import annotations

from pytest_carbon.reporters.reporter import BuiltIn

HOOK = "carbon_account_reporters"
_ROOM = "pytest_carbon.reporters.accounts"
ACCOUNT_REPORTERS = (
    BuiltIn("markdown", "summary.md", f"{_ROOM}.markdown:render_all"),
    BuiltIn("html", "summary.html", f"{_ROOM}.html:render"),
    BuiltIn("json", "summary.json", f"{_ROOM}.json:render"),
)
