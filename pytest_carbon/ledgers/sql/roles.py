"""Grants rights on PostgreSQL: a writer can only append and read, a reader can only read."""

from __future__ import annotations

from sqlalchemy import Connection, text

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.ledgers.sql.schema import metadata, rollups, version

_READABLE = [*(table.name for table in metadata.sorted_tables), version.name]
_APPENDABLE = [table.name for table in metadata.sorted_tables if table is not rollups]


def grant(connection: Connection, writer: str, reader: str) -> None:
    """Give a writer and a reader their rights and revoke all other rights; make the roles that the server lacks.

    A role that is made here cannot log in: grant it to one that can. Only the owner can sum up days. Raises LedgerError
    if the database is not PostgreSQL, or if both names are one role.
    """
    if connection.dialect.name != "postgresql":
        raise LedgerError("only PostgreSQL has roles; leave out --roles: a file is protected by its permissions")
    if writer == reader:
        raise LedgerError(f"the writer and the reader are one role, {writer!r}; name two roles")
    quote = connection.dialect.identifier_preparer.quote_identifier
    schema = quote(str(connection.scalar(text("SELECT current_schema()"))))
    for role in (writer, reader):
        if not connection.scalar(text("SELECT count(*) FROM pg_roles WHERE rolname = :role"), {"role": role}):
            _run(connection, f"CREATE ROLE {quote(role)} NOLOGIN")
        _run(connection, f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {quote(role)}")
        _run(connection, f"REVOKE CREATE ON SCHEMA {schema} FROM {quote(role)}")
        _run(connection, f"GRANT USAGE ON SCHEMA {schema} TO {quote(role)}")
        _run(connection, f"GRANT SELECT ON {', '.join(_READABLE)} TO {quote(role)}")
    _run(connection, f"GRANT INSERT ON {', '.join(_APPENDABLE)} TO {quote(writer)}")


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement.replace("%", "%%"))
