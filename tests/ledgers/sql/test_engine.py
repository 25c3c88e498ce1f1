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
    ("url", "told"),
    [
        ("nonsense", "the URL of the database cannot be read; write postgresql://user@host/database or sqlite:///file"),
        ("postgresql://me:secret@host:port/db", "the URL of the database cannot be read"),
        ("postgresql://me:secret@[::1/db", "the URL of the database cannot be read"),
        ("postgresql://me:secret@/db?host=a,b&port=1,2,3", "the URL of the database cannot be read"),
        ("postgresql://me@host/db?port=secret", "the URL of the database cannot be read"),
        ("sqlite:///file?timeout=secret", "the URL of the database cannot be read"),
        ("mysql://me:secret@host/db", "a ledger cannot be stored in 'mysql' with such a URL"),
        ("sqlite://", "a ledger cannot be stored in 'sqlite' with such a URL"),
    ],
)
def test_url_that_is_none(lab: SimpleNamespace, url: str, told: str) -> None:
    """It is told at once, with one that works."""
    assert told in lab.refused(lambda: lab.sql_ledger(url))


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("postgresql://me:secret@db.example:5433/carbon?sslmode=require", "database carbon at db.example:5433"),
        ("postgres:///carbon?host=/run/pg&password=secret", "database carbon at /run/pg"),
        ("postgresql://me@db.example", "database me at db.example"),
        ("sqlite:////srv/carbon.db?timeout=1", "database /srv/carbon.db"),
    ],
)
def test_ledger_is_named_without_its_password(lab: SimpleNamespace, url: str, where: str) -> None:
    """Neither that nor any setting of the URL is ever shown."""
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
def test_driver_is_ours_to_choose(text: str, drivername: str) -> None:
    """Whatever driver a URL names, the one that we install is taken."""
    assert parse_url(text).drivername == drivername


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://h/db", "", "file.db"])
def test_database_that_cannot_hold_a_ledger(url: str) -> None:
    """A database in memory would be gone afterwards."""
    with pytest.raises(LedgerError, match="write postgresql://user@host/database or sqlite:///file"):
        parse_url(url)


def test_reader_writes_nothing(database: str, lab: SimpleNamespace) -> None:
    """On a server the transaction itself is read-only; in either kind the reader sees one moment."""
    with lab.connected(database) as reader:
        assert reader.execute(text("SELECT count(*) FROM runs")).scalar() == 0
        if reader.dialect.name == "postgresql":
            lab.sql_ledger(database).append([lab.entry()])
            assert reader.execute(text("SELECT count(*) FROM runs")).scalar() == 0
            with pytest.raises(DBAPIError, match="read-only transaction"):
                reader.execute(text("DELETE FROM runs"))


def test_file_is_made_only_where_that_is_asked(tmp_path: Path) -> None:
    """A name with characters of URLs is a file's name all the same."""
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


def test_limit_of_a_statement_is_that_of_its_transaction(postgres: str) -> None:
    """The limit is 30 s unless the transaction asks for another; a lock is waited for 10 s."""
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
def test_repository_is_locked_for_its_sums(
    postgres: str, lab: SimpleNamespace, first: bool, second: bool, other: str, waits: bool
) -> None:
    """Writers share the lock; who sums has it alone; other repositories are free."""
    with lab.connected(postgres, writes=True) as one, lab.connected(postgres, writes=True) as two:
        lock_repository(one, "org/shop", exclusive=first)
        two.execute(text("SET LOCAL lock_timeout = 100"))
        if waits:
            with pytest.raises(DBAPIError, match="lock timeout"):
                lock_repository(two, other, exclusive=second)
        else:
            lock_repository(two, other, exclusive=second)
