"""An append adds what is new, and marks its days as stale."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

from sqlalchemy import text

from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.ledgers.sql.rows import baseline_row, make_rows
from pytest_carbon.ledgers.sql.write_rows import add_rows

JUNE = (date(2026, 6, 1), date(2026, 6, 30))


def test_first_of_two_records_with_one_id_stays(database: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """On the same day the second record is not added; on another day readers and verify report it."""
    for ledger in (lab.sql_ledger(database), FolderLedger(tmp_path / "folder", lab.NOW)):
        ledger.append([lab.entry()])
        assert ledger.append([lab.entry(energy_j=99.0)]) == []
        assert ledger.append([lab.entry(started="2026-06-02T10:00:00Z")]) == ["run-1"]
        result = ledger.read(*JUNE)
        assert result.records == (lab.entry(),)
        assert [(file.path, file.reason) for file in result.skipped] == [
            ("2026/06/02/run-1.json", "another record has its id, run-1")
        ]
        assert ledger.verify().twice == ("run-1",)


def test_only_days_with_new_rows_become_stale(database: str, lab: SimpleNamespace) -> None:
    """Existing rows are not added and do not mark their day; a baseline marks no day."""
    ledger = lab.sql_ledger(database)
    ledger.append([lab.entry()])
    ledger.compact(date(2026, 6, 15))
    rows = make_rows("org/shop", [lab.entry(), lab.OVERRIDE, lab.entry("next", "2026-06-02T10:00:00Z")], lab.NOW)
    with lab.connected(database, writes=True) as connection:
        added = add_rows(connection, "org/shop", rows, baseline_row("org/shop", lab.baseline(), lab.NOW))
        marked = connection.execute(text("SELECT day FROM stale ORDER BY day")).scalars().all()
    assert added == {(date(2026, 6, 3), "ov-1"), (date(2026, 6, 2), "next")}
    assert [str(day) for day in marked] == ["2026-06-02", "2026-06-03"]


def test_other_repository_may_have_the_same_run(database: str, lab: SimpleNamespace) -> None:
    """The rows of each repository are separate."""
    rows = [make_rows(name, [lab.entry()], lab.NOW) for name in ("org/shop", "org/pay", "org/shop")]
    with lab.connected(database, writes=True) as connection:
        added = [
            add_rows(connection, name, new, None)
            for name, new in zip(("org/shop", "org/pay", "org/shop"), rows, strict=True)
        ]
    assert added == [{(date(2026, 6, 1), "run-1")}, {(date(2026, 6, 1), "run-1")}, set()]
