"""Packing months: nothing is lost, and nothing but whole months of sound records is packed."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.ledgers import file_contents

EVER = (date.min, date.max)
DAYS = st.dates(date(2025, 11, 1), date(2026, 6, 10))


@settings(max_examples=60, deadline=None)
@given(st.lists(DAYS, max_size=12), st.lists(DAYS, max_size=6), DAYS, DAYS)
def test_packing_does_not_change_what_is_read(
    lab: SimpleNamespace, days: list[date], late: list[date], first: date, then: date
) -> None:
    """Whatever is packed and added in any order, every span of days reads as before; packing twice changes nothing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ledger, plain = lab.ledger("folder", folder / "a"), lab.ledger("folder", folder / "b")
        for round_, some in enumerate((days, late)):
            records = [lab.entry(f"run-{round_}-{n}", f"{day}T10:00:00Z") for n, day in enumerate(some)]
            assert ledger.append(records) == plain.append(records)
            ledger.compact((first, then)[round_])
            packed = lab.files("folder", folder / "a")
            assert ledger.compact((first, then)[round_]) == []
            assert lab.files("folder", folder / "a") == packed
            assert ledger.append(records) == []
            assert ledger.verify() == plain.verify()
            for window in (EVER, (first, then), (date(2026, 1, 15), date(2026, 2, 15))):
                assert ledger.read(*window) == plain.read(*window)
        restored = dict(lab.files("folder", folder / "a"))
        for path in [path for path in restored if path.endswith(".jsonl.gz")]:
            restored |= {loose: text.encode() for loose, text in file_contents.unpack_month(restored.pop(path)).items()}
        assert restored == lab.files("folder", folder / "b")


def test_only_months_that_have_ended_are_packed(kind: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """A month is packed from the day after its last day on."""
    ledger = lab.ledger(kind, tmp_path)
    ledger.append([lab.entry("dec", "2025-12-31T23:59:00Z"), lab.entry("jan", "2026-01-31T00:00:00Z")])
    assert ledger.compact(date(2025, 12, 31)) == []
    assert ledger.compact(date(2026, 1, 31)) == ["2025/12.jsonl.gz"]
    assert ledger.compact(date(2026, 2, 1)) == ["2026/01.jsonl.gz"]
    assert sorted(lab.files(kind, tmp_path)) == ["2025/12.jsonl.gz", "2026/01.jsonl.gz", "README.md"]


def test_late_records_join_their_month(kind: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """A correction of a packed run is loose at first, and is packed with it the next time."""
    ledger = lab.ledger(kind, tmp_path)
    run = lab.entry("run-1", "2026-04-03T00:00:00Z")
    ledger.append([run])
    ledger.compact(date(2026, 5, 1))
    late = lab.correction("co-1", run, "2026-06-01T00:00:00Z")
    assert ledger.append([run, late]) == ["co-1"]
    assert "2026/04/03/co-1.json" in lab.files(kind, tmp_path)
    assert ledger.compact(date(2026, 5, 1)) == ["2026/04.jsonl.gz"]
    assert sorted(lab.files(kind, tmp_path)) == ["2026/04.jsonl.gz", "README.md"]
    assert ledger.read(*EVER).records == (late, run)


@pytest.mark.parametrize("month", [b"no gzip", b""])
def test_corrupt_month_is_left_alone(kind: str, tmp_path: Path, lab: SimpleNamespace, month: bytes) -> None:
    """A corrupt packed month is not overwritten: its loose records stay loose, other months are packed."""
    ledger = lab.ledger(kind, tmp_path)
    ledger.append([lab.entry("run-1", "2026-04-03T00:00:00Z"), lab.entry("run-2", "2026-03-03T00:00:00Z")])
    lab.put(kind, tmp_path, {"2026/04.jsonl.gz": month})
    before = lab.files(kind, tmp_path)
    assert ledger.compact(date(2026, 6, 1)) == ["2026/03.jsonl.gz"]
    after = lab.files(kind, tmp_path)
    assert {path: data for path, data in after.items() if path.startswith("2026/04")} == {
        path: data for path, data in before.items() if path.startswith("2026/04")
    }  # fmt: skip
    assert {record.id for record in ledger.read(*EVER).records} == {"run-1", "run-2"}
