"""Every month has a partition of its own on PostgreSQL."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

from pytest_carbon.ledgers.sql.partitions import make_partitions

EVER = (date.min, date.max)


def test_every_month_gets_a_partition_of_its_own(server: Any, lab: SimpleNamespace) -> None:
    """Rows in the partition of all other months move into their month when the owner compacts."""
    name = server.database()
    ledger = lab.sql_ledger(server.url(name))
    runs = [lab.entry(f"run-{month}", f"2024-{month:02}-28T10:00:00Z") for month in (2, 12)]
    ledger.append(runs)
    before = ledger.read(*EVER)
    assert server.sql("SELECT tableoid::regclass::text FROM runs", database=name) == [("runs_other",)] * 2
    ledger.compact(date(2024, 1, 1))
    parts = "SELECT tableoid::regclass::text, count(*) FROM {} GROUP BY 1 ORDER BY 1"
    assert server.sql(parts.format("runs"), database=name) == [("runs_2024_02", 1), ("runs_2024_12", 1)]
    assert server.sql(parts.format("entries"), database=name) == [("entries_2024_02", 2), ("entries_2024_12", 2)]
    assert ledger.read(*EVER) == before
    ledger.append([lab.entry("late", "2024-02-01T10:00:00Z")])
    assert server.sql(parts.format("runs"), database=name)[0] == ("runs_2024_02", 2)
    assert ledger.append(runs) == []
    assert ledger.verify().whole


def test_only_missing_partitions_are_made(server: Any, lab: SimpleNamespace) -> None:
    """Partitions are made for this month and two months ahead; later months, of a wrong clock, get none."""
    url = server.url(server.database())
    today = date(2031, 12, 31)
    future = lab.entry("future", "2026-06-16T11:00:00Z")
    lab.sql_ledger(url).append([future])
    lab.run_sql(url, "UPDATE entries SET day = '2032-03-01'", "UPDATE runs SET day = '2032-03-01'")
    with lab.connected(url, writes=True) as connection:
        assert make_partitions(connection, today) == [date(2031, 12, 1), date(2032, 1, 1), date(2032, 2, 1)]
        assert make_partitions(connection, today) == []
        assert make_partitions(connection, date(2032, 1, 1)) == [date(2032, 3, 1)]


def test_sqlite_has_no_partitions(sqlite: str, lab: SimpleNamespace) -> None:
    """Nothing is made in SQLite."""
    with lab.connected(sqlite, writes=True) as connection:
        assert make_partitions(connection, date(2031, 12, 31)) == []
