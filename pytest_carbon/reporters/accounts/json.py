"""Accounts as JSON text, and the JSON Schema of it."""

from __future__ import annotations

import json
from importlib import resources

from pytest_carbon.core.accounts.values.account import Accounts, to_json
from pytest_carbon.core.escape import json_for_log


def render(accounts: Accounts) -> str:
    """Return the accounts as JSON in ASCII; equal accounts give equal bytes."""
    return json_for_log(json.dumps(to_json(accounts), indent=1, allow_nan=False)) + "\n"


def schema_text() -> str:
    """Return the JSON Schema of what ``render`` returns."""
    return resources.files("pytest_carbon.reporters.accounts").joinpath("summary-1.json").read_text(encoding="utf-8")
