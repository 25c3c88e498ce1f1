"""What is read from a database: runs one by one, or the sums of their days."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, case, func, select, tuple_

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.report.day_sums import GRID_FIELDS, SUMMED_FIELDS, day_entry
from pytest_carbon.core.report.ledger_records import Correction, Entry, Override, Record
from pytest_carbon.core.report.run_measurements import RunMeasurements
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
    """A database as one reader sees it in one transaction: one repository, or all of them where it is None.

    Of all, pull requests, baselines and self-tests are those of ``own`` alone: the #12 of two repositories are two, and
    what other tests cost, or how steady they are, says nothing of these.
    """

    connection: Connection
    repository: str | None
    now: datetime
    own: str = ""

    def rows(self, table: Table, columns: Iterable[str], *conditions: ColumnElement[bool]) -> Sequence[Any]:
        """Return some columns of the rows that are to be seen."""
        query = self.of(table, select(*(table.c[c] for c in columns))).where(*conditions)
        return self.connection.execute(query).all()

    def of(self, table: Table, query: Select[Any]) -> Select[Any]:
        """Return a query without the rows of other repositories."""
        return query if self.repository is None else query.where(table.c.repository == self.repository)


def read(
    view: View,
    since: date,
    until: date,
    exact: Collection[date] | None,
    pull: int | None,
    features: Collection[str] | None,
    whole: bool,
) -> ReadResult:
    """Return the records of some days; with ``exact`` the other days as sums, where nothing changed since."""
    if exact is None:
        return _drop_duplicates(scan(view, days_between(since, until)))
    days = {day for day in (*exact, *_changed(view, since, until, pull)) if since <= day <= until}
    found = _drop_duplicates(scan(view, days_among(days), days_between(since, until), None if whole else features))
    other_days = rollups.c.day.between(since, until), rollups.c.day.not_in(days)
    wanted = [] if features is None else [rollups.c.rolled.in_(["", *features] if whole else features)]
    summed = [*read_sums(view, *other_days, *wanted)]
    if view.repository is None and features is not None and not whole:  # how often this one runs is asked all the same
        summed += read_sums(replace(view, repository=view.own), *other_days, rollups.c.rolled == "")
    return ReadResult((*summed, *found.records), found.skipped)


def days_between(since: date, until: date) -> DayCondition:
    """Return the condition that a row is of these days, both included."""
    return lambda table: table.c.day.between(since, until)


def days_among(days: Collection[date]) -> DayCondition:
    """Return the condition that a row is of one of these days."""
    return lambda table: table.c.day.in_(days)


def _changed(view: View, since: date, until: date, pull: int | None) -> set[date]:
    """Return the days whose sums do not hold any more, and those with runs of a pull request."""
    days = {day for (day,) in view.rows(stale, ["day"], stale.c.day.between(since, until))}
    if pull is not None:
        own = runs.c.repository == (view.repository or view.own)
        days |= {day for (day,) in view.rows(runs, ["day"], own, runs.c.pr == pull, runs.c.day.between(since, until))}
    return days


def read_sums(view: View, *conditions: ColumnElement[bool]) -> Iterator[Entry]:
    """Return what was summed up, as entries; of all repositories, those that ``rolled_up`` would sum together are one.

    So it does not depend on the number of repositories how much is read.
    """
    if view.repository is None:
        yield from _sums_of_all_repositories(view, *conditions)
        return
    columns = ["repository", "day", "number", *ROLLED_FIELDS]
    for repository, day, number, *values in view.rows(rollups, columns, *conditions):
        yield day_entry(f"{repository}/{day}/{number}", day, dict(zip(ROLLED_FIELDS, values, strict=True)))


def _sums_of_all_repositories(view: View, *conditions: ColumnElement[bool]) -> Iterator[Entry]:
    known = [rollups.c[name].is_(None) for name in SUMMED_FIELDS]
    alike = [rollups.c.day, rollups.c.rolled, *(rollups.c[name] for name in GRID_FIELDS), *known]
    added = {name: func.sum(rollups.c[name]) for name in ("runs", *SUMMED_FIELDS)}
    columns = [added.get(name, rollups.c[name]) for name in ROLLED_FIELDS]
    others = func.sum(case((rollups.c.repository == view.own, 0), else_=rollups.c.runs))
    query = select(rollups.c.day, others, *columns).where(*conditions).group_by(*alike).order_by(*alike)
    for number, (day, *values) in enumerate(view.connection.execute(query)):
        found = dict(zip(("elsewhere", *ROLLED_FIELDS), values, strict=True))
        counts = ("elsewhere", "runs", "tests")
        whole = {name: int(found[name]) for name in counts}  # PostgreSQL adds whole numbers to decimal ones
        yield day_entry(f"{day}/{number}", day, found | whole)


@dataclass(slots=True)
class RowScan:
    """The sound records of some days with their paths, in the order of these, and what is wrong with the others."""

    records: list[tuple[str, Record]]
    skipped: list[Skipped]


def scan(
    view: View, days: DayCondition, days_of_records: DayCondition | None = None, paying: Collection[str] | None = None
) -> RowScan:
    """Read and check the runs of some days, and the other records of these or of other days.

    With ``paying`` only the runs that these features pay for, or would by a correction.
    """
    found = RowScan([], [])
    _check_records(found, _record_rows(view, days_of_records or days))
    if paying is not None:
        days = _paid_or_listed(
            view, days, paying, [one.entry for _, one in found.records if isinstance(one, Correction)]
        )
    _check_records(found, _run_rows(view, days))
    found.records.sort(key=lambda known: known[0])
    return found


def _check_records(found: RowScan, rows: Iterable[tuple[str, Callable[[], Record]]]) -> None:
    for path, make in rows:
        try:
            found.records.append((path, make()))
        except LedgerError as error:
            found.skipped.append(skipped_file(path, str(error)))


def _paid_or_listed(view: View, days: DayCondition, paying: Collection[str], ids: Collection[str]) -> DayCondition:
    """Return the condition that a row is of a run of some days that some features pay for, or that has one of ids.

    Of all repositories, what is read of one's own is read whole: it may hold the very run that is judged.
    """
    paid = view.of(entries, select(entries.c.repository, entries.c.day, entries.c.id))
    paid = paid.where(entries.c.feature.in_(paying), days(entries))
    key = (runs.c.repository, runs.c.day, runs.c.id)
    more: list[ColumnElement[bool]] = [runs.c.id.in_(ids)] if ids else []
    more += [runs.c.repository == view.own] if view.repository is None else []
    either = paid.union(*(view.of(runs, select(*key)).where(one, days(runs)) for one in more)) if more else paid

    def found(table: Table) -> ColumnElement[bool]:
        known = tuple_(table.c.repository, table.c.day, table.c.id).in_(either)
        # of all repositories PostgreSQL would look through all runs of the days, and not for these by their keys
        return known if view.repository is None else and_(days(table), known)

    return found


def _run_rows(view: View, days: DayCondition) -> Iterator[tuple[str, Callable[[], Record]]]:
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
    columns = ["repository", "day", "id", "kind", "record"]
    for repository, day, id_, kind, text in view.rows(records, columns, days(records)):
        make = partial(record_from_row, day, id_, kind, text, view.now)
        if repository in (view.repository, view.own):
            yield _path(day, id_), make
        elif kind != "selftest":
            yield _path(day, id_, repository), partial(_without_our_pull_requests, make)


def _without_our_pull_requests(make: Callable[[], Record]) -> Record:
    """Return a record of another repository: what a change was allowed there is debt, and lets none of ours pass."""
    record = make()
    if isinstance(record, Override) and (record.pr, record.commit) != (None, None):
        return replace(record, pr=None, elsewhere=True)
    return replace(record, elsewhere=True) if isinstance(record, Correction) else record


def _path(day: date, id_: str, repository: str = "") -> str:
    """Return what a record's path would be in a tree, and of which other repository it is.

    So in their order one's own comes before all others of its name, and it is the first that counts.
    """
    return f"{day.isoformat().replace('-', '/')}/{id_}.json" + (f" of {repository}" if repository else "")


def _drop_duplicates(found: RowScan) -> ReadResult:
    once: dict[str, Record] = {}
    twice = []
    for path, record in found.records:
        if once.setdefault(record.id, record) is not record:
            twice.append(skipped_file(path, f"another record has its id, {record.id}"))
    return ReadResult(tuple(once.values()), (*found.skipped, *twice))


def newest_baselines(view: View, branch: str, count: int) -> tuple[tuple[RunMeasurements, ...], tuple[Skipped, ...]]:
    """Return the newest baselines of a branch, newest first, and what could not be read as one."""
    own = baselines.c.repository == (view.repository or view.own)
    query = select(baselines).where(own, baselines.c.folder == baseline_folder(branch))
    return _baselines(view, query.order_by(baselines.c.started.desc(), baselines.c.path.desc()).limit(count))


def check_baselines(view: View) -> tuple[int, tuple[Skipped, ...]]:
    """Read every baseline; return how many are sound, and what is wrong with the others."""
    sound, bad = _baselines(view, view.of(baselines, select(baselines)))
    return len(sound), bad


def _baselines(view: View, query: Select[Any]) -> tuple[tuple[RunMeasurements, ...], tuple[Skipped, ...]]:
    sound, bad = [], []
    for row in view.connection.execute(query).mappings():
        try:
            sound.append(baseline_from_row({**row}, view.now))
        except LedgerError as error:
            bad.append(skipped_file(row["path"], str(error)))
    return tuple(sound), tuple(bad)


def record_counts(view: View) -> dict[date, int]:
    """Return the days that have records, in order, and how many each has."""
    counted: dict[date, int] = {}
    for table in (runs, records):
        query = view.of(table, select(table.c.day, func.count())).group_by(table.c.day)
        for day, number in view.connection.execute(query):
            counted[day] = counted.get(day, 0) + number
    return dict(sorted(counted.items()))


def record_ids(view: View, since: date, until: date) -> set[str]:
    """Return the ids of the records of some days."""
    inside = days_between(since, until)
    return {id_ for table in (runs, records) for (id_,) in view.rows(table, ["id"], inside(table))}


def repositories(view: View) -> list[str]:
    """Return the repositories that have runs, in order."""
    query = view.of(runs, select(runs.c.repository).distinct().order_by(runs.c.repository))
    return [name for (name,) in view.connection.execute(query)]


def baseline_paths(view: View) -> dict[str, set[str]]:
    """Return the branches that have baselines, and the path of each of these."""
    found: dict[str, set[str]] = {}
    for branch, path in view.rows(baselines, ["branch", "path"]):
        found.setdefault(branch, set()).add(path)
    return found
