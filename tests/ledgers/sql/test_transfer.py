"""Copying ledgers into a database: all of it, alike, whatever a source holds and whenever it is killed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from types import SimpleNamespace

from pytest_carbon.core.records.ledger_records import record_path
from pytest_carbon.core.records.record_json import to_text
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger
from pytest_carbon.ledgers.transfer import jsonlines
from pytest_carbon.ledgers.transfer.copy_and_compare import CopyResult, compare, copy
from pytest_carbon.ledgers.transfer.sources import LedgerSource, SourceAddress, open_source

EVERYTHING = date(2000, 1, 1), date(2100, 1, 1)


def _quiet(done: int, of: int) -> None:
    assert done <= of


def _source(lab: SimpleNamespace, folder: Path) -> FolderLedger:
    runs = [lab.entry(f"run-{n}", f"2026-0{4 + n % 2}-{n % 28 + 1:02}T10:00:00Z") for n in range(40)]
    unknown = lab.entry("cc", "2026-05-02T10:00:00Z", reference_j=None, energy_low_j=None, energy_high_j=None)
    ledger = FolderLedger(folder, lab.NOW)
    ledger.append([*runs, unknown, lab.correction("c-1", runs[0]), lab.OVERRIDE, lab.SELFTEST], lab.baseline())
    ledger.append([], lab.baseline("run-2", branch="release", commit="b" * 40))
    ledger.compact(date(2026, 5, 1))
    return ledger


def test_ledger_is_the_same_after_a_copy_into_a_database(lab: SimpleNamespace, database: str, tmp_path: Path) -> None:
    """Every record and baseline is copied unchanged, and a second copy adds nothing."""
    ledger = _source(lab, tmp_path / "ledger")
    target = SqlLedger(database, "org/shop", lab.NOW)
    with open_source(SourceAddress(str(tmp_path / "ledger"), "org/shop"), lab.BRANCH, lab.NOW) as source:
        assert copy(source, target, _quiet, most=9) == CopyResult(44, 0, 2, ())
        assert copy(source, target, _quiet) == CopyResult(0, 44, 0, ())
        result = compare(source, target, _quiet)
        assert (result.equal, result.records, result.baselines) == (True, 44, 2)
    assert list(jsonlines.export_lines(target, print)) == list(jsonlines.export_lines(ledger, print))
    assert target.verify().whole
    assert target.repositories() == ["org/shop"]


def test_different_record_in_a_database_is_named(lab: SimpleNamespace, sqlite: str, tmp_path: Path) -> None:
    """Of two records with one id, the first one stays, and the comparison names the id."""
    _source(lab, tmp_path / "ledger")
    target = SqlLedger(sqlite, "org/shop", lab.NOW)
    target.append([lab.entry("run-0", "2026-04-01T10:00:00Z", tests=1)])
    with open_source(SourceAddress(str(tmp_path / "ledger"), "org/shop"), lab.BRANCH, lab.NOW) as source:
        assert copy(source, target, _quiet).known == 1
        result = compare(source, target, _quiet)
    assert (result.lost, result.different) == ((), ("run-0",))


class _Files:
    """A tree of files in memory."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.paths = files
        self.not_files = ()

    def load(self, paths: list[str]) -> tuple[dict[str, bytes], list[object]]:
        return {path: self.paths[path] for path in paths}, []


def test_record_that_cannot_be_stored_does_not_block_the_others(lab: SimpleNamespace, database: str) -> None:
    """Records that a database cannot store are reported each time; unusual characters in names are stored."""
    odd = ["\u202e", "'; DROP TABLE runs; --", "😀", "\\", "%s", "x" * 4000, "\ufffe", "\x7f\x1b[31m", "\\u0000"]
    records = [lab.entry(f"odd-{n}", job=text, shares={f"a{text[:9]}": 1.0}) for n, text in enumerate(odd)]
    stored = [*records, lab.entry("plain"), lab.correction("c-1", records[0])]
    bad = [lab.entry("nul", job="a\0b"), lab.entry("long", shares={"ø" * 3000: 1.0})]
    files = {record_path(record): to_text(record).encode() for record in [*stored, *bad]}
    source, target = (
        LedgerSource("org/shop", "memory", _Files(files), lab.NOW),
        SqlLedger(database, "org/shop", lab.NOW),
    )
    for added, known in ((11, 0), (0, 11)):
        done = copy(source, target, _quiet)
        assert (done.added, done.known) == (added, known)
        assert [file.path for file in done.skipped] == [record_path(bad[1]), record_path(bad[0])]
        assert "the record nul contains a NUL character" in done.skipped[1].reason
    result = compare(source, target, _quiet)
    assert (result.lost, result.different) == (("long", "nul"), ())


def test_whole_numbers_equal_decimal_ones(lab: SimpleNamespace, database: str) -> None:
    """Another program may have written 5 for 5.0, which a database does not distinguish."""
    run = lab.entry(energy_j=5.0, shares={"checkout": 1.0})
    text = to_text(run).replace('"energy_j":5.0', '"energy_j":5').replace('"checkout":1.0', '"checkout":1')
    source = LedgerSource("org/shop", "memory", _Files({record_path(run): text.encode()}), lab.NOW)
    target = SqlLedger(database, "org/shop", lab.NOW)
    assert copy(source, target, _quiet).added == 1
    assert compare(source, target, _quiet).equal


def test_killed_sync_is_completed_by_the_next_one(lab: SimpleNamespace, postgres: str, tmp_path: Path) -> None:
    """After kills at several moments and a complete run, every record is there once."""
    runs = [lab.entry(f"run-{n}", f"2026-05-{1 + n % 28:02}T10:00:00Z") for n in range(3000)]
    for n, run in enumerate(runs):
        path = tmp_path / f"ledger-{n % 3}" / record_path(run)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(to_text(run), encoding="utf-8")
    places = [f"org/repository-{n}={tmp_path}/ledger-{n}" for n in range(3)]
    verb = [sys.executable, "-m", "pytest_carbon.cli", "ledger"]
    for wait_s in (0.5, 0.8):
        process = subprocess.Popen([*verb, "sync", *places, "--sql", postgres], cwd=tmp_path)
        time.sleep(wait_s)
        process.kill()
        process.wait()
    options = ["--sql", postgres, "--now", lab.NOW.isoformat(), "--json"]
    done = subprocess.run([*verb, "sync", *places, *options], cwd=tmp_path, capture_output=True, check=True)
    synced = json.loads(done.stdout)
    assert (synced["added"] + synced["known"], synced["failed"]) == (3000, [])
    proof = subprocess.run(
        [*verb, "verify", *options, "--against", *places], cwd=tmp_path, capture_output=True, check=True
    )
    result = json.loads(proof.stdout)
    assert (result["whole"], result["runs"], len(result["against"])) == (True, 3000, 3)
