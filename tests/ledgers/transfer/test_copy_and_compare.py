"""Copying ledgers into another: everything once, again and again, and proof that nothing was lost."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.records.ledger_records import record_path
from pytest_carbon.core.records.record_json import to_text
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.ledgers.ledger import Ledger, Skipped
from pytest_carbon.ledgers.transfer.copy_and_compare import CopyResult, compare, copy, day_spans
from pytest_carbon.ledgers.transfer.sources import LedgerSource, SourceAddress, SourceError, open_source

LAW = settings(max_examples=25, deadline=None)
EVERYTHING = date(2000, 1, 1), date(2100, 1, 1)


class Files:
    """A tree of files in memory."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.not_files: Sequence[Skipped] = ()
        self.loaded: list[str] = []

    @property
    def paths(self) -> list[str]:
        return list(self.files)

    def load(self, paths: Sequence[str]) -> tuple[dict[str, bytes], list[Skipped]]:
        self.loaded += paths
        return {path: self.files[path] for path in paths}, []


def _quiet(done: int, of: int) -> None:
    assert done <= of


def _place(kind: str, folder: Path) -> SourceAddress:
    at = {"folder": "ledger", "local": "clone", "remote": "clone"}[kind]
    return SourceAddress(str(folder / at), "org/shop")


def _texts(ledger: Ledger) -> set[str]:
    result = ledger.read(*EVERYTHING)
    assert result.skipped == ()
    return {to_text(record) for record in result.records}


def _copied(address: SourceAddress, target: Ledger, lab: SimpleNamespace) -> CopyResult:
    with open_source(address, lab.BRANCH, lab.NOW) as source:
        return copy(source, target, _quiet)


def test_everything_is_copied_once(lab: SimpleNamespace, kind: str, tmp_path: Path) -> None:
    """Records of every kind and baselines, loose and packed, are copied; a second copy adds nothing."""
    ledger = lab.fill(lab.ledger(kind, tmp_path))
    records = ledger.read(*EVERYTHING).records
    target = FolderLedger(tmp_path / "target", lab.NOW)
    assert _copied(_place(kind, tmp_path), target, lab) == CopyResult(9, 0, 2, ())
    assert _texts(target) == {to_text(record) for record in records}
    assert target.baselines("main") == ((lab.baseline(),), ())
    assert set(target.baseline_paths()) == {"main", "release"}
    assert _copied(_place(kind, tmp_path), target, lab) == CopyResult(0, 9, 0, ())
    with open_source(_place(kind, tmp_path), lab.BRANCH, lab.NOW) as source:
        result = compare(source, target, _quiet)
    assert (result.equal, result.records, result.baselines) == (True, 9, 2)


def _source(lab: SimpleNamespace, records: Sequence[Any]) -> tuple[LedgerSource, Files]:
    files = Files({record_path(record): to_text(record).encode() for record in records})
    return LedgerSource("org/shop", "memory", files, lab.NOW), files


def test_known_records_are_not_read_again(lab: SimpleNamespace, tmp_path: Path) -> None:
    """On a day with a new run only that run is read; a copied file that is corrupt by now is not noticed."""
    records = [lab.entry(f"run-{n}") for n in range(5)]
    target = FolderLedger(tmp_path / "target", lab.NOW)
    target.append(records[:4])
    source, files = _source(lab, records)
    files.files[record_path(records[0])] = b"{"
    assert copy(source, target, _quiet) == CopyResult(1, 4, 0, ())
    assert files.loaded == [record_path(records[4])]


def test_corrupt_files_are_skipped(lab: SimpleNamespace, tmp_path: Path) -> None:
    """They are reported by every copy, and nothing else is lost."""
    records = [lab.entry(f"run-{n}") for n in range(5)]
    source, files = _source(lab, records)
    files.files |= {record_path(records[0]): b"{", "2026/06/01/notes.txt": b"hello"}
    target = FolderLedger(tmp_path / "target", lab.NOW)
    first, again = copy(source, target, _quiet), copy(source, target, _quiet)
    assert (first.added, first.known, again.added, again.known) == (4, 0, 0, 4)
    assert [file.path for file in first.skipped] == ["2026/06/01/notes.txt", record_path(records[0])]
    assert again.skipped == first.skipped
    result = compare(source, target, _quiet)
    assert (result.equal, result.records, result.skipped) == (False, 4, first.skipped)


def test_progress_reaches_the_number_of_all_files(lab: SimpleNamespace, tmp_path: Path) -> None:
    """Progress is reported after each span of days, also for files that need not be read."""
    source, _ = _source(lab, [lab.entry(f"run-{n}", f"2026-05-{1 + n // 3:02}T10:00:00Z") for n in range(8)])
    target = FolderLedger(tmp_path / "target", lab.NOW)
    progress: list[tuple[int, int]] = []
    for _ in range(2):
        copy(source, target, lambda done, of: progress.append((done, of)), most=3)
    assert progress == [(3, 8), (6, 8), (8, 8)] * 2


