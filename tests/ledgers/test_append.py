"""Appending to a ledger and reading it: the same in a folder, a branch and a remote's branch."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.records.corrections import apply_corrections
from pytest_carbon.core.records.ledger_records import record_path
from pytest_carbon.core.records.record_json import to_text
from pytest_carbon.ledgers.file_layout import README_TEXT

JUNE = (date(2026, 6, 1), date(2026, 6, 30))


def test_missing_ledger_is_empty(kind: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """A missing folder or branch is an empty ledger, and reading does not make it."""
    ledger = lab.ledger(kind, tmp_path)
    assert ledger.read(*JUNE) == ledger.read(date.min, date.max)
    assert (ledger.read(*JUNE).records, ledger.read(*JUNE).skipped) == ((), ())
    assert ledger.baselines("main") == ((), ())
    assert ledger.compact(date(2030, 1, 1)) == []
    assert ledger.append([]) == []
    assert ledger.verify().whole
    assert lab.files(kind, tmp_path) == {}


def test_records_are_read_as_they_were_appended(kind: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """Every kind of record comes back equal, and only new records are added."""
    ledger = lab.ledger(kind, tmp_path)
    run = lab.entry()
    records = [lab.correction("co-1", run), run, lab.OVERRIDE, lab.SELFTEST]
    assert ledger.append(records) == ["co-1", "run-1", "ov-1", "self-1"]
    before = lab.files(kind, tmp_path)
    assert ledger.append(records) == []
    assert ledger.append([run, lab.entry("run-2")]) == ["run-2"]
    assert ledger.read(*JUNE).records == (records[0], run, lab.entry("run-2"), lab.OVERRIDE, lab.SELFTEST)
    assert before.items() <= lab.files(kind, tmp_path).items()
    result = ledger.verify()
    assert result.whole
    assert (result.kinds, result.runs) == ({"correction": 1, "entry": 2, "override": 1, "selftest": 1}, 2)


def test_files_are_the_same_in_every_kind_of_ledger(tmp_path: Path, lab: SimpleNamespace) -> None:
    """A folder, a branch and a remote's branch have the same files, byte for byte."""
    trees = []
    for kind in ("folder", "local", "remote"):
        folder = tmp_path / kind
        folder.mkdir()
        ledger = lab.ledger(kind, folder)
        ledger.append([lab.entry("run-1", "2026-04-03T00:00:00Z"), lab.entry("run-2")], lab.baseline())
        ledger.append([lab.entry("run-3", "2026-04-05T00:00:00Z"), lab.OVERRIDE])
        ledger.compact(date(2026, 5, 1))
        trees.append(lab.files(kind, folder))
    assert trees[0] == trees[1] == trees[2]
    assert sorted(trees[0]) == [
        "2026/04.jsonl.gz", "2026/06/01/run-2.json", "2026/06/03/ov-1.json", "README.md",
        f"baseline/main-0d6e4079/{'a' * 40}.run-1.json.gz",
    ]  # fmt: skip
    assert trees[0]["2026/06/01/run-2.json"] == to_text(lab.entry("run-2")).encode()
    assert b"pytest-carbon ledger" in trees[0]["README.md"]


@pytest.mark.parametrize(
    ("since", "until", "names"),
    [
        ((2026, 6, 1), (2026, 6, 1), ["a", "b"]),
        ((2026, 6, 1), (2026, 6, 2), ["a", "b", "c"]),
        ((2026, 5, 31), (2026, 5, 31), ["late"]),
        ((2026, 6, 3), (2026, 6, 30), []),
        ((2026, 6, 2), (2026, 6, 1), []),
        ((1, 1, 1), (9999, 12, 31), ["late", "a", "b", "c"]),
    ],
)
def test_days_are_read_inclusively_and_in_utc(
    kind: str, tmp_path: Path, lab: SimpleNamespace, since: tuple[int, ...], until: tuple[int, ...], names: list[str]
) -> None:
    """The first and the last day are included, and a run belongs to its day in UTC."""
    ledger = lab.ledger(kind, tmp_path)
    ledger.append([
        lab.entry("a", "2026-06-01T00:00:00Z"), lab.entry("b", "2026-06-01T23:59:59.999Z"),
        lab.entry("c", "2026-06-02T00:00:00Z"), lab.entry("late", "2026-06-01T01:30:00+02:00"),
    ])  # fmt: skip
    result = ledger.read(date(*since), date(*until))
    assert [record.id for record in result.records] == names
    assert result.skipped == ()


