"""Files of a ledger that somebody else wrote: told, never counted, never fatal."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.records.record_json import to_text
from pytest_carbon.ledgers import file_contents
from tests.attack import Attack

EVER = (date.min, date.max)
DAY = "2026/06/01/"


def _text(lab: SimpleNamespace, **changes: Any) -> bytes:
    return json.dumps({**json.loads(to_text(lab.entry())), **changes}).encode()


RECORDS: list[tuple[str, Any, str]] = [
    ("empty", b"", "is not valid JSON"),
    ("cut", lambda lab: _text(lab)[:-9], "is not valid JSON"),
    ("deep", b"[" * 100_000, "is not valid JSON"),
    ("digits", b"9" * 10_000, "is not valid JSON"),
    ("latin", b"\xff\xfe", "is not UTF-8 text"),
    ("list", b"[]", "its schema is 'None'"),
    ("version", lambda lab: _text(lab, schema="pytest-carbon/entry/2"), "its schema is 'pytest-carbon/entry/2'"),
    ("other", b'{"schema": ["x"]}', "this version reads entry, correction, override, approval, selftest of version 1"),
    ("nan", lambda lab: _text(lab).replace(b"120.5", b"NaN"), "contains NaN"),
    ("infinity", lambda lab: _text(lab).replace(b"120.5", b"-Infinity"), "contains -Infinity"),
    ("huge", lambda lab: _text(lab).replace(b"120.5", b"1e999"), "data.energy_j must be smaller"),
    ("negative", lambda lab: _text(lab, energy_j=-1), "data.energy_j must be bigger"),
    ("text", lambda lab: _text(lab, energy_j="1"), "data.energy_j must be number or null"),
    ("bool", lambda lab: _text(lab, tests=True), "data.tests must be integer"),
    ("extra", lambda lab: _text(lab, more=1), "must not contain {'more'}"),
    ("less", b'{"schema": "pytest-carbon/entry/1"}', "must contain"),
    ("long", lambda lab: _text(lab, job="x" * 5000), "data.job must be shorter"),
    ("shares", lambda lab: _text(lab, shares={"a": 0.5, "b": 0.6}), "sum to 1.1"),
    ("no-share", lambda lab: _text(lab, shares={}), "data.shares must contain at least 1"),
    ("half", lambda lab: _text(lab, job="\ud800"), "half a character"),
    ("future", lambda lab: _text(lab, started="2026-06-17T00:00:00Z"), "is in the future"),
    ("no-time", lambda lab: _text(lab, started="2026-02-30T00:00:00Z"), "is not a time"),
    ("year-1", lambda lab: _text(lab, started="0001-01-01T00:00:00+23:00"), "is not a time"),
    ("big", lambda lab: _text(lab) + b" " * file_contents.MAX_RECORD_BYTES, "is larger than 1 MB"),
]


@pytest.mark.parametrize(("name", "data", "reason"), RECORDS, ids=[name for name, _, _ in RECORDS])
def test_invalid_record_is_skipped(tmp_path: Path, lab: SimpleNamespace, name: str, data: Any, reason: str) -> None:
    """The file is reported with its path and the reason, and the good record next to it counts."""
    ledger = lab.ledger("folder", tmp_path)
    ledger.append([lab.entry("good")])
    lab.put("folder", tmp_path, {f"{DAY}{name}.json": data if isinstance(data, bytes) else data(lab)})
    result = ledger.read(*EVER)
    assert [record.id for record in result.records] == ["good"]
    assert [skipped.path for skipped in result.skipped] == [f"{DAY}{name}.json"]
    assert reason in result.skipped[0].reason
    assert len(result.skipped[0].reason) < 450
    assert ledger.verify().skipped == result.skipped


def _good(lab: SimpleNamespace, name: str = "run-1", **changes: Any) -> bytes:
    return to_text(lab.entry(name, **changes)).encode()


def _hostile(lab: SimpleNamespace) -> dict[str, bytes]:
    return {
        f"{DAY}cut.json": b"{",
        f"{DAY}wrong-name.json": _good(lab),
        f"{DAY}wrong-day.json": _good(lab, "wrong-day", started="2026-06-02T00:00:00Z"),
        f"{DAY}sub/run-1.json": _good(lab),
        f"{DAY}big.json": _good(lab, "big") + b" " * file_contents.MAX_RECORD_BYTES,
        f"{DAY}with space.json": _good(lab),
        f"{DAY}line\nend.json": _good(lab),
        f'{DAY}quo"te.json': _good(lab),
        f"{DAY}\udcff.json": _good(lab),
        f"{DAY}tab\t.json": _good(lab),
        f"{DAY}ünï.json": _good(lab),
        "2026/06/01.json": _good(lab),
        "2026/13/45/run-1.json": _good(lab),
        "notes.txt": b"hello",
        "2026/05.jsonl.gz": b"no gzip",
        "2026/04.jsonl.gz": gzip.compress(b"[1, 2]\n"),
        "2026/03.jsonl.gz": gzip.compress(b"\0" * (file_contents.MAX_PACKED_BYTES + 1)),
        "2026/02.jsonl.gz": gzip.compress(b"x" * 100)[:-9],
        "2026/01.jsonl.gz": gzip.compress(json.dumps([f"{DAY}a.json", "{}"]).encode()),
        "2025/12.jsonl.gz": gzip.compress(json.dumps(["2025/12/01/a.json", "\ud800"]).encode()),
        "9999/12.jsonl.gz": b"",
        "baseline/main-0d6e4079/x.json.gz": gzip.compress(b"{}"),
        f"baseline/main-0d6e4079/{'b' * 40}.run-1.json.gz": file_contents.baseline_bytes(lab.baseline(), lab.NOW),
        "baseline/x.json.gz": b"",
    }


def test_hostile_files_are_skipped_in_every_kind_of_ledger(kind: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """Every kind of ledger skips the same files for the same reasons, counts the good ones, and can be appended to."""
    ledger = lab.ledger(kind, tmp_path)
    ledger.append([lab.entry("good")], lab.baseline())
    hostile = _hostile(lab)
    lab.put(kind, tmp_path, hostile)
    verified = ledger.verify()
    assert (verified.kinds, verified.baselines, verified.whole) == ({"entry": 1}, 1, False)
    faults = [*verified.skipped, *verified.misplaced]
    assert len(faults) == len(hostile)
    assert all(skipped.path.isprintable() and skipped.reason for skipped in faults)
    assert sorted(skipped.path.rpartition("/")[2] for skipped in verified.misplaced) == [
        "wrong-day.json", "wrong-name.json",
    ]  # fmt: skip
    result = ledger.read(date(2026, 6, 1), date(2026, 6, 1))
    assert [record.id for record in result.records] == ["good"]
    assert {skipped.path for skipped in result.skipped} == {
        f"{DAY}{name}" for name in (
            "cut.json", "wrong-name.json", "wrong-day.json", "sub/run-1.json", "big.json", "with space.json",
            "line\\nend.json", 'quo"te.json', "\\udcff.json", "tab\\t.json", "ünï.json",
        )
    }  # fmt: skip
    assert [run.run for run in ledger.baselines("main")[0]] == ["run-1"]
    assert len(ledger.baselines("main")[1]) == 2
    assert ledger.append([lab.entry("more"), lab.entry("may", "2026-05-01T00:00:00Z")], lab.baseline("run-2")) == [
        "more", "may",
    ]  # fmt: skip
    assert ledger.compact(date(2027, 1, 1)) == ["2026/06.jsonl.gz"]
    files = lab.files(kind, tmp_path)
    assert hostile.items() <= files.items()
    assert ledger.verify().kinds == {"entry": 3}


def test_same_id_twice_counts_once(kind: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """A packed record wins over a loose one with another text; an equal loose one is no fault."""
    ledger = lab.ledger(kind, tmp_path)
    april = [lab.entry("run-1", "2026-04-01T00:00:00Z"), lab.entry("run-2", "2026-04-01T00:00:00Z")]
    ledger.append(april)
    loose = {path: data for path, data in lab.files(kind, tmp_path).items() if path.startswith("2026/04/")}
    ledger.compact(date(2026, 5, 1))
    lab.put(kind, tmp_path, loose)
    assert ledger.verify().whole
    lab.put(kind, tmp_path, {"2026/04/01/run-1.json": _good(lab, "run-1", started="2026-04-01T00:00:00Z", tests=1)})
    lab.put(kind, tmp_path, {"2026/04/02/run-2.json": _good(lab, "run-2", started="2026-04-02T00:00:00Z")})
    result = ledger.read(*EVER)
    assert result.records == tuple(april)
    assert [skipped.path for skipped in result.skipped] == ["2026/04/01/run-1.json", "2026/04/02/run-2.json"]
    assert ledger.verify().twice == ("run-1", "run-2")


def test_file_in_place_of_a_folder_is_left_there(kind: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """A file where a folder is needed is an error, and nothing is changed."""
    ledger = lab.ledger(kind, tmp_path)
    ledger.append([lab.entry("good")])
    lab.put(kind, tmp_path, {"2024": b"mine", "baseline": b"mine", f"{DAY}run-1.json": b"mine"})
    before = lab.files(kind, tmp_path)
    with pytest.raises(
        LedgerError, match=r"2024 is not a folder, so 2024/01/01/old\.json cannot be written; remove 2024"
    ):
        ledger.append([lab.entry("old", "2024-01-01T00:00:00Z")])
    with pytest.raises(LedgerError, match="baseline is not a folder"):
        ledger.append([lab.entry("run-2")], lab.baseline())
    assert ledger.append([lab.entry("run-1")]) == []
    assert lab.files(kind, tmp_path) == before


@pytest.mark.attack("bombs")
def test_month_of_strays_names_a_few(tmp_path: Path, lab: SimpleNamespace, attack: Attack) -> None:
    """A small packed month can hold hundreds of thousands of files that are no records of it."""
    ledger = lab.ledger("folder", tmp_path)
    ledger.append([lab.entry("good")])
    month = file_contents.pack_month({f"stray-{number:03}": "" for number in range(100)})
    lab.put("folder", tmp_path, {"2026/04.jsonl.gz": month})
    result = ledger.read(*EVER)
    assert [record.id for record in result.records] == ["good"]
    assert result.skipped[0].path == "stray-000 in 2026/04.jsonl.gz"
    assert len(result.skipped) == 21
    assert result.skipped[20].reason == "80 more of its files do not belong to it"
    assert ledger.verify().skipped == result.skipped
    attack.ended("skipped", *(skipped.reason for skipped in result.skipped))
