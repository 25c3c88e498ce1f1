"""The URL of a database, and how a transaction begins."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.ledgers.sql.engine import begin, lock_repository, make_engine, parse_url


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("nonsense", "the URL of the database cannot be read; write postgresql://host/database or sqlite:///file"),
        ("postgresql://me:secret@host:port/db", "the URL of the database cannot be read"),
        ("postgresql://me:secret@[::1/db", "the URL of the database cannot be read"),
        ("postgresql://me:secret@/db?host=a,b&port=1,2,3", "the URL of the database cannot be read"),
        ("postgresql://me@host/db?port=secret", "the URL of the database cannot be read"),
        ("sqlite:///file?timeout=secret", "the URL of the database cannot be read"),
        ("mysql://me:secret@host/db", "a ledger cannot be stored in 'mysql' with such a URL"),
        ("sqlite://", "a ledger cannot be stored in 'sqlite' with such a URL"),
    ],
)
def test_invalid_url_is_explained(lab: SimpleNamespace, url: str, message: str) -> None:
    """The error gives an example of a valid URL."""
    assert message in lab.refused(lambda: lab.sql_ledger(url))


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("postgresql://me:secret@db.example:5433/carbon?sslmode=require", "database at db.example"),
        ("postgres:///carbon?host=/run/pg&password=secret", "database on this machine"),
        ("postgresql://db.example", "database at db.example"),
        ("postgresql://me@db.example", "database"),
        ("sqlite:///me:secret/db.example", "database"),
        ("sqlite:////srv/carbon.db?timeout=1", "database /srv/carbon.db"),
    ],
)
def test_ledger_is_named_without_its_password(lab: SimpleNamespace, url: str, where: str) -> None:
    """The name of a ledger shows neither the password nor any setting of the URL."""
    assert lab.sql_ledger(url).where == where


@pytest.mark.parametrize(
    ("text", "drivername"),
    [
        ("postgresql://me@host/db", "postgresql+psycopg"),
        ("postgres://me@host/db", "postgresql+psycopg"),
        ("postgresql+psycopg2://me@host/db", "postgresql+psycopg"),
        ("sqlite:///file.db", "sqlite"),
    ],
)
def test_driver_in_the_url_is_replaced(text: str, drivername: str) -> None:
    """Whatever driver a URL names, the driver that we install is used."""
    assert parse_url(text).drivername == drivername


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://h/db", "", "file.db"])
def test_database_that_cannot_hold_a_ledger(url: str) -> None:
    """Databases in memory and of other kinds are refused."""
    with pytest.raises(LedgerError, match="write postgresql://host/database or sqlite:///file"):
        parse_url(url)


def test_reader_cannot_write(database: str, lab: SimpleNamespace) -> None:
    """On PostgreSQL a reading transaction is read-only and does not see later commits."""
    with lab.connected(database) as reader:
        assert reader.execute(text("SELECT count(*) FROM runs")).scalar() == 0
        if reader.dialect.name == "postgresql":
            lab.sql_ledger(database).append([lab.entry()])
            assert reader.execute(text("SELECT count(*) FROM runs")).scalar() == 0
            with pytest.raises(DBAPIError, match="read-only transaction"):
                reader.execute(text("DELETE FROM runs"))


def test_database_file_is_made_only_on_request(tmp_path: Path) -> None:
    """A missing file is an error otherwise; special characters in its name are escaped in the URL."""
    url = parse_url(f"sqlite:///{tmp_path}/a b%3F.db")
    for create in (False, True):
        engine = make_engine(url, create=create)
        try:
            if create:
                with begin(engine, writes=True):
                    pass
            else:
                with pytest.raises(DBAPIError, match="unable to open"), begin(engine, writes=True):
                    pass
        finally:
            engine.dispose()
    assert len(list(tmp_path.iterdir())) == 1


def test_time_limits_of_a_transaction(postgres: str) -> None:
    """A statement may take 30 s unless the transaction asks for more; a lock is waited for 10 s."""
    for limit_s, shown in ((None, "30s"), (1800, "30min")):
        engine = make_engine(parse_url(postgres))
        with begin(engine, writes=False, limit_s=limit_s) as connection:
            assert connection.execute(text("SHOW statement_timeout")).scalar() == shown
            assert connection.execute(text("SHOW lock_timeout")).scalar() == "10s"
        engine.dispose()


@pytest.mark.parametrize(
    ("first", "second", "other", "waits"),
    [(False, False, "org/shop", False), (True, False, "org/shop", True), (True, True, "org/pay", False)],
)
def test_repository_is_locked_while_it_is_summed(
    postgres: str, lab: SimpleNamespace, first: bool, second: bool, other: str, waits: bool
) -> None:
    """Writers share the lock; summing holds it exclusively; other repositories are free."""
    with lab.connected(postgres, writes=True) as holder, lab.connected(postgres, writes=True) as waiter:
        lock_repository(holder, "org/shop", exclusive=first)
        waiter.execute(text("SET LOCAL lock_timeout = 100"))
        if waits:
            with pytest.raises(DBAPIError, match="lock timeout"):
                lock_repository(waiter, other, exclusive=second)
        else:
            lock_repository(waiter, other, exclusive=second)
