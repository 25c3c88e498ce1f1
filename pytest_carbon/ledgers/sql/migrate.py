"""Makes a ledger in a database, or upgrades its schema, with Alembic's scripts in ``migrations/``."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, Engine, func, inspect, select

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.ledgers.sql.engine import (
    LONG_STATEMENT_S,
    begin,
    describe_url,
    is_clear,
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
    """Make or upgrade a ledger; return the name of the database, and the schema's version before and after.

    ``roles`` are a writer and a reader: they are made if the server lacks them, and get their rights. Everything is one
    transaction. Raises LedgerError, also for a database of a newer version.
    """
    address = parse_url(url)
    where = describe_url(address, url)
    with explain_database_errors(where, private=not is_clear(url)):
        engine = make_engine(address, create=True)
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
        raise LedgerError(
            f"its schema cannot be brought to version {REVISION}: {error}; was it changed by hand?"
        ) from error


def version_of(connection: Connection) -> str | None:
    """Return the version of a database's schema; None without a ledger."""
    if not inspect(connection).has_table(version.name):
        return None
    return connection.execute(select(func.max(version.c.version_num))).scalar()


def refuse_other_version(connection: Connection) -> None:
    """Raise LedgerError for a database without a ledger, and for a version that this code does not read and write."""
    revision = version_of(connection)
    if revision is None:
        raise LedgerError(f"there is no ledger in it; {MIGRATE}")
    if revision > REVISION:
        raise LedgerError(_too_new(revision))
    if revision != REVISION:
        raise LedgerError(f"its schema has version {revision}, older than {REVISION}; {MIGRATE}")


def _too_new(revision: str) -> str:
    return (
        f"its schema has version {revision[:20]}, but this pytest-carbon is older and knows version {REVISION}; "
        "upgrade pytest-carbon"
    )
