"""Keeps the runs and entries of each month in a partition of their own on PostgreSQL.

Writers need no right to make partitions: a run of a month without one goes into the partition ``other``, and moves to
its month when the owner runs ``make_partitions``.
"""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Connection, text

PARTITIONED = ("runs", "entries")
MONTHS_AHEAD = 2
"""Partitions are made this many months before their month begins."""


def make_partitions(connection: Connection, today: date) -> list[date]:
    """Make the missing partitions of this month, the months ahead and all months in ``other``; return their first days.

    Rows of later months come from a wrong clock and stay in ``other``. Writers and readers wait while rows are moved;
    nothing is locked if no partition is missing.
    """
    if connection.dialect.name != "postgresql":
        return []
    missing = sorted(_needed_months(connection, today) - _existing_months(connection))
    if missing:
        connection.execute(text("LOCK TABLE runs, entries IN ACCESS EXCLUSIVE MODE"))
        missing = sorted(_needed_months(connection, today) - _existing_months(connection))
    for first in missing:
        for table in PARTITIONED:
            _make_partition(connection, table, first)
    return missing


def _needed_months(connection: Connection, today: date) -> set[date]:
    first = today.replace(day=1)
    ahead = {first}
    for _ in range(MONTHS_AHEAD):
        first = _next_month(first)
        ahead.add(first)
    query = " UNION ".join(
        f"SELECT date_trunc('month', day)::date FROM {table}_other WHERE day < '{_next_month(first)}'"  # noqa: S608
        for table in PARTITIONED
    )
    return ahead | {month for (month,) in connection.execute(text(query))}


def _existing_months(connection: Connection) -> set[date]:
    query = "SELECT relname FROM pg_inherits JOIN pg_class ON oid = inhrelid WHERE inhparent = 'runs'::regclass"
    names = [str(name).removeprefix("runs_") for (name,) in connection.execute(text(query))]
    return {date(int(name[:4]), int(name[5:]), 1) for name in names if name != "other"}


def _make_partition(connection: Connection, table: str, first: date) -> None:
    part, end = f"{table}_{first.isoformat()[:7].replace('-', '_')}", _next_month(first)
    inside = f"day >= '{first}' AND day < '{end}'"
    for statement in (
        f"CREATE TABLE {part} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES)",
        f"WITH moved AS (DELETE FROM {table}_other WHERE {inside} RETURNING *) "  # noqa: S608 - our own names and dates
        f"INSERT INTO {part} SELECT * FROM moved",
        f"ALTER TABLE {table} ATTACH PARTITION {part} FOR VALUES FROM ('{first}') TO ('{end}')",
    ):
        connection.execute(text(statement))


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
