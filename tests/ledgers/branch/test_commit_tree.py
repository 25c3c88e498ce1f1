"""The tree of a branch's newest commit: what is listed and loaded, and how it is changed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_carbon.ledgers.branch.commit_tree import CommitTree, make_commit, split_listing
from pytest_carbon.ledgers.branch.remote_cache import open_branch
from pytest_carbon.ledgers.file_contents import MAX_RECORD_BYTES
from pytest_carbon.ledgers.file_layout import TreeChange

EVER = (date.min, date.max)
DAY = "2026/06/01/"


@pytest.mark.parametrize("kind", ["local", "remote"])
def test_links_and_submodules_are_skipped(kind: str, tmp_path: Path, lab: SimpleNamespace) -> None:
    """Links and submodules on the branch are reported, and an append leaves them there."""
    ledger = lab.ledger(kind, tmp_path)
    ledger.append([lab.entry("good")])
    where = tmp_path / ("clone" if kind == "local" else "server.git")
    oid = lab.git(where, "hash-object", "-w", "--stdin", stdin=b"/etc/passwd").strip()
    entries = (f"120000 {oid}\t{DAY}link.json", f"160000 {'1' * 40}\t{DAY}module.json", f"100755 {oid}\t{DAY}run.json")
    lab.put_entries(where, tmp_path / "index", "".join(f"{line}\0" for line in entries))
    result = ledger.read(*EVER)
    assert [record.id for record in result.records] == ["good"]
    assert {skipped.path: skipped.reason for skipped in result.skipped} == {
        f"{DAY}link.json": "it is a symbolic link", f"{DAY}module.json": "it is a submodule",
        f"{DAY}run.json": "it is not valid JSON (Expecting value: line 1 column 1 (char 0))",
    }  # fmt: skip
    assert ledger.append([lab.entry("more"), lab.entry("link")]) == ["more"]
    assert len(lab.git(where, "ls-tree", "-r", lab.BRANCH).splitlines()) == 6


def test_listing_is_split_into_files_and_other_entries() -> None:
    """Links and submodules are not files, an executable is; paths are made printable."""
    lines = ("100644 blob aa\ta.json", "100755 blob bb\trun", "120000 blob cc\tl\nink", "160000 commit dd\tmodule")
    oids, not_files = split_listing("".join(f"{line}\0" for line in lines).encode())
    assert oids == {"a.json": "aa", "run": "bb"}
    assert [(entry.path, entry.reason) for entry in not_files] == [
        ("l\\nink", "it is a symbolic link"), ("module", "it is a submodule"),
    ]  # fmt: skip


def test_commit_has_the_changed_files_and_its_parent(tmp_path: Path, lab: SimpleNamespace) -> None:
    """Files are added, replaced and removed; others stay; the branch moves only when the commit is published."""
    repository = open_branch(lab.clone(tmp_path / "clone", None), lab.BRANCH, None, 60.0)
    first = make_commit(CommitTree.of_newest_commit(repository), TreeChange({"a": b"1", "b": b"2", "c": b"3"}), "one")
    assert repository.tip() is None
    repository.publish(first, None)
    tree = CommitTree.of_newest_commit(repository)
    assert tree.load(["a", "b"]) == ({"a": b"1", "b": b"2"}, [])
    second = make_commit(tree, TreeChange({"a": b"new", "d/e": b""}, ["b"]), "two")
    repository.publish(second, first)
    changed = CommitTree.of_newest_commit(repository)
    assert changed.load(sorted(changed.paths)) == ({"a": b"new", "c": b"3", "d/e": b""}, [])
    assert lab.git(tmp_path / "clone", "log", "--format=%s %p", lab.BRANCH).split() == ["two", first[:7], "one"]


def test_large_and_missing_files_are_skipped(tmp_path: Path, lab: SimpleNamespace) -> None:
    """A file above its size limit is not loaded, nor is a file whose content the repository lost."""
    clone = lab.clone(tmp_path / "clone", None)
    repository = open_branch(clone, lab.BRANCH, None, 60.0)
    files = {"a.json": b"1", "large.json": b"x" * (MAX_RECORD_BYTES + 1), "lost.json": b"lost"}
    repository.publish(make_commit(CommitTree.of_newest_commit(repository), TreeChange(files), "one"), None)
    tree = CommitTree.of_newest_commit(repository)
    lost = tree.oids["lost.json"]
    (clone / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    data, skipped = tree.load(sorted(files))
    assert data == {"a.json": b"1"}
    assert [(entry.path, entry.reason) for entry in skipped] == [
        ("large.json", "it is larger than 1 MB"), ("lost.json", "its content is missing in the repository"),
    ]  # fmt: skip
