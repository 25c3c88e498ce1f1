"""Reads a ledger in a database: runs one by one, or the sums of their days."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, case, func, select, tuple_

from pytest_carbon.core.errors import LaterError, LedgerError
from pytest_carbon.core.records.day_sums import GRID_FIELDS, SUMMED_FIELDS, day_entry
from pytest_carbon.core.records.ledger_records import Correction, Entry, Override, Record
from pytest_carbon.core.records.run_measurements import RunMeasurements
from pytest_carbon.ledgers.file_layout import baseline_folder, skipped_file
from pytest_carbon.ledgers.ledger import ReadResult, Skipped
from pytest_carbon.ledgers.sql.rows import baseline_from_row, entry_from_row, record_from_row
from pytest_carbon.ledgers.sql.schema import (
    ROLLED_FIELDS,
    RUN_FIELDS,
    baselines,
    entries,
    records,
    rollups,
    runs,
    stale,
)

DayCondition = Callable[[Table], ColumnElement[bool]]
_PR = RUN_FIELDS.index("pr")


@dataclass(frozen=True, slots=True)
class View:
    """What one reader sees of a database in one transaction: the rows of ``repository``; of all if that is None.

    In a view of all repositories, pull requests, baselines and self-tests are only those of the ``own`` repository: #12
    means another pull request in each repository, and the cost and steadiness of other tests say nothing about ours.
    """

    connection: Connection
    repository: str | None
    now: datetime
    own: str = ""

    def rows(self, table: Table, columns: Iterable[str], *conditions: ColumnElement[bool]) -> Sequence[Any]:
        """Return some columns of the rows in this view."""
        query = self.of(table, select(*(table.c[c] for c in columns))).where(*conditions)
        return self.connection.execute(query).all()

    def of(self, table: Table, query: Select[Any]) -> Select[Any]:
        """Return a query restricted to the rows in this view."""
        return query if self.repository is None else query.where(table.c.repository == self.repository)


def read(
    view: View,
    since: date,
    until: date,
    exact_days: Collection[date] | None,
    pull_request: int | None,
    features: Collection[str] | None,
    all_runs: bool,
) -> ReadResult:
    """Return the records from ``since`` to ``until``. See Ledger.read; changed days are returned run by run, too."""
    if exact_days is None:
        return _drop_duplicates(scan(view, days_between(since, until)))
    days = {day for day in (*exact_days, *_unsummed(view, since, until, pull_request)) if since <= day <= until}
    paying = None if all_runs else features
    result = _drop_duplicates(scan(view, days_among(days), days_between(since, until), paying))
    other_days = rollups.c.day.between(since, until), rollups.c.day.not_in(days)
    wanted = [] if features is None else [rollups.c.rolled.in_(["", *features] if all_runs else features)]
    summed = [*read_sums(view, *other_days, *wanted)]
    if view.repository is None and features is not None and not all_runs:  # the number of our own runs is always needed
        summed += read_sums(replace(view, repository=view.own), *other_days, rollups.c.rolled == "")
    return ReadResult((*summed, *result.records), result.skipped)


def days_between(since: date, until: date) -> DayCondition:
    """Return the condition that a row is of the days from ``since`` to ``until``, both included."""
    return lambda table: table.c.day.between(since, until)


def days_among(days: Collection[date]) -> DayCondition:
    """Return the condition that a row is of one of these days."""
    return lambda table: table.c.day.in_(days)


def _unsummed(view: View, since: date, until: date, pull_request: int | None) -> set[date]:
    """Return the days whose sums are stale, and the days with runs of the pull request."""
    days = {day for (day,) in view.rows(stale, ["day"], stale.c.day.between(since, until))}
    if pull_request is not None:
        own = runs.c.repository == (view.repository or view.own)
        of_pull_request = own, runs.c.pr == pull_request, runs.c.day.between(since, until)
        days |= {day for (day,) in view.rows(runs, ["day"], *of_pull_request)}
    return days


def read_sums(view: View, *conditions: ColumnElement[bool]) -> Iterator[Entry]:
    """Yield the stored sums of days, as entries.

    In a view of all repositories, sums that ``sum_day`` would put together are one entry, so that the amount of data
    does not grow with the number of repositories.
    """
    if view.repository is None:
        yield from _sums_of_all_repositories(view, *conditions)
        return
    columns = ["repository", "day", "number", *ROLLED_FIELDS]
    for repository, day, number, *values in view.rows(rollups, columns, *conditions):
        yield day_entry(f"{repository}/{day}/{number}", day, dict(zip(ROLLED_FIELDS, values, strict=True)))


def _sums_of_all_repositories(view: View, *conditions: ColumnElement[bool]) -> Iterator[Entry]:
    unknown = [rollups.c[name].is_(None) for name in SUMMED_FIELDS]
    group = [rollups.c.day, rollups.c.rolled, *(rollups.c[name] for name in GRID_FIELDS), *unknown]
    added = {name: func.sum(rollups.c[name]) for name in ("runs", *SUMMED_FIELDS)}
    columns = [added.get(name, rollups.c[name]) for name in ROLLED_FIELDS]
    others = func.sum(case((rollups.c.repository == view.own, 0), else_=rollups.c.runs))
    query = select(rollups.c.day, others, *columns).where(*conditions).group_by(*group).order_by(*group)
    for number, (day, *values) in enumerate(view.connection.execute(query)):
        row = dict(zip(("elsewhere", *ROLLED_FIELDS), values, strict=True))
        counts = {name: int(row[name]) for name in ("elsewhere", "runs", "tests")}  # PostgreSQL's sums are decimals
        yield day_entry(f"{day}/{number}", day, row | counts)


@dataclass(slots=True)
class RowScan:
    """The sound records of some days with their paths, ordered by path, and the rows that were skipped."""

    records: list[tuple[str, Record]]
    skipped: list[Skipped]


def scan(
    view: View, days: DayCondition, days_of_records: DayCondition | None = None, paying: Collection[str] | None = None
) -> RowScan:
    """Read and check the runs of ``days``, and the other records of ``days_of_records`` (by default of ``days``).

    With ``paying``, read only the runs that these features pay for and the runs that have a correction.
    """
    scanned = RowScan([], [])
    _check_records(scanned, _record_rows(view, days_of_records or days))
    if paying is not None:
        corrected = [record.entry for _, record in scanned.records if isinstance(record, Correction)]
        days = _paid_or_listed(view, days, paying, corrected)
    _check_records(scanned, _run_rows(view, days))
    scanned.records.sort(key=lambda record: record[0])
    return scanned


def _check_records(scanned: RowScan, rows: Iterable[tuple[str, Callable[[], Record]]]) -> None:
    for path, make in rows:
        try:
            scanned.records.append((path, make()))
        except LaterError:
            continue
        except LedgerError as error:
            scanned.skipped.append(skipped_file(path, str(error)))


def _paid_or_listed(view: View, days: DayCondition, paying: Collection[str], ids: Collection[str]) -> DayCondition:
    """Return the condition that a row is of ``days``, and of a run that features in ``paying`` pay for or of ``ids``.

    In a view of all repositories, all runs of the own repository fit: one of them may be the run that is judged.
    """
    paid = view.of(entries, select(entries.c.repository, entries.c.day, entries.c.id))
    paid = paid.where(entries.c.feature.in_(paying), days(entries))
    key = (runs.c.repository, runs.c.day, runs.c.id)
    more: list[ColumnElement[bool]] = [runs.c.id.in_(ids)] if ids else []
    more += [runs.c.repository == view.own] if view.repository is None else []
    keys = paid.union(*(view.of(runs, select(*key)).where(rule, days(runs)) for rule in more)) if more else paid

    def condition(table: Table) -> ColumnElement[bool]:
        has_key = tuple_(table.c.repository, table.c.day, table.c.id).in_(keys)
        # with the days, PostgreSQL would read all runs of all repositories on these days instead of looking up the keys
        return has_key if view.repository is None else and_(days(table), has_key)

    return condition


def _run_rows(view: View, days: DayCondition) -> Iterator[tuple[str, Callable[[], Record]]]:
    """Yield each run's path, and how the run is made from its rows."""
    shares: dict[tuple[str, date, str], dict[str, float]] = {}
    for repository, day, id_, feature, share in view.rows(
        entries, ["repository", "day", "id", "feature", "share"], days(entries)
    ):
        shares.setdefault((repository, day, id_), {})[feature] = share
    for repository, day, *row in view.rows(runs, ["repository", "day", *RUN_FIELDS], days(runs)):
        paid, elsewhere = shares.get((repository, day, row[0]), {}), repository not in (view.repository, view.own)
        if elsewhere:
            row[_PR] = None
        path = _path(day, row[0], repository if elsewhere else "")
        yield path, partial(entry_from_row, day, row, paid, view.now, int(elsewhere))


