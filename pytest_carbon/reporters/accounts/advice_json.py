"""The advice of each holder as JSON text, and the JSON Schema of it."""

from __future__ import annotations

import json
from importlib import resources

from pytest_carbon.core.accounts.values.account import Accounts
from pytest_carbon.core.escape import json_for_log
from pytest_carbon.core.to_plain_json import to_plain_json

SCHEMA = "pytest-carbon/advice/1"


def render(accounts: Accounts) -> str:
    """Return the advice as JSON in ASCII; equal accounts give equal bytes."""
    holders = [
        {
            "name": account.name,
            "level": account.level,
            "window": account.standing.window if account.standing else "28d",
            "advice": to_plain_json(account.advice),
            "settled": to_plain_json(account.settled),
        }
        for account in accounts.accounts
    ]
    values = {"schema": SCHEMA, "made": accounts.made, "holders": holders, "notes": list(accounts.notes)}
    return json_for_log(json.dumps(values, indent=1, allow_nan=False)) + "\n"


def schema_text() -> str:
    """Return the JSON Schema of what ``render`` returns."""
    return resources.files("pytest_carbon.reporters.accounts").joinpath("advice-1.json").read_text(encoding="utf-8")
