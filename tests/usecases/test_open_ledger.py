"""Which ledger is opened: the named one, the configured one, or the one that fits the place."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.usecases.open_ledger import open_ledger, repository_of, sql_url
from tests.samples import NOW
from tests.usecases.conftest import Shop

CI = {"CI": "true"}
BRANCH, FOLDER, DATABASE = '[ledger]\nbranch = "b"\n', '[ledger]\nfolder = "f"\n', '[ledger]\nsql = "sqlite:///a.db"\n'


def _where(shop: Shop, policy: str = "", *, remote: bool = False, environment: Any = None, **named: str) -> str:
    subprocess.run(["git", "init", "-q", str(shop.root)], check=True)
    if remote:
        command = ["git", "remote", "add", "origin", "https://example.org/org/shop.git"]
        subprocess.run(command, cwd=shop.root, check=True)
    return open_ledger(shop.config(policy), NOW, environment=environment or {}, **named).where


@pytest.mark.parametrize(
    ("policy", "remote", "environment", "named", "where"),
    [
        ("", False, {}, {}, ".carbon/ledger"),
        ("", True, {}, {}, ".carbon/ledger"),
        ("", True, CI, {}, "carbon-ledger"),
        ("", False, CI, {}, ".carbon/ledger"),
        (FOLDER, True, CI, {}, "/f"),
        (BRANCH, False, {}, {}, "branch b"),
        (BRANCH, True, CI, {"folder": "other"}, "/other"),
        (FOLDER, False, {}, {"branch": "c"}, "branch c"),
        (DATABASE, True, CI, {"repository": "org/x"}, "a.db"),
        (BRANCH, False, {}, {"at": "folder:/there"}, "folder /there"),
        (BRANCH, False, {}, {"at": "sql:sqlite:///b.db", "repository": "org/x"}, "b.db"),
    ],
)
def test_the_nearest_name_wins(
    shop: Shop, policy: str, remote: bool, environment: dict[str, str], named: dict[str, str], where: str
) -> None:
    """A named ledger, then the configured one; CI with a remote has the branch, everything else the folder."""
    assert where in _where(shop, policy, remote=remote, environment=environment, **named)


@pytest.mark.parametrize(
    ("at", "message"),
    [
        ("shelf", "the ledger 'shelf' has no colon; write NAME:PLACE, such as folder:.carbon/ledger"),
        ("shelf:1", "no kind of ledger is called 'shelf' (there are: branch, folder, sql)"),
    ],
)
def test_a_ledger_that_nobody_knows_is_refused(shop: Shop, at: str, message: str) -> None:
    """The message says what to write, or which kinds there are."""
    with pytest.raises(ConfigError) as caught:
        _where(shop, at=at)
    assert str(caught.value) == message


def test_the_url_of_a_database(shop: Shop) -> None:
    """A file is relative to the project; ``env`` is the variable's URL."""
    config = shop.config()
    url = "postgresql://me:secret@host/db"
    assert sql_url(config, "sqlite:///a.db", {}) == f"sqlite:///{shop.root}/a.db"
    assert sql_url(config, "env", {"PYTEST_CARBON_SQL": f" {url} "}) == url
    with pytest.raises(ConfigError, match="the variable PYTEST_CARBON_SQL is not set"):
        sql_url(config, "env", {})


def test_a_project_without_a_name(shop: Shop) -> None:
    """The message says what to do."""
    with pytest.raises(ConfigError, match=r"has no remote 'origin'; say --repository org/name, or set repository"):
        repository_of(shop.config(), {})