def _record_rows(view: View, days: DayCondition) -> Iterator[tuple[str, Callable[[], Record]]]:
    """Yield each other record's path, and how the record is made from its row."""
    columns = ["repository", "day", "id", "kind", "record"]
    for repository, day, id_, kind, text in view.rows(records, columns, days(records)):
        make = partial(record_from_row, day, id_, kind, text, view.now)
        if repository in (view.repository, view.own):
            yield _path(day, id_), make
        elif kind != "selftest":
            yield _path(day, id_, repository), partial(_without_our_pull_requests, make)


def _without_our_pull_requests(make: Callable[[], Record]) -> Record:
    """Return a record of another repository: an override there counts as debt, but lets no change of ours pass."""
    record = make()
    if isinstance(record, Override) and (record.pr, record.commit) != (None, None):
        return replace(record, pr=None, elsewhere=True)
    return replace(record, elsewhere=True) if isinstance(record, Correction) else record


def _path(day: date, id_: str, repository: str = "") -> str:
    """Return the path that a record has in a tree of files, followed by the name of another repository.

    In the order of these paths, our own record comes first of those with one id, and the first one counts.
    """
    return f"{day.isoformat().replace('-', '/')}/{id_}.json" + (f" of {repository}" if repository else "")


def _drop_duplicates(scanned: RowScan) -> ReadResult:
    """Keep the first record of each id."""
    first: dict[str, Record] = {}
    twice = []
    for path, record in scanned.records:
        if first.setdefault(record.id, record) is not record:
            twice.append(skipped_file(path, f"another record has its id, {record.id}"))
    return ReadResult(tuple(first.values()), (*scanned.skipped, *twice))


