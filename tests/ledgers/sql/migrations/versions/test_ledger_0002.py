"""The second schema: a ledger of the first keeps its runs, and gets details."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

from pytest_carbon.core.records.entry_details.run_details import CostlyTest, RunDetails
from pytest_carbon.ledgers.sql.migrate import migrate

EVER = (date.min, date.max)
DETAILS = RunDetails(vcpus=4, exit_status=0, tests=(CostlyTest("t.py::ü", None, 1.5, ""),), docs_only=False)


def test_a_ledger_of_the_first_schema(sqlite: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """Its runs have no details, and new ones have theirs."""
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as database:
        database.execute("ALTER TABLE runs DROP COLUMN details")
        database.execute("UPDATE alembic_version SET version_num = '0001'")
    assert migrate(sqlite)[1:] == ("0001", "0002")
    ledger = lab.sql_ledger(sqlite)
    old, new = lab.entry("run-1"), replace(lab.entry("run-2"), details=DETAILS)
    assert ledger.append([old, new]) == [old.id, new.id]
    assert ledger.read(*EVER).records == (old, new)


def test_details_that_are_none_of_ours(sqlite: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """A row that somebody has changed is skipped with the reason."""
    ledger = lab.sql_ledger(sqlite)
    ledger.append([replace(lab.entry("run-1"), details=DETAILS)])
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as database:
        database.execute('UPDATE runs SET details = \'{"vcpus": "many"}\'')
    content = ledger.read(*EVER)
    assert (content.records, [skipped.reason for skipped in content.skipped]) == ((), ["data.vcpus must be integer"])
