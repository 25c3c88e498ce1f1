"""Advice as JSON, and the schema of it."""

from __future__ import annotations

import json
from typing import Any

import jsonschema

from pytest_carbon.reporters.accounts.advice_json import render, schema_text
from pytest_carbon.reporters.accounts.json import render as render_summary
from pytest_carbon.reporters.accounts.json import schema_text as summary_schema
from tests.core.advice.sample_ledger import advised


def test_json_fits_its_schema(bench: Any) -> None:
    """All holders fit, losses as well; equal ledgers give equal bytes; a summary has the same advice."""
    accounts = advised(bench)
    text = render(accounts)
    data = json.loads(text)
    jsonschema.Draft7Validator(json.loads(schema_text())).validate(data)
    assert text == render(advised(bench))
    assert text.isascii()
    assert [holder["window"] for holder in data["holders"][:2]] == ["28d", "month"]
    summary = json.loads(render_summary(accounts))
    jsonschema.Draft7Validator(json.loads(summary_schema())).validate(summary)
    assert summary["accounts"][0]["advice"] == data["holders"][0]["advice"]
    assert summary["accounts"][0]["settled"] == data["holders"][0]["settled"]
    empty = json.loads(render_summary(advised(bench, [])))
    assert not empty["accounts"][0].keys() & {"advice", "settled"}
