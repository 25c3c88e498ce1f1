"""Accounts as JSON, and the schema of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

import jsonschema
import pytest

from pytest_carbon.core.accounts.values import account
from pytest_carbon.reporters.accounts.json import render, schema_text
from tests.core.accounts.sample_accounts import CASES


def _values(kind: Any) -> Iterator[Any]:
    """Yield a dataclass, and the dataclasses that its fields hold."""
    if is_dataclass(kind):
        yield kind
    for hint in get_type_hints(kind).values() if is_dataclass(kind) else get_args(kind):
        yield from _values(hint)


def test_the_schema_has_every_field() -> None:
    """The schema has exactly the fields of the values that accounts are made of."""
    schema = json.loads(schema_text())
    keys = [schema["properties"].keys() - {"schema"}]
    keys += [value["properties"].keys() for name, value in schema["definitions"].items() if name != "range"]
    kinds = {kind.__name__: {part.name for part in fields(kind)} for kind in _values(account.Accounts)}
    assert sorted(map(sorted, keys)) == sorted(map(sorted, kinds.values()))


@pytest.mark.parametrize("name", CASES)
def test_json_fits_its_schema(bench: Any, name: str) -> None:
    """Every account fits the shipped schema, and equal accounts give equal bytes."""
    accounts = CASES[name](bench)[1]
    text = render(accounts)
    jsonschema.Draft7Validator(json.loads(schema_text())).validate(json.loads(text))
    assert text == render(CASES[name](bench)[1])
    assert text.isascii()