def test_correction_is_stored_on_the_day_of_its_run(kind: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """A reader of a run's day also reads its corrections, however late these were made."""
    ledger = lab.ledger(kind, tmp_path)
    run = lab.entry()
    ledger.append([run])
    assert ledger.append([lab.correction("co-1", run, "2026-06-09T00:00:00Z", search=1.0)]) == ["co-1"]
    assert ledger.append([lab.correction("co-2", run, "2026-06-12T00:00:00Z", pay=0.5, search=0.5)]) == ["co-2"]
    (entry,) = apply_corrections(ledger.read(date(2026, 6, 1), date(2026, 6, 1)).records)
    assert (entry.id, entry.shares, entry.energy_j) == ("run-1", {"pay": 0.5, "search": 0.5}, run.energy_j)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"energy_j": float("nan")}, "record run-1 cannot be stored"),
        ({"energy_j": 1e16}, "record run-1 cannot be stored: data.energy_j must be smaller"),
        ({"shares": {"checkout": 0.5}}, "sum to 0.5"),
        ({"started": "2026-07-01T00:00:00Z"}, "in the future; a clock was wrong"),
        ({"started": "yesterday"}, "is not a time"),
        ({"id": "../../run-1"}, "data.id must match pattern"),
        ({"job": "\udcff"}, "record run-1 cannot be stored"),
    ],
)
def test_record_that_could_not_be_read_back_is_refused(
    kind: str, tmp_path: Path, lab: SimpleNamespace, changes: dict[str, object], complaint: str
) -> None:
    """A record that readers would skip is an error for its writer, and nothing of that append is written."""
    ledger = lab.ledger(kind, tmp_path)
    with pytest.raises(LedgerError, match=complaint) as caught:
        ledger.append([lab.entry("good"), lab.entry(**changes)])
    assert str(caught.value).startswith(ledger.where)
    assert lab.files(kind, tmp_path) == {}


def test_newest_baselines_of_each_branch_are_kept(kind: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """They are named by their commits, and read newest first."""
    ledger = lab.ledger(kind, tmp_path, keep=3)
    runs = [
        lab.baseline(f"run-{day}", f"2026-06-0{day}T00:00:00Z", commit=f"{day}" * 40) for day in (2, 5, 1, 4, 3)
    ]  # fmt: skip
    other = lab.baseline("run-9", "2026-01-01T00:00:00Z", branch="ma-in")
    assert ledger.append([], other) == []
    for run in runs:
        assert ledger.append([lab.entry(run.run)], run) == [run.run]
    assert [run.run for run in ledger.baselines("main")[0]] == ["run-5", "run-4", "run-3"]
    assert ledger.baselines("main", 1) == ((runs[1],), ())
    assert ledger.baselines("ma-in") == ((other,), ())
    assert ledger.baselines("gone") == ((), ())
    baselines = [path for path in lab.files(kind, tmp_path) if path.startswith("baseline/main-")]
    assert [Path(path).name for path in sorted(baselines)] == [f"{d * 40}.run-{d}.json.gz" for d in "345"]
    assert ledger.verify().baselines == 4
    before = lab.files(kind, tmp_path)
    ledger.append([lab.entry("run-2")], runs[0])  # too old by now
    assert lab.files(kind, tmp_path) == before


@pytest.mark.parametrize("changes", [{"branch": None}, {"commit": None}, {"commit": "../x"}, {"run": "../x"}])
def test_baseline_needs_a_branch_and_a_commit(tmp_path: Path, lab: SimpleNamespace, changes: dict[str, object]) -> None:
    """A run without them could not be found again, and is refused with the reason."""
    with pytest.raises(LedgerError, match=r"must be known|must be letters"):
        lab.ledger("folder", tmp_path).append([], lab.baseline(**changes))


def test_folder_or_branch_with_other_files_is_refused(kind: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """A wrong setting does not write records among a project's own files."""
    ledger = lab.ledger(kind, tmp_path)
    lab.put(kind, tmp_path, {"src/main.py": b"print(1)", "README.md": b"mine"})
    with pytest.raises(
        LedgerError, match=r"it is not a ledger: it holds other files, such as 'src/main.py', and no run"
    ):
        ledger.append([lab.entry()])
    assert sorted(lab.files(kind, tmp_path)) == ["README.md", "src/main.py"]


def test_readme_of_a_ledger_is_a_mark_of_one(kind: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """A ledger that has no run any more may have files of other people."""
    ledger = lab.ledger(kind, tmp_path)
    lab.put(kind, tmp_path, {"NOTES.md": b"ours", "README.md": README_TEXT})
    assert ledger.is_there()
    assert ledger.append([lab.entry()]) == ["run-1"]
    assert lab.files(kind, tmp_path)["NOTES.md"] == b"ours"


def test_existing_readme_is_left_as_it_is(kind: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """A folder or branch that has only a README becomes a ledger, and the README stays."""
    ledger = lab.ledger(kind, tmp_path)
    lab.put(kind, tmp_path, {"README.md": b"mine"})
    assert ledger.append([lab.entry()]) == ["run-1"]
    assert lab.files(kind, tmp_path) == {
        "README.md": b"mine", record_path(lab.entry()): to_text(lab.entry()).encode(),
    }  # fmt: skip


def test_time_of_a_ledger_is_given_by_its_caller(tmp_path: Path, lab: SimpleNamespace) -> None:
    """A record that lies in the future is read when the caller's time has come."""
    from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger

    later = FolderLedger(tmp_path / "ledger", datetime(2026, 6, 20, tzinfo=UTC))
    later.append([lab.entry(started="2026-06-20T00:00:00Z")])
    today = lab.ledger("folder", tmp_path).read(*JUNE)
    assert today.records == ()
    assert "which is in the future" in today.skipped[0].reason
    assert len(later.read(*JUNE).records) == 1
