"""A writer can only append and read, a reader can only read."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.ledgers.sql.migrate import migrate

EVER = (date.min, date.max)


@pytest.fixture(scope="module")
def roles(server: Any) -> Any:
    """A database with a writer and a reader, and a URL for each of them."""
    name = server.database()
    ann, bob = f"ann_{name}", f"bob_{name}"  # a worker that takes tests over comes here more than once
    assert migrate(server.url(name), ("carbon writer", 'carbon "reader"'))[1:] == ("0002", "0002")
    server.sql(f'CREATE ROLE {ann} LOGIN IN ROLE "carbon writer"')
    server.sql(f'CREATE ROLE {bob} LOGIN IN ROLE "carbon ""reader"""')
    return SimpleNamespace(owner=server.url(name), writer=server.url(name, ann), reader=server.url(name, bob))


def test_writer_appends_and_reader_reads(roles: Any, lab: SimpleNamespace) -> None:
    """A writer appends and reads; a reader reads and verifies; neither can do more."""
    writer, reader, owner = (lab.sql_ledger(url) for url in (roles.writer, roles.reader, roles.owner))
    run = lab.entry()
    assert writer.append([run, lab.correction("co-1", run)], lab.baseline()) == ["run-1", "co-1"]
    assert writer.append([run]) == []
    assert owner.compact(date(2026, 6, 2)) == ["org/shop 2026/06"]
    assert writer.append([lab.entry("late")]) == ["late"]
    assert reader.read(*EVER) == writer.read(*EVER) == owner.read(*EVER)
    assert len(reader.read(*EVER, exact_days=()).records) == len(reader.baselines("main")[0]) + 2
    assert reader.verify().whole
    with pytest.raises(LedgerError, match="this role may not do that: a reader can only read, and a writer can only"):
        reader.append([lab.entry("run-2")])
    for ledger in (writer, reader):
        with pytest.raises(LedgerError, match="this role may not do that"):
            ledger.compact(lab.NOW.date())


@pytest.mark.parametrize("table", ["runs", "entries", "records", "baselines", "stale", "rollups", "runs_other"])
def test_only_the_owner_can_change_existing_rows(roles: Any, table: str) -> None:
    """Neither role can change, remove or make anything, also not through a partition; a reader cannot insert."""
    forbidden = ["DELETE FROM {}", "UPDATE {} SET repository = 'x'", "TRUNCATE {}", "DROP TABLE {}",
                 "ALTER TABLE {} ADD COLUMN x int", "CREATE TABLE mine (x int)"]  # fmt: skip
    reader = [*forbidden, "INSERT INTO {} DEFAULT VALUES"]
    for url, statements in ((roles.writer, forbidden), (roles.reader, reader)):
        with psycopg.connect(url, autocommit=True) as connection:
            for statement in statements:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.format(table).encode())


def test_impossible_roles_are_refused(sqlite: str, postgres: str) -> None:
    """A file has no roles, and one role cannot be both writer and reader."""
    with pytest.raises(
        LedgerError, match="only PostgreSQL has roles; leave out --roles: a file is protected by its permissions"
    ):
        migrate(sqlite, ("a", "b"))
    with pytest.raises(LedgerError, match="the writer and the reader are one role, 'a'; name two"):
        migrate(postgres, ("a", "a"))
