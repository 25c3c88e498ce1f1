"""The schema of a database: it is made by migrations, and another version is refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import create_engine

from pytest_carbon.ledgers.sql.engine import parse_url
from pytest_carbon.ledgers.sql.migrate import migrate
from pytest_carbon.ledgers.sql.schema import REVISION, metadata

EVER = (date.min, date.max)


def test_code_and_migrations_have_the_same_schema(database: str) -> None:
    """The tables that migrations make have exactly the columns that queries use."""
    from alembic.autogenerate import compare_metadata
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "pytest_carbon.ledgers.sql:migrations")
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [REVISION]
    engine = create_engine(parse_url(database))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": _is_no_partition})
        differences = compare_metadata(context, metadata)
    engine.dispose()
    changes = ("add_table", "remove_table", "add_column", "remove_column")
    assert [difference for difference in differences if difference[0] in changes] == []


def _is_no_partition(_: Any, name: str | None, kind: str, *__: Any) -> bool:
    return not (kind == "table" and str(name).startswith(("runs_", "entries_")))


OLDER = (
    "its schema has version 0000, older than 0002; run pytest-carbon ledger migrate, "
    "with the same --sql if you gave one"
)
NEWER = "its schema has version 9999, but this pytest-carbon is older and knows version 0002; upgrade"


@pytest.mark.parametrize(
    ("version", "reason", "migrating"),
    [("0000", OLDER, "its schema cannot be brought to version 0002: Can't locate"), ("9999", NEWER, NEWER)],
)
def test_schema_of_another_version_is_refused(
    sqlite: str, tmp_path: Path, lab: SimpleNamespace, version: str, reason: str, migrating: str
) -> None:
    """Nothing is read or written, and the database is not changed."""
    with closing(sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)) as other:
        other.execute("UPDATE alembic_version SET version_num = ?", [version])
    before = (tmp_path / "ledger.db").read_bytes()
    ledger = lab.sql_ledger(sqlite)
    assert reason in lab.refused(lambda: ledger.append([lab.entry()]))
    assert reason in lab.refused(lambda: ledger.read(*EVER))
    assert migrating in lab.refused(lambda: migrate(sqlite))
    assert (tmp_path / "ledger.db").read_bytes() == before


def test_database_without_a_ledger(server: Any, tmp_path: Path, lab: SimpleNamespace) -> None:
    """The error says how to make a ledger, and reading makes none."""
    name = server.database("template0")
    (tmp_path / "empty.db").touch()
    for url in (server.url(name), f"sqlite:///{tmp_path}/empty.db"):
        message = lab.refused(lambda url=url: lab.sql_ledger(url).read(*EVER))  # type: ignore[misc]
        assert message.endswith(
            "there is no ledger in it; run pytest-carbon ledger migrate, with the same --sql if you gave one"
        )
        assert migrate(url)[1:] == (None, "0002")
        assert migrate(url)[1:] == ("0002", "0002")
        assert lab.sql_ledger(url).append([lab.entry()]) == ["run-1"]
