"""Connects to a database: parses its URL, sets time limits everywhere, and begins transactions."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.hide_secrets import THIS_MACHINE, sure_host
from pytest_carbon.files.write_safely import make_folder, make_private_file

CONNECT_S, STATEMENT_S, LOCK_S, POOL_S = 10, 30, 10, 10
LONG_STATEMENT_S = 1800
_IDLE_S = 60
_SETTINGS = {
    "statement_timeout": STATEMENT_S,
    "lock_timeout": LOCK_S,
    "idle_in_transaction_session_timeout": _IDLE_S,
}
_TCP = {
    "keepalives": 1,
    "keepalives_idle": 20,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": STATEMENT_S * 1000,
}
_EXAMPLE = "write postgresql://host/database or sqlite:///file"
_OTHER_KINDS = ("sqlite", "mysql", "mariadb", "oracle", "mssql")
WRITES = "carbon_writes"
"""The execution option of a connection that will write: SQLite then takes its write lock at once."""


def parse_url(text: str) -> URL:
    """Parse the URL of a PostgreSQL or SQLite database. Raises LedgerError, never with a password, for another text."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise LedgerError(f"the URL of the database cannot be read; {_EXAMPLE}") from None
    kind = url.drivername.partition("+")[0]
    if kind in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if kind == "sqlite" and url.database and url.database != ":memory:":
        return url.set(drivername="sqlite")
    named = repr(kind) if kind in _OTHER_KINDS else "a database"
    raise LedgerError(f"a ledger cannot be stored in {named} with such a URL; {_EXAMPLE}")


def is_clear(text: str) -> bool:
    """Return whether a URL is surely not mistyped. Else the driver's own words may hold a part of its password."""
    return text.startswith("sqlite:") or sure_host(text) is not None


def describe_url(url: URL, text: str) -> str:
    """Return a database as messages name it: by its host or file, and only where the URL is surely no mistyped one."""
    if url.drivername == "sqlite":
        file = str(url.database)
        return "database" if url.host or "@" in file or ":" in file else f"database {file}"
    host = sure_host(text)
    if host is None:
        return "database"
    return f"database on {THIS_MACHINE}" if host == THIS_MACHINE else f"database at {host}"


def make_engine(url: URL, *, create: bool = False) -> Engine:
    """Return an engine with a small pool. With ``create``, SQLite makes a missing file. Raises LedgerError."""
    try:
        if url.drivername == "sqlite":
            return _sqlite(url, create)
        return create_engine(
            url,
            connect_args=_connect_arguments(url),
            pool_size=1,
            max_overflow=3,
            pool_timeout=POOL_S,
            hide_parameters=True,
        )
    except (ArgumentError, ValueError):  # the driver's own message often quotes the URL
        raise LedgerError(f"the URL of the database cannot be read; {_EXAMPLE}") from None
    except (NoSuchModuleError, ImportError) as error:
        raise LedgerError(
            f"the driver of the database is not installed ({error}); run: pip install 'pytest-carbon[sql]'"
        ) from error


def _connect_arguments(url: URL) -> Mapping[str, Any]:
    """Return psycopg's arguments for connecting. Settings in the URL win."""
    settings = " ".join(f"-c {name}={limit_s * 1000}" for name, limit_s in _SETTINGS.items())
    own = url.query.get("options")
    options = f"{settings} {own}" if own else settings
    wanted = {"connect_timeout": CONNECT_S, "application_name": "pytest-carbon", **_TCP}
    return {"options": options, **{name: value for name, value in wanted.items() if name not in url.query}}


def _make_folder(folder: Path) -> None:
    """Make the folder of a new database if it is missing. Raises LedgerError."""
    if not os.path.lexists(folder):
        try:
            make_folder(folder, folder.parent, own=folder)
        except OSError as error:
            raise LedgerError(f"its folder cannot be made ({error.strerror}); make {folder} yourself") from error


def _sqlite(url: URL, create: bool) -> Engine:
    import sqlite3

    mode = "rwc" if create else url.query.get("mode", "rw")
    path = Path(str(url.database)).absolute()
    file = f"file:{quote(str(path))}?mode={mode}"
    limit_s = float(str(url.query.get("timeout", LOCK_S)))

    def connect() -> sqlite3.Connection:
        if create:
            _make_folder(path.parent)
            make_private_file(path)
        return sqlite3.connect(file, uri=True, timeout=limit_s, isolation_level=None, check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, hide_parameters=True, pool_size=1, poolclass=QueuePool)

    @event.listens_for(engine, "begin")
    def _(connection: Any) -> None:
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def begin(engine: Engine, *, writes: bool, limit_s: int | None = None) -> Iterator[Connection]:
    """Begin a transaction. A reading one sees the database as of one moment. ``limit_s`` limits each statement."""
    server = engine.dialect.name == "postgresql"
    options: dict[str, Any] = {WRITES: writes}
    if server and not writes:
        options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect() as connection:
        connection.execution_options(**options)
        with connection.begin():
            if server and limit_s is not None:
                connection.exec_driver_sql(f"SET LOCAL statement_timeout = {limit_s * 1000}")
            yield connection


def lock_repository(connection: Connection, repository: str, *, exclusive: bool) -> None:
    """Keep a repository's days from being summed (``exclusive``) while other transactions add to it (not exclusive).

    The lock ends with the transaction. SQLite needs no lock, since it has one writer at a time.
    """
    if connection.dialect.name == "postgresql":
        lock = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
        key = int.from_bytes(hashlib.sha256(f"pytest-carbon {repository}".encode()).digest()[:8], signed=True)
        connection.exec_driver_sql(f"SELECT {lock}(%s)", (key,))