def newest_baselines(view: View, branch: str, count: int) -> tuple[tuple[RunMeasurements, ...], tuple[Skipped, ...]]:
    """Return the newest baselines of a branch, newest first, and the rows that were skipped."""
    own = baselines.c.repository == (view.repository or view.own)
    query = select(baselines).where(own, baselines.c.folder == baseline_folder(branch))
    return _baselines(view, query.order_by(baselines.c.started.desc(), baselines.c.path.desc()).limit(count))


def check_baselines(view: View) -> tuple[int, tuple[Skipped, ...]]:
    """Read and check every baseline; return how many are sound, and the rows that were skipped."""
    sound, skipped = _baselines(view, view.of(baselines, select(baselines)))
    return len(sound), skipped


def _baselines(view: View, query: Select[Any]) -> tuple[tuple[RunMeasurements, ...], tuple[Skipped, ...]]:
    sound, skipped = [], []
    for row in view.connection.execute(query).mappings():
        try:
            sound.append(baseline_from_row({**row}, view.now))
        except LaterError:
            continue
        except LedgerError as error:
            skipped.append(skipped_file(row["path"], str(error)))
    return tuple(sound), tuple(skipped)


def record_counts(view: View) -> dict[date, int]:
    """Return the days that have records, in order, and how many records each day has."""
    counts: dict[date, int] = {}
    for table in (runs, records):
        query = view.of(table, select(table.c.day, func.count())).group_by(table.c.day)
        for day, number in view.connection.execute(query):
            counts[day] = counts.get(day, 0) + number
    return dict(sorted(counts.items()))


def record_ids(view: View, since: date, until: date) -> set[str]:
    """Return the ids of the records from ``since`` to ``until``."""
    inside = days_between(since, until)
    return {id_ for table in (runs, records) for (id_,) in view.rows(table, ["id"], inside(table))}


def repositories(view: View) -> list[str]:
    """Return the repositories that have runs, in order."""
    query = view.of(runs, select(runs.c.repository).distinct().order_by(runs.c.repository))
    return [name for (name,) in view.connection.execute(query)]


def namesake(view: View, repository: str) -> str | None:
    """Return a repository with the same name, of another owner or in other letters, if ``repository`` has no run."""
    own = select(runs.c.repository).where(runs.c.repository == repository).limit(1)
    if view.connection.execute(own).first() is not None:
        return None
    short = repository.casefold().rpartition("/")[2]
    names = view.connection.execute(select(runs.c.repository).distinct().order_by(runs.c.repository)).scalars()
    alike = [name for name in names if name.casefold().rpartition("/")[2] == short]
    return next((name for name in alike if name.casefold() == repository.casefold()), next(iter(alike), None))


def baseline_paths(view: View) -> dict[str, set[str]]:
    """Return the branches that have baselines, each with the paths of its baselines."""
    paths: dict[str, set[str]] = {}
    for branch, path in view.rows(baselines, ["branch", "path"]):
        paths.setdefault(branch, set()).add(path)
    return paths
