"""A branch tells what it has lost: from its own history, and from where this clone last saw it whole."""

from __future__ import annotations

import shlex
import subprocess
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from tests.attack import Attack

SINCE = date(2026, 5, 1)


def _ledger(lab: SimpleNamespace, folder: Path) -> BranchLedger:
    return BranchLedger(folder / "clone", lab.BRANCH, lab.NOW)


def _home(kind: str, folder: Path) -> Path:
    """Return the repository that the branch is in."""
    return folder / ("clone" if kind == "local" else "server.git")


def _fill(ledger: BranchLedger, lab: SimpleNamespace, runs: int = 6) -> None:
    for n in range(runs):
        ledger.append([lab.entry(f"run-{n}", f"2026-06-{n + 1:02}T10:00:00Z")], lab.baseline(f"run-{n}"))


def _cut(lab: SimpleNamespace, home: Path, *folders: str) -> None:
    """Put a commit without these folders on the branch, as a person with git would."""
    names = lab.git(home, "ls-tree", "-r", "-z", "--name-only", lab.BRANCH, "--", *folders).split("\0")[:-1]
    lab.put_entries(home, home.with_name("index"), "".join(f"0 {'0' * 40}\t{name}\0" for name in names))


@pytest.mark.parametrize("kind", ["local", "remote"])
def test_a_whole_branch_has_lost_nothing(tmp_path: Path, lab: SimpleNamespace, kind: str) -> None:
    """Neither a branch that never was, nor appending, nor baselines that newer ones replaced, nor packing is a loss."""
    lab.ledger(kind, tmp_path)
    ledger = _ledger(lab, tmp_path)
    assert (ledger.is_there(), ledger.find_loss(SINCE)) == (False, None)
    _fill(ledger, lab, 12)
    assert (ledger.is_there(), ledger.find_loss(SINCE)) == (True, None)
    ledger.compact(date(2026, 7, 1))
    assert (_ledger(lab, tmp_path).find_loss(SINCE), ledger.find_loss(SINCE)) == (None, None)


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize("kind", ["local", "remote"])
@pytest.mark.parametrize("looked", [False, True])
def test_a_branch_that_is_gone(tmp_path: Path, lab: SimpleNamespace, kind: str, looked: bool, attack: Attack) -> None:
    """A branch that was deleted after it had runs is a loss, also once it was begun anew."""
    lab.ledger(kind, tmp_path)
    ledger = _ledger(lab, tmp_path)
    _fill(ledger, lab)
    assert not looked or ledger.find_loss(SINCE) is None
    lab.git(_home(kind, tmp_path), "update-ref", "-d", f"refs/heads/{lab.BRANCH}")
    lost = ledger.find_loss(SINCE)
    assert lost is not None
    assert lost.seen.startswith(f"the {ledger.where} is gone, which had runs at commit ")
    ledger.append([lab.entry("new", "2026-06-10T10:00:00Z")])
    lost = _ledger(lab, tmp_path).find_loss(SINCE)
    assert lost is not None
    assert "has lost 12 files of runs" in lost.seen
    attack.harmless(lost.seen, lost.remedy)


@pytest.mark.attack("lost-base")
@pytest.mark.parametrize("kind", ["local", "remote"])
@pytest.mark.parametrize("fresh", [False, True])
def test_runs_that_a_commit_cut_out(
    tmp_path: Path, lab: SimpleNamespace, kind: str, fresh: bool, attack: Attack
) -> None:
    """The branch's own history shows it, also to a clone that has never read the branch; old days do not matter."""
    lab.ledger(kind, tmp_path)
    ledger = _ledger(lab, tmp_path)
    _fill(ledger, lab)
    ledger.append([lab.entry("old", "2026-01-01T10:00:00Z")])
    home = _home(kind, tmp_path)
    _cut(lab, home, "2026/01")
    assert ledger.find_loss(SINCE) is None
    _cut(lab, home, "2026", "baseline")
    ledger.append([lab.entry("later", "2026-06-11T10:00:00Z")])
    if fresh and kind == "remote":
        lab.git(tmp_path, "clone", "--quiet", home.resolve().as_uri(), "fresh")
        ledger = BranchLedger(tmp_path / "fresh", lab.BRANCH, lab.NOW)
    lost = ledger.find_loss(SINCE)
    assert lost is not None
    assert "has lost 12 files of runs, such as 2026/06/01/run-0.json" in lost.seen
    attack.harmless(lost.seen)


@pytest.mark.attack("lost-base")
def test_runs_that_a_merge_cut_out(tmp_path: Path, lab: SimpleNamespace, attack: Attack) -> None:
    """A merge commit whose other parent has fewer runs is seen through, also by a clone that never read the branch."""
    lab.ledger("remote", tmp_path)
    _fill(_ledger(lab, tmp_path), lab)
    home = _home("remote", tmp_path)
    whole = lab.git(home, "rev-parse", lab.BRANCH).strip()
    _cut(lab, home, "2026/06/01")
    tree = f"{lab.BRANCH}^{{tree}}"
    side = lab.git(home, "commit-tree", tree, "-m", "side").strip()
    merge = lab.git(home, "commit-tree", tree, "-p", whole, "-p", side, "-m", "merge").strip()
    lab.git(home, "update-ref", f"refs/heads/{lab.BRANCH}", merge)
    lost = _ledger(lab, tmp_path).find_loss(SINCE)
    assert lost is not None
    assert "has lost 1 file of runs, such as 2026/06/01/run-0.json" in lost.seen
    attack.harmless(lost.seen)


@pytest.mark.attack("lost-base")
def test_a_branch_that_was_made_anew(tmp_path: Path, lab: SimpleNamespace, attack: Attack) -> None:
    """An orphan commit with fewer runs in place of the branch is a loss to a clone that knows the old commit."""
    lab.ledger("remote", tmp_path)
    ledger = _ledger(lab, tmp_path)
    _fill(ledger, lab)
    home = _home("remote", tmp_path)
    _cut(lab, home, "2026/06/01")
    orphan = lab.git(home, "commit-tree", f"{lab.BRANCH}^{{tree}}", "-m", "anew").strip()
    lab.git(home, "update-ref", f"refs/heads/{lab.BRANCH}", orphan)
    lost = ledger.find_loss(SINCE)
    assert lost is not None
    assert "has lost 1 file of runs, such as 2026/06/01/run-0.json" in lost.seen
    attack.harmless(lost.seen)


@pytest.mark.parametrize("kind", ["local", "remote"])
def test_a_loss_ends_as_its_next_step_says(tmp_path: Path, lab: SimpleNamespace, kind: str) -> None:
    """The last command of the next step begins the ledger anew."""
    lab.ledger(kind, tmp_path)
    ledger = _ledger(lab, tmp_path)
    _fill(ledger, lab, 1)
    lab.git(_home(kind, tmp_path), "update-ref", "-d", f"refs/heads/{lab.BRANCH}")
    lost = ledger.find_loss(SINCE)
    assert lost is not None
    command = lost.remedy.rpartition("begin anew: ")[2]
    assert command
    subprocess.run(shlex.split(command), cwd=tmp_path / "clone", check=True)
    assert _ledger(lab, tmp_path).find_loss(SINCE) is None
