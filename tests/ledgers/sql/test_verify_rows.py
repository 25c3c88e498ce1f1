"""Verifying a database finds every row that somebody changed by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import pytest

EVER = (date.min, date.max)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("DELETE FROM entries WHERE feature = 'checkout'", "the shares of run run-1 sum to 0.25; they must be"),
        ("DELETE FROM entries WHERE id = 'run-1'", "the shares of run run-1 sum to 0"),
        ("DELETE FROM runs WHERE id = 'run-1'", "their run is missing"),
        ("DELETE FROM runs WHERE id = 'run-1'", "it corrects run-1, which is missing"),
        ("UPDATE runs SET started = '2026-06-09T00:00:00Z'", "its path should be 2026/06/09/run-1.json"),
        ("UPDATE runs SET started = 'yesterday'", "'yesterday' is not a time"),
        ("UPDATE runs SET energy_j = 121 WHERE id = 'run-1'", "they differ from the sums of its runs"),
        ("DELETE FROM rollups WHERE rolled = ''", "they differ from the sums of its runs"),
        ("UPDATE rollups SET runs = 7", "they differ from the sums of its runs"),
        ("UPDATE records SET record = '{}'", "its schema is 'None'; this version reads entry"),
        ("UPDATE baselines SET data = CAST('x' AS BYTES)", "it is not valid gzip"),
        ("UPDATE baselines SET path = 'x'", "its path should be baseline/main-0d6e4079/"),
        ("UPDATE baselines SET started = '1999-01-01'", "these columns do not agree with its content: started"),
        (
            "UPDATE baselines SET folder = 'x', branch = 'y'",
            "these columns do not agree with its content: folder, branch",
        ),
        ("UPDATE records SET record = '{'", "it is not valid JSON"),
        ("UPDATE records SET id = 'co-2'", "its path should be 2026/06/01/co-1.json"),
        ("UPDATE records SET kind = 'override'", "its column kind says 'override', but it is of the kind correction"),
        ("UPDATE entries SET day = '2026-06-05' WHERE id = 'run-1' AND feature = 'søk'", "their run is missing"),
        ("UPDATE runs SET day = '9999-12-31' WHERE id = 'run-1'", "their run is missing"),
        ("UPDATE runs SET labels = 'null'", "its labels are not a list of texts"),
        ("UPDATE runs SET method = 'guess'", "method must be one of"),
        ("UPDATE runs SET run = ''", "run must match pattern"),
    ],
)
def test_verify_reports_changed_rows(database: str, lab: SimpleNamespace, fault: str, reason: str) -> None:
    """Verify reports a row that was changed by hand; readers skip it and go on."""
    ledger, run = lab.sql_ledger(database), lab.entry()
    ledger.append([run, lab.correction("co-1", run), lab.entry("run-2", "2026-06-05T10:00:00Z")], lab.baseline())
    ledger.compact(date(2026, 6, 15))
    assert ledger.verify().whole
    lab.run_sql(database, fault.replace("BYTES", "BLOB" if database.startswith("sqlite") else "BYTEA"))
    result = ledger.verify()
    assert not result.whole
    assert reason in "\n".join(file.reason for file in result.skipped)
    ledger.read(*EVER)
    ledger.read(*EVER, exact_days=(), features=["checkout"], all_runs=False)
    ledger.baselines("main")
    ledger.compact(date(2026, 6, 15))


def test_correction_on_another_day_than_its_run_is_reported(database: str, lab: SimpleNamespace) -> None:
    """Such a correction would count or not depending on the days that are read run by run."""
    ledger, run = lab.sql_ledger(database), lab.entry()
    ledger.append([run, replace(lab.correction("co-1", run), entry_started="2026-06-02T00:00:00Z")])
    assert [(file.path, file.reason) for file in ledger.verify().skipped] == [
        ("2026/06/02/co-1.json of org/shop", "it corrects run-1, which is missing")
    ]
