"""Other ledgers: the places of an option and of a file, and a visit to each."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.cli.ledger.source_ledgers import UnreadLedger, read_addresses, visit_ledgers
from pytest_carbon.cli.shared.progress import Progress
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.ledgers.transfer.sources import LedgerSource
from tests.attack import Attack
from tests.cli.ledger.conftest import fill_ledger
from tests.git.hostile_folder import plant
from tests.git.small_repository import commit, git, new_repository
from tests.samples import NOW


def test_places_come_from_options_and_a_file(tmp_path: Path) -> None:
    """Blank lines and comments of the file are ignored."""
    file = tmp_path / "places"
    file.write_text("# ours\n\n  org/two=two  \norg/three=three\n", encoding="utf-8")
    addresses = read_addresses(["org/one=one"], str(file))
    assert [address.name for address in addresses] == ["org/one", "org/two", "org/three"]
    assert read_addresses([], None) == []


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "No such file or directory"), (b"\xff\xfe", "it is not UTF-8 text")]
)
def test_a_file_of_places_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None, reason: str) -> None:
    """The message names the file and the reason."""
    file = tmp_path / "places"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        read_addresses([], str(file))
    assert str(caught.value) == f"--sources is {file}, which cannot be read ({reason}); is it spelt right?"


def test_every_readable_ledger_is_visited(project: Any) -> None:
    """A ledger that cannot be read is returned with the reason, and does not stop the visits."""
    fill_ledger(project, "one", [1, 2])
    fill_ledger(project, "two", [3])

    def count_files(source: LedgerSource, progress: Progress) -> tuple[str, int]:
        assert isinstance(progress, Progress)
        return source.name, sum(map(len, source.ids.values()))

    addresses = read_addresses(["org/one=one", "org/gone=gone", "org/two=two"], None)
    counts, unread = visit_ledgers(argparse.Namespace(from_branch=None), addresses, NOW, count_files)
    assert counts == [("org/one", 2), ("org/two", 1)]
    assert unread == [UnreadLedger("gone", "there is no folder gone; is it spelt right?")]


@pytest.mark.attack("git-in-checkout")
@pytest.mark.parametrize("url", ["ssh://git.example.org/x.git", "ext::{command} x", "{server}"])
@pytest.mark.parametrize("verb", ["sync", "verify"])
@pytest.mark.parametrize("place", ["shop=web/evil", "web/evil", "shop=link"])
def test_a_folder_of_a_commit_is_no_repository(
    project: Any, database: str, attack: Attack, verb: str, place: str, url: str
) -> None:
    """A pull request commits files in the shape of a bare repository; who copies or compares ledgers is not hurt."""
    web = new_repository(project.root / "web")
    evil = plant(web / "evil", attack.command, url.format(command=attack.command, server=attack.folder.as_uri()))
    commit(web, {})
    assert "evil/HEAD" in git(web, "ls-files").splitlines()
    (project.root / "link").symlink_to(evil)
    words = [place, "--sql", database] if verb == "sync" else ["--sql", database, "--against", place]
    done = project.carbon("ledger", verb, *words)
    assert "lies in a work tree, so that a commit may have brought them" in done.out
    attack.ended(done.code, done.out, done.err)


@pytest.mark.attack("git-in-checkout")
@pytest.mark.parametrize("setting", ["core.sshCommand", "remote.origin.uploadpack", "core.gitProxy"])
def test_no_setting_of_a_source_is_obeyed(project: Any, database: str, attack: Attack, setting: str) -> None:
    """Of another clone, or of a bare repository, only the remote's address is read."""
    web = new_repository(project.root / "web")
    git(web, "remote", "add", "origin", f"ssh://127.0.0.1:9{attack.folder}/x.git")
    git(web, "config", setting, str(attack.command))
    git(web, "config", f"url.{attack.folder}/other.insteadOf", "ssh://127.0.0.1:9")
    git(project.root, "clone", "-q", "--mirror", str(web), "web.git")
    git(project.root / "web.git", "config", "remote.origin.url", f"ssh://127.0.0.1:9{attack.folder}/x.git")
    git(project.root / "web.git", "config", setting, str(attack.command))
    for place in ("web", "web.git"):
        done = project.carbon("ledger", "sync", f"shop={place}", "--sql", database)
        assert "127.0.0.1" in done.out
        assert "other" not in done.out
        attack.ended(done.code, done.out, done.err)


@pytest.mark.attack("names-as-options")
@pytest.mark.parametrize(
    ("place", "complaint"),
    [
        ("shop=ext::{command} x", "names a program that git would start"),
        ("shop=ssh://-oProxyCommand={command}/x", "names a host that begins with a hyphen"),
        ("shop=git@-oProxyCommand={command}:x", "there is no folder git@-oProxyCommand="),
        ("shop=--upload-pack={command}", "there is no folder --upload-pack="),
        ("shop=clone", "names a program that git would start"),
    ],
)
def test_an_address_starts_no_program(project: Any, database: str, attack: Attack, place: str, complaint: str) -> None:
    """Neither one that a list names nor one that a clone has as its remote."""
    clone = new_repository(project.root / "clone")
    git(clone, "config", "remote.origin.url", f"ext::{attack.command} x")
    (project.root / "places").write_text(place.format(command=attack.command) + "\n", encoding="utf-8")
    done = project.carbon("ledger", "sync", "--sources", "places", "--sql", database)
    assert complaint in done.out
    attack.ended(done.code, done.out, done.err)


def test_a_bare_repository_of_the_user_is_read(project: Any, database: str) -> None:
    """By its path and by its URL; also one in a work tree by its URL."""
    clone = new_repository(project.root / "clone")
    commit(clone, {"a": "1"})
    assert project.carbon("ledger", "append", project.report(1), "--folder", "made").code == 0
    made = {str(path.relative_to(project.root / "made")): path for path in (project.root / "made").rglob("*.json")}
    git(clone, "checkout", "-q", "--orphan", "carbon-ledger")
    commit(clone, {name: path.read_text(encoding="utf-8") for name, path in made.items()})
    git(project.root, "clone", "-q", "--bare", str(clone), "server.git")
    git(project.root / "server.git", "remote", "remove", "origin")
    git(project.root, "clone", "-q", "--bare", str(clone), str(clone / "inside.git"))
    inside = (clone / "inside.git").as_uri()
    for place, added in (("server.git", 1), ((project.root / "server.git").as_uri(), 0), (inside, 0)):
        done = project.carbon("ledger", "sync", f"org/shop={place}", "--sql", database)
        assert (done.code, done.err) == (0, "")
        assert f"org/shop: added {added} record" in done.out
