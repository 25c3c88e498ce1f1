"""Verifies a ledger in a database: all that is verified of a tree, and also that shares and sums are right."""

from __future__ import annotations

import math
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from sqlalchemy import func, select, union_all

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.records.day_sums import GRID_FIELDS, SUMMED_FIELDS, sum_day
from pytest_carbon.core.records.ledger_records import Correction, Entry, record_day
from pytest_carbon.core.records.record_json import to_data
from pytest_carbon.ledgers import file_contents
from pytest_carbon.ledgers.file_layout import skipped_file
from pytest_carbon.ledgers.ledger import Skipped, VerifyResult
from pytest_carbon.ledgers.sql.day_sums import runs_by_day
from pytest_carbon.ledgers.sql.read_rows import (
    DayCondition,
    RowScan,
    View,
    check_baselines,
    days_between,
    read_sums,
    scan,
)
from pytest_carbon.ledgers.sql.rows import kind_of
from pytest_carbon.ledgers.sql.schema import entries, records, rollups, runs, stale


def verify(view: View) -> VerifyResult:
    """Read and check everything in a view, one month of one repository at a time."""
    kinds: Counter[str] = Counter()
    skipped: list[Skipped] = []
    for repository, first, last in _months(view):
        own, days = replace(view, repository=repository), days_between(first, last)
        scanned = scan(own, days)
        kinds.update(kind_of(record) for _, record in scanned.records)
        faults = (
            *scanned.skipped,
            *_invalid_runs(scanned),
            *_rows_without_run(own, days, scanned),
            *_wrong_sums(own, days, scanned),
        )
        skipped += [skipped_file(f"{fault.path} of {repository}", fault.reason) for fault in faults]
    baselines, skipped_baselines = check_baselines(view)
    distinct = view.of(runs, select(runs.c.repository, runs.c.run).distinct()).subquery()
    return VerifyResult(
        kinds=dict(sorted(kinds.items())),
        runs=view.connection.scalar(select(func.count()).select_from(distinct)) or 0,
        baselines=baselines,
        skipped=(*skipped, *skipped_baselines),
        twice=tuple(_duplicate_ids(view)),
        misplaced=(),
    )


def _months(view: View) -> Iterator[tuple[str, date, date]]:
    """Yield each repository and month of which any table has a row, with the month's first and last day."""
    months: set[tuple[str, int, int]] = set()
    for table in (runs, entries, records, rollups):
        query = view.of(table, select(table.c.repository, table.c.day).distinct())
        months |= {(repository, day.year, day.month) for repository, day in view.connection.execute(query)}
    for repository, year, month in sorted(months):
        yield repository, date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _invalid_runs(scanned: RowScan) -> Iterator[Skipped]:
    """Yield the runs that do not fit the schema of runs, which readers do not check for the sake of speed."""
    for path, record in scanned.records:
        try:
            if isinstance(record, Entry):
                file_contents.refuse_invalid(to_data(record), "entry")
        except LedgerError as error:
            yield skipped_file(path, str(error))


def _rows_without_run(view: View, days: DayCondition, scanned: RowScan) -> Iterator[Skipped]:
    """Yield the entries and the corrections whose run is missing on their day."""
    run_keys = {(day, id_) for day, id_ in view.rows(runs, ["day", "id"], days(runs))}
    entry_keys = {(day, id_) for day, id_ in view.rows(entries, ["day", "id"], days(entries))}
    for day, id_ in sorted(entry_keys - run_keys):
        yield skipped_file(f"entries of {id_} on {day}", "their run is missing")
    for path, record in scanned.records:
        if isinstance(record, Correction) and (record_day(record), record.entry) not in run_keys:
            yield skipped_file(path, f"it corrects {record.entry}, which is missing")


def _wrong_sums(view: View, days: DayCondition, scanned: RowScan) -> Iterator[Skipped]:
    """Yield the days whose sums differ from the sums of their runs, though they are not marked as stale."""
    runs_of, corrupt_days = runs_by_day(scanned)
    stored: dict[date, list[Entry]] = {}
    for entry in read_sums(view, days(rollups)):
        stored.setdefault(date.fromisoformat(entry.started[:10]), []).append(entry)
    unsummed = corrupt_days | {day for (day,) in view.rows(stale, ["day"], days(stale))}
    for day in sorted((runs_of.keys() | stored.keys()) - unsummed):
        if not _equal_sums(stored.get(day, []), sum_day(day, runs_of.get(day, []))):
            yield skipped_file(f"the sums of {day}", "they differ from the sums of its runs")


def _equal_sums(stored: list[Entry], computed: list[Entry]) -> bool:
    if len(stored) != len(computed):
        return False
    pairs = zip(sorted(stored, key=_sum_key), sorted(computed, key=_sum_key), strict=True)
    return all(_sum_key(a) == _sum_key(b) and _nearly_equal(a, b) for a, b in pairs)


def _sum_key(entry: Entry) -> tuple[object, ...]:
    """Return what two equal sums have exactly alike, and which of their figures are unknown."""
    unknown = (getattr(entry, name) is None for name in SUMMED_FIELDS)
    return (str(entry.rolled), entry.runs, *(getattr(entry, name) for name in GRID_FIELDS), *unknown)


def _nearly_equal(a: Entry, b: Entry) -> bool:
    """Return whether all figures are equal but for rounding; both entries know the same figures."""
    pairs = ((getattr(a, name), getattr(b, name)) for name in SUMMED_FIELDS)
    return all(x == y or math.isclose(x, y, rel_tol=1e-9) for x, y in pairs)


def _duplicate_ids(view: View) -> list[str]:
    """Return the ids that more than one record of the same repository has."""
    every = union_all(*(view.of(table, select(table.c.repository, table.c.id)) for table in (runs, records))).subquery()
    query = select(every.c.id).group_by(every.c.repository, every.c.id).having(func.count() > 1)
    return sorted({id_ for (id_,) in view.connection.execute(query)})
