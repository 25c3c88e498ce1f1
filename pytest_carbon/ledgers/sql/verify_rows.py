"""Reads and checks everything that a database holds: what verifying a tree says, and that shares and sums are true."""

from __future__ import annotations

import math
from calendar import monthrange
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from sqlalchemy import func, select, union_all

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.report.day_sums import GRID_FIELDS, SUMMED_FIELDS, sum_day
from pytest_carbon.core.report.ledger_records import Correction, Entry, record_day
from pytest_carbon.core.report.record_json import to_data
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
    """Read and check everything that is to be seen, one month of one repository at a time."""
    kinds: Counter[str] = Counter()
    bad: list[Skipped] = []
    for repository, first, last in _months(view):
        own, days = replace(view, repository=repository), days_between(first, last)
        found = scan(own, days)
        kinds.update(kind_of(record) for _, record in found.records)
        faults = (
            *found.skipped,
            *_invalid_runs(found),
            *_rows_without_run(own, days, found),
            *_wrong_sums(own, days, found),
        )
        bad += [skipped_file(f"{one.path} of {repository}", one.reason) for one in faults]
    baselines, unsound = check_baselines(view)
    distinct = view.of(runs, select(runs.c.repository, runs.c.run).distinct()).subquery()
    return VerifyResult(
        kinds=dict(sorted(kinds.items())),
        runs=view.connection.scalar(select(func.count()).select_from(distinct)) or 0,
        baselines=baselines,
        skipped=(*bad, *unsound),
        twice=tuple(_duplicate_ids(view)),
        misplaced=(),
    )


def _months(view: View) -> Iterator[tuple[str, date, date]]:
    """Return every repository's months of which any table holds something, with their first and last day."""
    months: set[tuple[str, int, int]] = set()
    for table in (runs, entries, records, rollups):
        query = view.of(table, select(table.c.repository, table.c.day).distinct())
        months |= {(repository, day.year, day.month) for repository, day in view.connection.execute(query)}
    for repository, year, month in sorted(months):
        yield repository, date(year, month, 1), date(year, month, monthrange(year, month)[1])


def _invalid_runs(found: RowScan) -> Iterator[Skipped]:
    """Return the runs that hold something that no run can have; readers, who must be quick, do not look that far."""
    for path, record in found.records:
        try:
            if isinstance(record, Entry):
                file_contents.refuse_invalid(to_data(record), "entry")
        except LedgerError as error:
            yield skipped_file(path, str(error))


def _rows_without_run(view: View, days: DayCondition, found: RowScan) -> Iterator[Skipped]:
    """Return the entries and the corrections whose run is not there on their day."""
    known = {(day, id_) for day, id_ in view.rows(runs, ["day", "id"], days(runs))}
    for day, id_ in sorted({(day, id_) for day, id_ in view.rows(entries, ["day", "id"], days(entries))} - known):
        yield skipped_file(f"entries of {id_} on {day}", "their run is not there")
    for path, record in found.records:
        if isinstance(record, Correction) and (record_day(record), record.entry) not in known:
            yield skipped_file(path, f"it corrects {record.entry}, which is not there")


def _wrong_sums(view: View, days: DayCondition, found: RowScan) -> Iterator[Skipped]:
    """Return the days whose sums are not those of their runs, and that are not marked to be summed anew."""
    of_runs, corrupt = runs_by_day(found)
    kept: dict[date, list[Entry]] = {}
    for entry in read_sums(view, days(rollups)):
        kept.setdefault(date.fromisoformat(entry.started[:10]), []).append(entry)
    changed = corrupt | {day for (day,) in view.rows(stale, ["day"], days(stale))}
    for day in sorted((of_runs.keys() | kept.keys()) - changed):
        if not _equal_sums(kept.get(day, []), sum_day(day, of_runs.get(day, []))):
            yield skipped_file(f"the sums of {day}", "they are not those of its runs")


def _equal_sums(kept: list[Entry], made: list[Entry]) -> bool:
    if len(kept) != len(made):
        return False
    pairs = zip(sorted(kept, key=_sum_key), sorted(made, key=_sum_key), strict=True)
    return all(_sum_key(one) == _sum_key(other) and _nearly_equal(one, other) for one, other in pairs)


def _sum_key(entry: Entry) -> tuple[object, ...]:
    known = (getattr(entry, name) is None for name in SUMMED_FIELDS)
    return (str(entry.rolled), entry.runs, *(getattr(entry, name) for name in GRID_FIELDS), *known)


def _nearly_equal(one: Entry, other: Entry) -> bool:
    pairs = ((getattr(one, name), getattr(other, name)) for name in SUMMED_FIELDS)
    return all(a == b or math.isclose(a, b, rel_tol=1e-9) for a, b in pairs)


def _duplicate_ids(view: View) -> list[str]:
    """Return the ids that more than one record of a repository has."""
    every = union_all(*(view.of(table, select(table.c.repository, table.c.id)) for table in (runs, records))).subquery()
    found = select(every.c.id).group_by(every.c.repository, every.c.id).having(func.count() > 1)
    return sorted({id_ for (id_,) in view.connection.execute(found)})
