"""A ledger's folder that git keeps: what was removed from it is a loss."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.ledgers.folder.folder_past import removed_files
from tests.attack import Attack

SINCE = date(2026, 5, 1)


@pytest.fixture
def ledger(tmp_path: Path, lab: SimpleNamespace) -> FolderLedger:
    """A ledger with six runs in a folder that is committed."""
    made = FolderLedger(lab.clone(tmp_path / "clone", None) / "kept/ledger", lab.NOW)
    for n in range(6):
        made.append([lab.entry(f"run-{n}", f"2026-06-{n + 1:02}T10:00:00Z")], lab.baseline(f"run-{n}"))
    _commit(lab, tmp_path)
    return made


def _commit(lab: SimpleNamespace, folder: Path) -> None:
    lab.git(folder / "clone", "add", "--all")
    lab.git(folder / "clone", "commit", "--quiet", "--message", "a commit")


def test_a_whole_folder_has_lost_nothing(tmp_path: Path, lab: SimpleNamespace, ledger: FolderLedger) -> None:
    """Neither a folder that git does not know, nor packing, nor more runs are a loss."""
    assert ledger.find_loss(SINCE) is None
    ledger.compact(date(2026, 7, 1))
    _commit(lab, tmp_path)
    ledger.append([lab.entry("later", "2026-06-12T10:00:00Z")])
    assert (ledger.find_loss(SINCE), ledger.is_there()) == (None, True)
    outside = FolderLedger(tmp_path / "outside", lab.NOW)
    assert (outside.find_loss(SINCE), outside.is_there(), removed_files(tmp_path / "outside")) == (None, False, set())


@pytest.mark.attack("lost-base")
def test_a_packed_month_that_lacks_runs_hides_no_loss(
    lab: SimpleNamespace, ledger: FolderLedger, attack: Attack
) -> None:
    """Loose files that were removed are packed only if the month has them."""
    other = FolderLedger(ledger._root.with_name("other"), lab.NOW)
    other.append([lab.entry("run-0", "2026-06-01T10:00:00Z")])
    other.compact(date(2026, 7, 1))
    shutil.rmtree(ledger._root / "2026/06")
    (other._root / "2026/06.jsonl.gz").rename(ledger._root / "2026/06.jsonl.gz")
    lost = ledger.find_loss(SINCE)
    assert lost is not None
    assert "has lost 5 files of runs" in lost.seen
    attack.harmless(lost.seen)


@pytest.mark.attack("lost-base")
def test_a_merge_cannot_remove_runs(tmp_path: Path, lab: SimpleNamespace, ledger: FolderLedger, attack: Attack) -> None:
    """A merge commit that leaves runs out is missed like any other commit."""
    clone = tmp_path / "clone"
    lab.git(clone, "checkout", "--quiet", "-b", "side")
    (clone / "other.txt").write_text("x", encoding="ascii")
    _commit(lab, tmp_path)
    lab.git(clone, "checkout", "--quiet", "-")
    lab.git(clone, "merge", "--quiet", "--no-commit", "--no-ff", "side")
    lab.git(clone, "rm", "-r", "--quiet", "kept/ledger")
    lab.git(clone, "commit", "--quiet", "--message", "merge")
    lost = ledger.find_loss(SINCE)
    assert lost is not None
    assert "has lost 12 files of runs" in lost.seen
    attack.harmless(lost.seen)


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize("what", [".", "2026/06/01", "baseline"])
@pytest.mark.parametrize("committed", [False, True])
def test_a_change_cannot_remove_runs(
    tmp_path: Path, lab: SimpleNamespace, ledger: FolderLedger, what: str, committed: bool, attack: Attack
) -> None:
    """A folder, day or baselines that a change removes are missed, also if the change commits that."""
    shutil.rmtree(tmp_path / "clone/kept/ledger" / what)
    if committed:
        _commit(lab, tmp_path)
    lost = ledger.find_loss(SINCE)
    assert lost is not None
    files = {".": "12 files", "2026/06/01": "1 file", "baseline": "6 files"}[what]
    assert f"ledger has lost {files} of runs that git had, such as " in lost.seen
    attack.harmless(lost.seen)


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize("emptied", [True, False])
def test_a_removed_folder_of_the_project_is_a_loss(
    tmp_path: Path, lab: SimpleNamespace, attack: Attack, emptied: bool
) -> None:
    """Git does not keep .carbon; the mark beside the ledger says that it had runs. Without the mark it is new."""
    ledger = FolderLedger(tmp_path / ".carbon/ledger", lab.NOW, project=tmp_path)
    assert ledger.find_loss(SINCE) is None
    ledger.append([lab.entry("run-1")])
    assert ledger.find_loss(SINCE) is None
    shutil.rmtree(tmp_path / ".carbon/ledger")
    if emptied:
        (tmp_path / ".carbon/ledger").mkdir()
    lost = ledger.find_loss(SINCE)
    assert lost is not None
    attack.harmless(lost.seen, lost.remedy)
    assert lost.remedy.endswith(f"'{tmp_path}/.carbon/ledger.had-runs'")
    (tmp_path / ".carbon/ledger.had-runs").unlink()
    assert ledger.find_loss(SINCE) is None
