"""Makes a ledger in a database, or brings one to this version's schema, by Alembic's scripts in ``migrations/``."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, func, inspect, select

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.ledgers.sql.engine import (
    LONG_STATEMENT_S,
    begin,
    describe_url,
    lock_repository,
    make_engine,
    parse_url,
)
from pytest_carbon.ledgers.sql.explain_errors import MIGRATE, explain_database_errors
from pytest_carbon.ledgers.sql.partitions import make_partitions
from pytest_carbon.ledgers.sql.roles import grant
from pytest_carbon.ledgers.sql.schema import REVISION, version

_ALL_REPOSITORIES = ""


def migrate(url: str, roles: tuple[str, str] | None = None) -> tuple[str, str | None, str]:
    """Make or upgrade the ledger of a database; return what it is called, and its schema's version before and after.

    ``roles`` are a writer and a reader, which get their rights, and are made where the server has no such roles.
    Everything is one transaction. Raises LedgerError, also for a database of a newer version.
    """
    place = parse_url(url)
    where = describe_url(place)
    with explain_database_errors(where):
        engine = make_engine(place, create=True)
        try:
            return where, _migrate(engine, roles), REVISION
        finally:
            engine.dispose()


def _migrate(engine: Engine, roles: tuple[str, str] | None) -> str | None:
    with begin(engine, writes=True, limit_s=LONG_STATEMENT_S) as connection:
        lock_repository(connection, _ALL_REPOSITORIES, exclusive=True)
        before = version_of(connection)
        if before is not None and before > REVISION:
            raise LedgerError(_too_new(before))
        _upgrade(connection)
        make_partitions(connection, datetime.now(UTC).date())
        if roles is not None:
            grant(connection, *roles)
    return before


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "pytest_carbon.ledgers.sql:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise LedgerError(f"its schema cannot be brought to version {REVISION}: {error}") from error


def version_of(connection: Connection) -> str | None:
    """Return the version of a database's schema; None where no ledger was ever made."""
    if not inspect(connection).has_table(version.name):
        return None
    return connection.execute(select(func.max(version.c.version_num))).scalar()


def refuse_other_version(connection: Connection) -> None:
    """Raise LedgerError for a database without a ledger, or of another version than this code reads and writes."""
    found = version_of(connection)
    if found is None:
        raise LedgerError(f"it holds no ledger; {MIGRATE}")
    if found > REVISION:
        raise LedgerError(_too_new(found))
    if found != REVISION:
        raise LedgerError(f"its schema is of version {found}, older than {REVISION}; {MIGRATE}")


def _too_new(found: str) -> str:
    return (
        f"its schema is of version {found[:20]}, and this pytest-carbon, which knows {REVISION}, is older than "
        "that; upgrade pytest-carbon"
    )