def test_fault_of_the_target_ends_the_copy(lab: SimpleNamespace, tmp_path: Path) -> None:
    """The error is not a SourceError, since the other sources would fail as well."""
    (tmp_path / "target").write_text("a file is in its way", encoding="ascii")
    source, _ = _source(lab, [lab.entry()])
    with pytest.raises(LedgerError, match="cannot be used") as error:
        copy(source, FolderLedger(tmp_path / "target", lab.NOW), _quiet)
    assert not isinstance(error.value, SourceError)


@LAW
@given(
    st.dictionaries(st.dates(date(2020, 1, 1), date(2026, 1, 1)), st.integers(1, 9), max_size=30), st.integers(1, 20)
)
def test_spans_cover_every_day_once(days: dict[date, int], most: int) -> None:
    """Spans are in order, do not overlap, and exceed the limit only for a single day."""
    ordered = dict(sorted(days.items()))
    spans = list(day_spans(ordered, most))
    assert [day for day in ordered for since, until, _ in spans if since <= day <= until] == list(ordered)
    assert sum(number for _, _, number in spans) == sum(days.values())
    assert all(number <= most or since == until for since, until, number in spans)
    assert all(before[1] < after[0] for before, after in pairwise(spans))


@LAW
@given(st.lists(st.sampled_from(["same", "lost", "different"]), min_size=1, max_size=12))
def test_comparison_names_lost_and_different_records(
    lab: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory, fates: list[str]
) -> None:
    """Exactly the records that are lost or different are named."""
    records = [lab.entry(f"run-{n:02}", f"2026-05-{n + 1:02}T10:00:00Z") for n in range(len(fates))]
    stored = [
        r if fate == "same" else replace(r, tests=7) for r, fate in zip(records, fates, strict=True) if fate != "lost"
    ]
    target = FolderLedger(tmp_path_factory.mktemp("target"), lab.NOW)
    target.append([*stored, lab.entry("another")])
    result = compare(_source(lab, records)[0], target, _quiet)
    by_fate = {fate: tuple(r.id for r, own in zip(records, fates, strict=True) if own == fate) for fate in set(fates)}
    assert (result.lost, result.different) == (by_fate.get("lost", ()), by_fate.get("different", ()))
    assert result.equal == (set(fates) == {"same"})


def test_baselines_are_compared(lab: SimpleNamespace, tmp_path: Path) -> None:
    """A missing or different baseline is named; one that newer baselines have replaced is not."""
    for folder in ("ledger", "target"):
        for n in range(3):
            run = lab.baseline(f"run-{n}", f"2026-06-0{n + 1}T10:00:00Z")
            if folder == "target" and n == 1:
                run = replace(run, full_speed=9.0)
            if folder == "ledger" or n < 2:
                FolderLedger(tmp_path / folder, lab.NOW).append([], run)
    target = FolderLedger(tmp_path / "target", lab.NOW)
    with open_source(SourceAddress(str(tmp_path / "ledger"), "shop"), lab.BRANCH, lab.NOW) as source:
        result = compare(source, target, _quiet)
        assert [path.rpartition("/")[2] for path in result.lost] == [f"{'a' * 40}.run-2.json.gz"]
        assert [path.rpartition("/")[2] for path in result.different] == [f"{'a' * 40}.run-1.json.gz"]
        for n in range(10):
            target.append([], lab.baseline(f"new-{n}", f"2026-06-1{n % 5}T10:00:00Z"))
        assert compare(source, target, _quiet).equal


KILLED = """
import sys
from datetime import datetime
from pathlib import Path
from pytest_carbon.ledgers.transfer import copy_and_compare
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.ledgers.transfer.sources import SourceAddress, open_source

now = datetime.fromisoformat(sys.argv[3])
with open_source(SourceAddress(sys.argv[1], "shop"), "carbon-ledger", now) as source:
    copy_and_compare.copy(source, FolderLedger(Path(sys.argv[2]), now), lambda done, of: print(done, flush=True), 5)
"""


def test_killed_copy_is_completed_by_the_next_one(lab: SimpleNamespace, tmp_path: Path) -> None:
    """After kills at any moment and a complete copy, nothing is lost, duplicated or incomplete."""
    runs = [lab.entry(f"run-{n}", f"2026-05-{1 + n % 28:02}T10:00:00Z") for n in range(60)]
    FolderLedger(tmp_path / "ledger", lab.NOW).append(runs, lab.baseline())
    arguments = [sys.executable, "-c", KILLED, str(tmp_path / "ledger"), str(tmp_path / "target"), lab.NOW.isoformat()]
    for kills in range(4):
        process = subprocess.Popen(arguments, stdout=subprocess.PIPE)
        assert process.stdout is not None
        for _ in range(2 * kills + 1):
            process.stdout.readline()
        time.sleep(0.001 * kills)
        process.kill()
        process.communicate()
    target = FolderLedger(tmp_path / "target", lab.NOW)
    copied = _copied(SourceAddress(str(tmp_path / "ledger"), "shop"), target, lab)
    assert copied.added + copied.known == 60
    assert copied.known > 0
    assert _texts(target) == {to_text(run) for run in runs}
    assert target.verify().whole
    assert target.verify().baselines == 1
