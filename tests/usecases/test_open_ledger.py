"""Which ledger is opened: the named ledger, the configured ledger, or the default."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from pytest_carbon.core.errors import ConfigError
from pytest_carbon.usecases.open_ledger import open_ledger, repository_of, sql_url
from tests.attack import Attack
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


@pytest.mark.attack("lost-base")
def test_kind_14_a_checkout_of_another_user_in_ci_names_no_other_ledger(
    shop: Shop, dubious_git: Callable[[], None], attack: Attack
) -> None:
    """Git does not tell whether there is a remote, and a new folder would be an empty ledger."""
    subprocess.run(["git", "init", "-q", str(shop.root)], check=True)
    dubious_git()
    with pytest.raises(ConfigError, match="which ledger is meant is not known: git refuses the repository") as error:
        open_ledger(shop.config(), NOW, environment=CI)
    attack.harmless(str(error.value))
    assert str(error.value).endswith(f"git config --global --add safe.directory '{shop.root}'")
    assert open_ledger(shop.config(FOLDER), NOW, environment=CI).where.endswith("/f")
    assert open_ledger(shop.config(), NOW, environment={}).where.endswith("/.carbon/ledger")


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
        (BRANCH, False, {}, {"kind_and_place": "folder:/there"}, "folder /there"),
        (BRANCH, False, {}, {"kind_and_place": "sql:sqlite:///b.db", "repository": "org/x"}, "b.db"),
    ],
)
def test_a_named_ledger_hides_the_configured_one(
    shop: Shop, policy: str, remote: bool, environment: dict[str, str], named: dict[str, str], where: str
) -> None:
    """Without either, a CI job with a remote has the branch; everything else has the folder."""
    assert where in _where(shop, policy, remote=remote, environment=environment, **named)


@pytest.mark.parametrize(
    ("kind_and_place", "message"),
    [
        ("shelf", "the ledger that --ledger names has no colon; write NAME:PLACE, such as folder:.carbon/ledger"),
        ("shelf:1", "no kind of ledger is called 'shelf' (there are: branch, folder, sql)"),
    ],
)
def test_an_unknown_kind_of_ledger_is_refused(shop: Shop, kind_and_place: str, message: str) -> None:
    """The message says what to write, or which kinds there are."""
    with pytest.raises(ConfigError) as caught:
        _where(shop, kind_and_place=kind_and_place)
    assert str(caught.value) == message


def test_the_url_of_a_database(shop: Shop) -> None:
    """A SQLite file is relative to the project; ``env`` is the URL of the variable."""
    config = shop.config()
    url = "postgresql://me:secret@host/db"
    assert sql_url(config, "sqlite:///a.db", {}) == f"sqlite:///{shop.root}/a.db"
    assert sql_url(config, "env", {"PYTEST_CARBON_SQL": f" {url} "}) == url
    with pytest.raises(ConfigError, match="the variable PYTEST_CARBON_SQL is not set"):
        sql_url(config, "env", {})


def test_a_project_without_a_name_is_refused(shop: Shop) -> None:
    """The message says how to name the project."""
    with pytest.raises(ConfigError, match=r"has no remote 'origin'; give --repository org/name, or set repository"):
        repository_of(shop.config(), {})


def test_the_url_of_the_environment_is_used_only_for_env(shop: Shop) -> None:
    """A whole URL with its password is in a variable; the word ``env``, as a setting or an option, stands for it."""
    environment = {"PYTEST_CARBON_SQL": "postgresql://me:secret@db.example/carbon", "GITHUB_REPOSITORY": "org/shop"}
    config = shop.config('[ledger]\nsql = "env"\n')
    assert open_ledger(config, NOW, environment=environment).where == "database at db.example"
    config = shop.config()
    assert open_ledger(config, NOW, sql="env", environment=environment).where == "database at db.example"
    assert open_ledger(config, NOW, environment=environment).where.startswith("folder ")


def test_the_name_of_a_project(shop: Shop) -> None:
    """The name is the configured one, else that of GitHub's CI, else that of the remote."""
    subprocess.run(["git", "init", "-q", str(shop.root)], check=True)
    command = ["git", "remote", "add", "origin", "git@github.com:org/by-remote.git"]
    subprocess.run(command, cwd=shop.root, check=True)
    config = shop.config()
    assert repository_of(config, {}) == "org/by-remote"
    assert repository_of(config, {"GITHUB_REPOSITORY": "org/by-ci"}) == "org/by-ci"
    config = shop.config('[ledger]\nsql = "sqlite:///shop.db"\nrepository = "org/shop"\n')
    assert repository_of(config, {"GITHUB_REPOSITORY": "org/by-ci"}) == "org/shop"
