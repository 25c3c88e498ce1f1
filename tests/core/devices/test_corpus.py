"""Real changes of what projects support: every drop is found, and almost nothing else is called a drop."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.devices.find_drops import find_drops
from pytest_carbon.declared.read_project import may_declare, read_declarations
from pytest_carbon.device_facts.lifecycles import shipped_facts

FACTS = shipped_facts()
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CORPUS = sorted((Path(__file__).parent / "corpus").glob("*.toml"))
RECORDS = [record for path in CORPUS for record in tomllib.loads(path.read_text("utf-8"))["change"]]
CHANGES = [record for record in RECORDS if record["drops"]]
CONTROLS = [record for record in RECORDS if not record["drops"]]
MOST_FALSE_ALARMS = 2


def _name(record: Mapping[str, Any]) -> str:
    return f"{record['project']} {record['path']} {record['from'][:10]}..{record['to'][:10]}"


EACH = pytest.mark.parametrize("record", RECORDS, ids=_name)


def _dropped(before: Mapping[str, str], after: Mapping[str, str]) -> set[str]:
    drops = find_drops(read_declarations(before), read_declarations(after), FACTS, NOW)
    return {name for drop in drops for name in drop.names}


def _family(name: str) -> str:
    if " " in name:
        return name.partition(" ")[0]
    return "x86-64" if name.startswith("x86-64") else "wheels"


@EACH
def test_every_drop_is_found(record: dict[str, Any]) -> None:
    """No release, system or wheel that a real change dropped is missed."""
    assert set(record["drops"]) - _dropped(record["before"], record["after"]) == set()


def test_few_false_alarms() -> None:
    """Over all changes and controls, at most two names are wrongly called dropped."""
    alarms = {
        _name(record): sorted(more)
        for record in RECORDS
        if (more := _dropped(record["before"], record["after"]) - set(record["drops"]))
    }
    assert sum(map(len, alarms.values())) <= MOST_FALSE_ALARMS, alarms


@EACH
def test_every_file_is_read(record: dict[str, Any]) -> None:
    """Every real file is recognised by its path and read without an error."""
    for side in (record["before"], record["after"]):
        assert read_declarations(side).unread == ()
        assert [path for path in side if not may_declare(path)] == []


@EACH
def test_an_unchanged_project_drops_nothing(record: dict[str, Any]) -> None:
    """Base compared with itself drops nothing, nor does head."""
    assert _dropped(record["before"], record["before"]) | _dropped(record["after"], record["after"]) == set()


def test_the_corpus_is_large_and_varied() -> None:
    """At least 50 changes drop at least 40 things of at least eight families, and 15 controls drop nothing."""
    dropped = {name for record in CHANGES for name in record["drops"]}
    assert len(CHANGES) >= 50
    assert len(CONTROLS) >= 15
    assert len(dropped) >= 40
    assert len({_family(name) for name in dropped}) >= 8


def test_records_name_their_origin() -> None:
    """Each record names its project, file, the two commits or releases and a source, and no two are the same."""
    asked = {"project", "path", "from", "to", "source", "drops", "before", "after"}
    assert [_name(record) for record in RECORDS if asked - set(record) or set(record) - asked - {"note"}] == []
    assert [_name(record) for record in RECORDS if record["before"] == record["after"] and "note" not in record] == []
    assert len({_name(record) for record in RECORDS}) == len(RECORDS)
