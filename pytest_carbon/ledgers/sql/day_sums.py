"""Sums up days that are over, so that verdicts need not read their runs; and drops old baselines."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date
from itertools import groupby

from sqlalchemy import delete, func, insert, select, tuple_

from pytest_carbon.core.records.corrections import apply_corrections
from pytest_carbon.core.records.day_sums import sum_day
from pytest_carbon.core.records.ledger_records import Entry, record_day
from pytest_carbon.ledgers.file_layout import day_of_path
from pytest_carbon.ledgers.sql.engine import lock_repository
from pytest_carbon.ledgers.sql.read_rows import RowScan, View, days_among, scan
from pytest_carbon.ledgers.sql.rows import Row
from pytest_carbon.ledgers.sql.schema import ROLLED_FIELDS, baselines, rollups, stale

DAYS_AT_ONCE = 7
"""Days that are summed in one transaction. Nobody can add to the repository meanwhile."""


def stale_batches(view: View, before: date) -> Iterator[tuple[str, list[date]]]:
    """Yield each repository with up to DAYS_AT_ONCE of its stale days before ``before``."""
    rows = sorted(view.rows(stale, ["repository", "day"], stale.c.day < before))
    for repository, group in groupby(rows, key=lambda row: str(row[0])):
        days = [row[1] for row in group]
        yield from ((repository, days[start : start + DAYS_AT_ONCE]) for start in range(0, len(days), DAYS_AT_ONCE))


def sum_days(view: View, repository: str, days: Collection[date]) -> list[date]:
    """Sum those of ``days`` that are stale, in the caller's transaction, and return them.

    A day with a corrupt row is not summed but read run by run, so that every reader reports the row.
    """
    lock_repository(view.connection, repository, exclusive=True)
    stale_days = {day for (day,) in view.rows(stale, ["day"], stale.c.day.in_(days))}
    runs, corrupt_days = runs_by_day(scan(view, days_among(stale_days)))
    sound_days = sorted(stale_days - corrupt_days)
    for table in (rollups, stale):
        view.connection.execute(delete(table).where(table.c.repository == repository, table.c.day.in_(sound_days)))
    rows = [row for day in sound_days for row in _rows(repository, day, runs.get(day, []))]
    if rows:
        view.connection.execute(insert(rollups), rows)
    return sound_days


def runs_by_day(scanned: RowScan) -> tuple[dict[date, list[Entry]], set[date]]:
    """Return the corrected runs of each day, and the days with a corrupt row."""
    runs: dict[date, list[Entry]] = {}
    for entry in apply_corrections(record for _, record in scanned.records):
        runs.setdefault(record_day(entry), []).append(entry)
    return runs, {day for skipped in scanned.skipped if (day := day_of_path(skipped.path)) is not None}


def _rows(repository: str, day: date, runs: list[Entry]) -> Iterator[Row]:
    for number, entry in enumerate(sum_day(day, runs)):
        values = {name: getattr(entry, name) for name in ROLLED_FIELDS}
        yield {"repository": repository, "day": day, "number": number, **values}


def drop_old_baselines(view: View, keep: int) -> None:
    """Drop all baselines but the newest ``keep`` of every branch."""
    c = baselines.c
    newest_first = func.row_number().over(
        partition_by=[c.repository, c.folder], order_by=[c.started.desc(), c.path.desc()]
    )
    ranked = view.of(baselines, select(c.repository, c.path, newest_first.label("rank"))).subquery()
    old = select(ranked.c.repository, ranked.c.path).where(ranked.c.rank > keep)
    view.connection.execute(delete(baselines).where(tuple_(c.repository, c.path).in_(old)))
