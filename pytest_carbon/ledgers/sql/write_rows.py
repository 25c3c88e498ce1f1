"""Adds the rows of an append to a database, in one transaction. Existing rows are not changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from pytest_carbon.ledgers.sql.engine import lock_repository
from pytest_carbon.ledgers.sql.rows import Key, Row, Rows
from pytest_carbon.ledgers.sql.schema import RUN_FIELDS, baselines, entries, records, runs, stale

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_COLUMNS = ", ".join(("repository", "day", *RUN_FIELDS))
_TYPES = ", ".join(f"{c.name} {c.type.compile(_DIALECT)}" for c in runs.columns)
_ADD_RUNS = f"""
WITH given AS (SELECT * FROM json_to_recordset(%(runs)s) AS given({_TYPES}, shares json)),
    added AS (INSERT INTO runs ({_COLUMNS}) SELECT {_COLUMNS} FROM given ON CONFLICT DO NOTHING RETURNING day, id),
    marked AS (INSERT INTO stale SELECT DISTINCT %(repository)s, day FROM added ON CONFLICT DO NOTHING),
    paid AS (
        INSERT INTO entries (repository, day, id, feature, share)
        SELECT repository, day, id, key, value::double precision
        FROM given JOIN added USING (day, id), LATERAL json_each_text(shares)
    )
SELECT day, id FROM added
"""  # noqa: S608 - names of columns
"""One statement for PostgreSQL, so that one run or thousands of runs take a single round trip."""


def add_rows(connection: Connection, repository: str, rows: Rows, baseline: Row | None) -> set[Key]:
    """Add the rows that are not there yet, and return the keys of the runs and records that were added.

    Of two writers of the same run, the second waits for the first and adds nothing. The changed days are marked as
    stale, so that their sums are not used until they are made anew.
    """
    lock_repository(connection, repository, exclusive=False)
    postgres = connection.dialect.name == "postgresql"
    added = set()
    if rows.runs:
        added |= (
            _add_runs_together(connection, repository, rows)
            if postgres
            else _add_runs_by_table(connection, repository, rows)
        )
    if rows.records:
        added_records = _insert_new(connection, records, rows.records)
        _mark_stale(connection, repository, (day for day, _ in added_records))
        added |= added_records
    if baseline is not None:
        connection.execute(_insert_or_ignore(connection, baselines), baseline)
    return added


def _add_runs_together(connection: Connection, repository: str, rows: Rows) -> set[Key]:
    given = json.dumps([{**row, "shares": rows.shares[row["day"], row["id"]]} for row in rows.runs], default=str)
    added = connection.exec_driver_sql(_ADD_RUNS, {"runs": given, "repository": repository})
    return {(day, id_) for day, id_ in added}


def _add_runs_by_table(connection: Connection, repository: str, rows: Rows) -> set[Key]:
    added = _insert_new(connection, runs, rows.runs)
    shares = [
        {"repository": repository, "day": key[0], "id": key[1], "feature": feature, "share": share}
        for key in added
        for feature, share in rows.shares[key].items()
    ]
    if shares:
        connection.execute(entries.insert(), shares)
    _mark_stale(connection, repository, (day for day, _ in added))
    return added


def _insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> set[Key]:
    added = connection.execute(_insert_or_ignore(connection, table).returning(table.c.day, table.c.id), rows)
    return {(day, id_) for day, id_ in added}


def _mark_stale(connection: Connection, repository: str, days: Iterable[date]) -> None:
    rows = [{"repository": repository, "day": day} for day in sorted(set(days))]
    if rows:
        connection.execute(_insert_or_ignore(connection, stale), rows)


def _insert_or_ignore(connection: Connection, table: Table) -> Any:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()
