"""The copy of a ledger on this machine is found and read without a network."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_carbon.config.load import load_config
from pytest_carbon.core.errors import LedgerError
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from pytest_carbon.ledgers.branch.offline_copy import OfflineTree, find_offline_ledger
from pytest_carbon.ledgers.file_layout import LedgerTree
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.ledgers.read_tree import read

EVER = (date.min, date.max)


def _ids(tree: LedgerTree, lab: SimpleNamespace) -> list[str]:
    return [record.id for record in read(tree, *EVER, lab.NOW).records]


def _settings(folder: Path, text: str) -> None:
    (folder / "carbon.toml").write_text(text, encoding="utf-8")


def test_local_branch_comes_before_the_folder(tmp_path: Path, lab: SimpleNamespace) -> None:
    """Without settings, a copy of the branch is read if there is one; a configured folder is always read."""
    clone = lab.clone(tmp_path / "clone", None)
    FolderLedger(clone / ".carbon" / "ledger", lab.NOW).append([lab.entry("in-folder")])
    assert _ids(find_offline_ledger(load_config(clone)), lab) == ["in-folder"]
    BranchLedger(clone, lab.BRANCH, lab.NOW).append([lab.entry("on-branch")])
    assert _ids(find_offline_ledger(load_config(clone)), lab) == ["on-branch"]
    _settings(clone, '[ledger]\nfolder = ".carbon/ledger"\n')
    assert _ids(find_offline_ledger(load_config(clone)), lab) == ["in-folder"]


def test_newest_of_several_copies_is_read(tmp_path: Path, lab: SimpleNamespace) -> None:
    """Our cache and a branch that the user fetched are both copies; the newer commit is read."""
    lab.ledger("remote", tmp_path).append([lab.entry("first")])
    clone = lab.clone(tmp_path / "reader", (tmp_path / "server.git").as_uri())
    cached = BranchLedger(clone, lab.BRANCH, lab.NOW)
    cached.read(*EVER)
    assert _ids(find_offline_ledger(load_config(clone)), lab) == ["first"]
    tip = lab.git(tmp_path / "server.git", "rev-parse", lab.BRANCH).strip()
    tree = f"{tip}^{{tree}}"
    newer = lab.git(
        tmp_path / "server.git",
        "commit-tree",
        "-p",
        tip,
        "-m",
        "newer",
        tree,
        GIT_COMMITTER_DATE="2099-01-01T00:00:00Z",
    ).strip()
    lab.git(tmp_path / "server.git", "update-ref", f"refs/heads/{lab.BRANCH}", newer)
    lab.git(clone, "fetch", "--quiet", "origin", f"{lab.BRANCH}:refs/remotes/origin/{lab.BRANCH}")
    copy = find_offline_ledger(load_config(clone))
    assert isinstance(copy, OfflineTree)
    assert copy.git_dir == clone / ".git"
    assert _ids(copy, lab) == ["first"]


def test_file_that_is_not_on_disk_is_skipped(tmp_path: Path, lab: SimpleNamespace) -> None:
    """A cache has only the files that were read; the other files are reported and not fetched."""
    lab.ledger("remote", tmp_path).append([lab.entry("june"), lab.entry("may", "2026-05-01T00:00:00Z")])
    clone = lab.clone(tmp_path / "reader", (tmp_path / "server.git").as_uri())
    BranchLedger(clone, lab.BRANCH, lab.NOW).read(date(2026, 6, 1), date(2026, 6, 1))
    result = read(find_offline_ledger(load_config(clone)), *EVER, lab.NOW)
    assert [record.id for record in result.records] == ["june"]
    assert [(file.path, file.reason) for file in result.skipped] == [
        ("2026/05/01/may.json", "its content is not on this disk")
    ]


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        (
            '[ledger]\nsql = "sqlite:///x.db"\n',
            "the ledger is in a database, which hooks do not ask; run pytest-carbon",
        ),
        (
            '[ledger]\nbranch = "carbon"\nremote = "up"\n',
            "no copy of the ledger's branch carbon is on this disk; if up has it, run: git fetch up carbon",
        ),
    ],
)
def test_ledger_that_is_not_on_this_disk(tmp_path: Path, lab: SimpleNamespace, settings: str, complaint: str) -> None:
    """A database is never asked; for a branch the error says how to fetch it."""
    clone = lab.clone(tmp_path / "clone", None)
    _settings(clone, settings)
    with pytest.raises(LedgerError) as caught:
        find_offline_ledger(load_config(clone))
    assert str(caught.value).startswith(complaint)


def test_folder_outside_any_repository(tmp_path: Path, lab: SimpleNamespace) -> None:
    """The default folder is read; a file in its place is an error."""
    assert _ids(find_offline_ledger(load_config(tmp_path)), lab) == []
    (tmp_path / ".carbon").mkdir()
    (tmp_path / ".carbon" / "ledger").write_text("mine", encoding="utf-8")
    with pytest.raises(LedgerError, match=r"the ledger in .*ledger/? cannot be read \(Not a directory\)"):
        find_offline_ledger(load_config(tmp_path))
