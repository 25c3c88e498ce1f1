"""Days are summed while nothing in them changes, and are read run by run until then."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

from pytest_carbon.core.records.ledger_records import Entry
from pytest_carbon.ledgers.sql.day_sums import DAYS_AT_ONCE, runs_by_day, stale_batches, sum_days
from pytest_carbon.ledgers.sql.read_rows import View, days_between, scan

JUNE = (date(2026, 6, 1), date(2026, 6, 30))
EVER = (date.min, date.max)


def test_changed_day_is_read_run_by_run_until_it_is_summed_again(database: str, lab: SimpleNamespace) -> None:
    """A late run and a correction make the sums of their day stale, and of no other day."""
    ledger, run = lab.sql_ledger(database), lab.entry()
    ledger.append([run, lab.entry("next", "2026-06-02T10:00:00Z")])

    def seen() -> list[tuple[str, int]]:
        records = ledger.read(*JUNE, exact_days=()).records
        return [(r.id if r.rolled is None else r.rolled, r.runs) for r in records if isinstance(r, Entry)]

    assert seen() == [("run-1", 1), ("next", 1)]
    assert ledger.compact(date(2026, 6, 2)) == ["org/shop 2026/06"]
    assert ledger.compact(date(2026, 6, 2)) == []
    assert sorted(seen()) == [("", 1), ("checkout", 1), ("next", 1), ("søk", 1)]
    ledger.append([lab.entry("late")])
    assert sorted(seen()) == [("late", 1), ("next", 1), ("run-1", 1)]
    ledger.compact(date(2026, 6, 3))
    ledger.append([lab.correction("co-1", run)])
    assert sorted(seen()) == [("", 1), ("checkout", 1), ("late", 1), ("run-1", 1), ("søk", 1)]
    ledger.compact(date(2026, 6, 3))
    assert sorted(seen()) == [
        ("", 1), ("", 2), ("checkout", 1), ("checkout", 1), ("search", 1), ("søk", 1), ("søk", 1)
    ]  # fmt: skip
    records = ledger.read(*JUNE, exact_days={date(2026, 6, 2)}, features=["checkout"]).records
    assert sorted(r.rolled or "" for r in records if isinstance(r, Entry)) == ["", "", "checkout"]
    records = ledger.read(*JUNE, exact_days=set(), features=["search"], all_runs=False).records
    assert [r.rolled for r in records if isinstance(r, Entry)] == ["search"]
    records = ledger.read(
        *JUNE, exact_days={date(2026, 6, day) for day in (1, 2)}, features=["search"], all_runs=False
    ).records
    assert [r.id for r in records if isinstance(r, Entry)] == ["run-1"], "by its correction"
    assert ledger.verify().whole


def test_day_with_a_corrupt_row_is_never_summed(database: str, lab: SimpleNamespace) -> None:
    """The day is read run by run, so that every reader reports the row that it skipped."""
    ledger = lab.sql_ledger(database)
    ledger.append([lab.entry(), lab.entry("bad")])
    lab.run_sql(database, "UPDATE runs SET started = 'never' WHERE id = 'bad'")
    assert ledger.compact(date(2026, 6, 15)) == []
    result = ledger.read(*EVER, exact_days=())
    assert [record.id for record in result.records] == ["run-1"]
    assert [file.path for file in result.skipped] == ["2026/06/01/bad.json"]


def test_stale_days_come_in_batches_of_one_repository(sqlite: str, lab: SimpleNamespace) -> None:
    """A batch has at most seven days of one repository, in order, and only days before the given day."""
    for name, days in (("org/shop", 9), ("org/pay", 1)):
        records = [lab.entry(f"run-{day}", f"2026-06-0{day}T10:00:00Z") for day in range(1, days + 1)]
        lab.sql_ledger(sqlite, name).append(records)
    with lab.connected(sqlite) as connection:
        batches = list(stale_batches(View(connection, None, lab.NOW), date(2026, 6, 9)))
    assert [(name, [day.day for day in days]) for name, days in batches] == [
        ("org/pay", [1]), ("org/shop", [1, 2, 3, 4, 5, 6, 7]), ("org/shop", [8]),
    ]  # fmt: skip
    assert DAYS_AT_ONCE == 7


def test_only_stale_days_are_summed(sqlite: str, lab: SimpleNamespace) -> None:
    """A day that is not stale is left as it is."""
    lab.sql_ledger(sqlite).append([lab.entry()])
    days = [date(2026, 6, 1), date(2026, 6, 2)]
    with lab.connected(sqlite, writes=True) as connection:
        view = View(connection, "org/shop", lab.NOW)
        assert sum_days(view, "org/shop", days) == [date(2026, 6, 1)]
        assert sum_days(view, "org/shop", days) == []


def test_runs_of_a_day_are_corrected(sqlite: str, lab: SimpleNamespace) -> None:
    """Corrections are applied, and only the day with the corrupt row counts as corrupt."""
    run = lab.entry()
    lab.sql_ledger(sqlite).append([run, lab.correction("co-1", run, pay=1.0), lab.entry("bad", "2026-06-02T10:00:00Z")])
    lab.run_sql(sqlite, "UPDATE runs SET started = 'never' WHERE id = 'bad'")
    with lab.connected(sqlite) as connection:
        runs, corrupt = runs_by_day(scan(View(connection, "org/shop", lab.NOW), days_between(*EVER)))
    assert {day: [dict(entry.shares) for entry in entries] for day, entries in runs.items()} == {
        date(2026, 6, 1): [{"pay": 1.0}]
    }
    assert corrupt == {date(2026, 6, 2)}
