"""The user's repository or our cache of a remote: opened, published to, renewed."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.git.run_git import GitError
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from pytest_carbon.ledgers.branch.commit_tree import CommitTree, make_commit
from pytest_carbon.ledgers.branch.remote_cache import RemoteCache, open_branch
from pytest_carbon.ledgers.file_layout import TreeChange

EVER = (date.min, date.max)


def test_all_files_are_fetched_from_a_server_that_refuses_single_ones(tmp_path: Path, lab: SimpleNamespace) -> None:
    """Over the old protocol a server may filter and yet refuse single objects; then everything is fetched."""
    ledger = lab.ledger("remote", tmp_path)
    ledger.append([lab.entry("run-1"), lab.entry("run-2")])
    reader = lab.clone(tmp_path / "reader", (tmp_path / "server.git").as_uri())
    lab.git(reader, "config", "protocol.version", "0")
    assert len(BranchLedger(reader, lab.BRANCH, lab.NOW).read(*EVER).records) == 2


def test_branch_that_was_removed_is_an_empty_ledger(tmp_path: Path, lab: SimpleNamespace) -> None:
    """Records of a branch that the remote no longer has are not read from the cache; the branch can be started anew."""
    ledger = lab.ledger("remote", tmp_path)
    ledger.append([lab.entry("run-1")])
    lab.git(tmp_path / "server.git", "update-ref", "-d", f"refs/heads/{lab.BRANCH}")
    assert ledger.read(*EVER).records == ()
    assert ledger.append([lab.entry("run-2")]) == ["run-2"]
    assert ledger.verify().runs == 1


@pytest.mark.parametrize("harm", ["no HEAD", "no packs", "a lock", "an empty folder", "cut pack"])
def test_broken_cache_is_made_again(tmp_path: Path, lab: SimpleNamespace, harm: str) -> None:
    """With any damage to its cache, the ledger is still read and written."""
    lab.ledger("remote", tmp_path).append([lab.entry("run-1")])
    clone = lab.clone(tmp_path / "second", (tmp_path / "server.git").as_uri())
    BranchLedger(clone, lab.BRANCH, lab.NOW).read(*EVER)
    cache = clone / ".git" / "pytest-carbon" / "ledger.git"
    packs = list(cache.glob("objects/pack/*"))
    if harm == "no HEAD":
        (cache / "HEAD").unlink()
    elif harm == "a lock":
        (cache / "shallow.lock").touch()
    elif harm == "an empty folder":
        cache.rename(tmp_path / "away")
        cache.mkdir()
    else:
        for path in packs:
            path.chmod(0o644)
            path.unlink() if harm == "no packs" else path.write_bytes(path.read_bytes()[:-30])
    assert len(BranchLedger(clone, lab.BRANCH, lab.NOW).read(*EVER).records) == 1
    assert BranchLedger(clone, lab.BRANCH, lab.NOW).append([lab.entry("run-2")]) == ["run-2"]
    assert [path.name for path in cache.parent.iterdir() if path.name != "lock"] == ["ledger.git"]


def test_git_folder_that_cannot_be_used_is_explained(tmp_path: Path, lab: SimpleNamespace) -> None:
    """If the cache cannot be made, the error names its path."""
    ledger = lab.ledger("remote", tmp_path)
    (tmp_path / "clone" / ".git" / "pytest-carbon").write_text("mine", encoding="utf-8")
    with pytest.raises(LedgerError, match=r"\.git/pytest-carbon cannot be used \(File exists\); check its permissions"):
        ledger.read(*EVER)


def test_cache_that_has_grown_is_made_again(tmp_path: Path, lab: SimpleNamespace) -> None:
    """A cache with many packs is discarded before the packs slow git down."""
    ledger = lab.ledger("remote", tmp_path)
    ledger.append([lab.entry("run-1")])
    packs = tmp_path / "clone" / ".git" / "pytest-carbon" / "ledger.git" / "objects" / "pack"
    for number in range(101):
        (packs / f"pack-{number}.pack").touch()
    assert len(ledger.read(*EVER).records) == 1
    assert len(list(packs.iterdir())) < 10


@pytest.mark.parametrize(
    ("url", "remote", "cached", "where"),
    [
        (None, None, False, "branch b"),
        (None, "origin", False, "branch b"),
        ("/srv/x.git", None, False, "branch b"),
        ("/srv/x.git", "origin", True, "branch b of origin"),
    ],
)
def test_only_a_branch_of_a_remote_is_cached(
    tmp_path: Path, lab: SimpleNamespace, url: str | None, remote: str | None, cached: bool, where: str
) -> None:
    """Without a remote, or if none is asked for, the branch is the repository's own. Opening makes no files."""
    clone = lab.clone(tmp_path / "clone", url)
    repository = open_branch(clone, "b", remote, 60.0)
    assert (isinstance(repository, RemoteCache), repository.where) == (cached, where)
    assert not (clone / ".git" / "pytest-carbon").exists()


@pytest.mark.parametrize("kind", ["local", "remote"])
def test_branch_that_moved_meanwhile_is_not_overwritten(kind: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """Of two commits on the same tip, the second one fails and changes nothing."""
    lab.ledger(kind, tmp_path)
    repository = open_branch(tmp_path / "clone", lab.BRANCH, "origin", 60.0)
    with repository.locked():
        tree = CommitTree.of_newest_commit(repository)
        first, second = (make_commit(tree, TreeChange({name: b"x"}), name) for name in ("one", "two"))
        repository.publish(first, None)
        with pytest.raises(GitError):
            repository.publish(second, None)
        assert repository.tip() == first


def test_cache_is_renewed_only_once(tmp_path: Path, lab: SimpleNamespace) -> None:
    """A second failure is not the fault of the cache; the user's own repository is never renewed."""
    lab.ledger("remote", tmp_path)
    repository = open_branch(tmp_path / "clone", lab.BRANCH, "origin", 60.0)
    with repository.locked():
        assert (repository.renew(), repository.renew()) == (True, False)
    assert not open_branch(tmp_path / "clone", lab.BRANCH, None, 60.0).renew()


def test_cache_is_for_the_group_at_most(tmp_path: Path, lab: SimpleNamespace) -> None:
    """Whatever the umask allows, others may not read the files of the cache."""
    lab.ledger("remote", tmp_path).append([lab.entry("run-1")])
    clone = lab.clone(tmp_path / "second", (tmp_path / "server.git").as_uri())
    before = os.umask(0o022)
    try:
        BranchLedger(clone, lab.BRANCH, lab.NOW).read(*EVER)
    finally:
        os.umask(before)
    cache = clone / ".git" / "pytest-carbon"
    assert cache.stat().st_mode & 0o7 == 0
    assert {path.stat().st_mode & 0o7 for path in (cache / "ledger.git").rglob("*.pack")} == {0}
