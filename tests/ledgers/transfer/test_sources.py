"""Where runs are copied from: folders, repositories by path and by URL, and what they are called."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest

from pytest_carbon.ledgers.transfer.sources import SourceAddress, SourceError, open_source, parse_source
from tests.attack import Attack
from tests.git.small_repository import commit, new_repository
from tests.git.test_lazy_fetch import lose_an_object

EVERYTHING = date(2000, 1, 1), date(2100, 1, 1)


def _filled(lab: SimpleNamespace, folder: Path) -> None:
    """Make a server with a ledger, and a clone of it."""
    lab.ledger("remote", folder).append([lab.entry(f"run-{n}") for n in range(3)])


def test_repository_of_a_source_is_not_changed(lab: SimpleNamespace, tmp_path: Path) -> None:
    """A clone is read through its remote, and nothing is written into it; a URL names its own repository."""
    _filled(lab, tmp_path)
    server, clone = tmp_path / "server.git", lab.clone(tmp_path / "fresh", (tmp_path / "server.git").as_uri())
    before = sorted(clone.rglob("*"))
    for address in (parse_source(str(clone)), parse_source(server.as_uri())):
        with open_source(address, lab.BRANCH, lab.NOW) as source:
            assert source.name == f"{tmp_path.name}/server"
            assert len(source.read(*EVERYTHING).records) == 3
    assert sorted(clone.rglob("*")) == before


def test_remote_with_a_relative_path_is_found(lab: SimpleNamespace, tmp_path: Path) -> None:
    """The path is relative to the clone."""
    _filled(lab, tmp_path)
    lab.git(tmp_path / "clone", "remote", "set-url", "origin", "../server.git")
    with open_source(parse_source(str(tmp_path / "clone")), lab.BRANCH, lab.NOW) as source:
        assert len(source.read(*EVERYTHING).records) == 3


@pytest.mark.parametrize(
    ("text", "at", "name"),
    [
        ("ledger", "ledger", None),
        ("org/shop=ledger", "ledger", "org/shop"),
        ("shop=https://git.example.org/a/b?x=y", "https://git.example.org/a/b?x=y", "shop"),
        ("https://git.example.org/a/b?x=y", "https://git.example.org/a/b?x=y", None),
        ("git@git.example.org:a/b.git", "git@git.example.org:a/b.git", None),
        ("a=b", "a=b", None),
        ("=ledger", "=ledger", None),
    ],
)
def test_text_is_parsed_as_an_address(
    text: str, at: str, name: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name stands before the first equals sign, unless the whole text is a folder."""
    (tmp_path / "a=b").mkdir()
    monkeypatch.chdir(tmp_path)
    assert parse_source(text) == SourceAddress(at, name)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("shop=nowhere", "there is no folder nowhere; is it spelt right?"),
        ("empty", "empty has no remote that names the repository; name it: org/name=empty"),
        ("shop=empty", "folder empty: there is no ledger, or it is empty"),
        ("shop=clone", "branch carbon-ledger of clone: there is no ledger, or it is empty"),
        ("x" * 5000, "there is no folder xxx"),
        (
            "https://user:secret@localhost:1/x.git",
            "https://***@localhost:1/x.git has no remote that names the repository; name",
        ),
        ("file:///nowhere/shop.git", "branch carbon-ledger of file:///nowhere/shop.git: the remote cannot be reached"),
        (
            "shop=https://user:secret@localhost:1/x.git",
            "branch carbon-ledger of https://***@localhost:1/x.git: the rem",
        ),
    ],
)
def test_sources_without_a_ledger_are_explained(
    text: str, complaint: str, lab: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error names the source and the reason, and never shows a password."""
    (tmp_path / "empty").mkdir()
    lab.clone(tmp_path / "clone", None)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SourceError) as error, open_source(parse_source(text), lab.BRANCH, lab.NOW):
        pass
    assert str(error.value).startswith(complaint)
    assert "secret" not in str(error.value)


@pytest.mark.attack("git-in-checkout")
def test_repository_that_lacks_a_file_runs_nothing(lab: SimpleNamespace, tmp_path: Path, attack: Attack) -> None:
    """Git would ask the remote of its settings for the file; the record is skipped instead."""
    place = new_repository(tmp_path / "place")
    commit(place, {"2026/01/02/x.json": "{}"})
    lose_an_object(place, "HEAD:2026/01/02/x.json", {"remote.p.url": "x", "remote.p.uploadpack": str(attack.command)})
    with open_source(SourceAddress(str(place), "a/b"), "main", lab.NOW) as source:
        ((skipped,), records) = source.read(*EVERYTHING).skipped, source.read(*EVERYTHING).records
    assert (records, skipped.path) == ((), "2026/01/02/x.json")
    attack.ended("skipped", skipped.reason)
