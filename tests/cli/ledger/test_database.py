"""A ledger in a database from the command line: made by migrate, used like any other, named by option or setting."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_carbon.config.load import load_config
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.git.run_git import owner_and_name
from pytest_carbon.usecases.open_ledger import open_ledger, repository_of

SHOP = '[ledger]\nsql = "sqlite:///shop.db"\nrepository = "org/shop"\n'
BUDGETS = """
[features.checkout.budget]
limit = "40 kJ"
"""


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("GITHUB_REPOSITORY", "PYTEST_CARBON_SQL"):
        monkeypatch.delenv(variable, raising=False)


def test_database_is_made_and_used(project: Any) -> None:
    """What other ledgers do, this one does: append, list, verify, correct, compact, budget and check."""
    project.policy(BUDGETS + SHOP)
    made = project.carbon("ledger", "migrate", now=None)
    where = f"database {project.root}/shop.db"
    assert (made.code, made.out) == (0, f"the {where} held no ledger, and is of version 0001 now\n")
    again = project.carbon("ledger", "migrate", "--json", now=None)
    assert again.json == {"ledger": where, "before": "0001", "after": "0001"}
    project.baseline()
    report = project.report()
    done = project.carbon("ledger", "append", report)
    assert (done.code, done.out) == (0, f"added run-1 to the {where}\n")
    assert project.carbon("ledger", "append", report).out.startswith("1 of 1 were there already")
    corrected = project.carbon("ledger", "correct", "run-1", "--label", "feature:search", "--reason", "label")
    assert corrected.code == 0
    before = project.carbon("budget", "--json").json["budgets"]
    assert project.carbon("ledger", "compact").out == "packed org/shop 2026/06\n"
    assert project.carbon("budget", "--json").json["budgets"] == before
    assert project.carbon("check", report).code == 0
    said = project.carbon("ledger", "verify", "--json").json
    assert (said["whole"], said["runs"], said["records"]) == (True, 6, {"correction": 1, "entry": 6})
    assert len(project.carbon("ledger", "list", "--json").json["entries"]) == 6
    assert project.carbon("ledger", "list", "--repository", "org/other", "--json").json["entries"] == []


def test_another_repositorys_run_is_not_ours_to_correct(project: Any) -> None:
    """What we said of it would lie with our runs: it would hold until its day is summed, and no longer."""
    project.policy(SHOP + 'scope = "organisation"\n')
    project.carbon("ledger", "migrate", now=None)
    project.carbon("ledger", "append", project.report(), "--repository", "org/pay")
    done = project.carbon("ledger", "correct", "run-1", "--label", "feature:search", "--reason", "why")
    assert (done.code, "no run 'run-1' is in the ledger" in done.err) == (2, True)
    there = project.carbon("ledger", "correct", "run-1", "--label", "feature:search", "--reason", "why",
                           "--repository", "org/pay")  # fmt: skip
    assert there.code == 0
    assert project.carbon("ledger", "verify").out.endswith("whole: nothing is wrong with it\n")


def test_organisation_sees_every_repository(project: Any) -> None:
    """With the scope, all of them are listed; what is appended is still of one."""
    project.policy(SHOP)
    project.carbon("ledger", "migrate", now=None)
    for number, name in enumerate(("org/shop", "org/pay")):
        assert project.carbon("ledger", "append", project.report(number), "--repository", name).code == 0
    assert len(project.carbon("ledger", "list", "--json").json["entries"]) == 1
    project.policy(SHOP + 'scope = "organisation"\n')
    assert len(project.carbon("ledger", "list", "--json").json["entries"]) == 2


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--sql", "sqlite:///a.db", "--folder", "x"), "--folder and --sql are given; a ledger is in one of them"),
        (("--sql", "sqlite:///a.db", "--branch", "x", "--folder", "y"), "--folder and --branch and --sql are given"),
        (("--sql", "env"), "the variable PYTEST_CARBON_SQL is not set; let it hold the URL of the ledger's database"),
        (("--sql", "sqlite:///a.db"), "the project's name in the database is not known: the project has no remote"),
        (("--sql", "sqlite:///a.db", "--repository", "o/n"), "there is no such file, or it may not be read; to make"),
        (("--sql", "oracle://a", "--repository", "o/n"), "a ledger cannot be stored in 'oracle' with such a URL"),
    ],
)
def test_what_is_asked_wrongly_is_told(project: Any, options: tuple[str, ...], told: str) -> None:
    """With exit code 2, and nothing is made."""
    done = project.carbon("ledger", "list", *options)
    assert done.code == 2
    assert told in done.err
    assert not list(project.root.glob("*.db"))


def test_migrate_without_a_database(project: Any) -> None:
    """It says where to name one; a file has no roles."""
    assert (
        "no database is named; say --sql URL, or set sql in [ledger]"
        in project.carbon("ledger", "migrate", now=None).err
    )
    done = project.carbon("ledger", "migrate", "--sql", "sqlite:///a.db", "--roles", "w", "r", now=None)
    assert (done.code, "only PostgreSQL has roles" in done.err) == (2, True)


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ('sql = "postgresql://me:secret@host/db"', "[ledger]: sql holds a password, which everybody with the code can"),
        ('sql = "postgresql://host/db?password=secret"', "sql holds a password"),
        ('sql = "postgresql://[::1/db"', 'sql is no URL; write "postgresql://host/database" or "sqlite:///file"'),
        ('sql = "sqlite:///a.db"\nfolder = "x"', "has a folder and a sql; keep one of them"),
        ('sql = "sqlite:///a.db"\nscope = "all"', 'scope is \'all\'; it must be "repository" or "organisation"'),
        ('sql = ""', "it must be a non-empty string"),
    ],
)
def test_setting_that_cannot_be(tmp_path: Path, setting: str, told: str) -> None:
    """The message never repeats the password."""
    (tmp_path / "carbon.toml").write_text(f"[ledger]\n{setting}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, environment={})
    assert told.replace("[ledger]: ", "") in str(caught.value)
    assert "secret" not in str(caught.value)


def test_url_from_the_environment(project: Any, lab: SimpleNamespace) -> None:
    """A whole URL with its password stands in a variable, where the setting or the option says so."""
    environment = {"PYTEST_CARBON_SQL": "postgresql://me:secret@db.example/carbon", "GITHUB_REPOSITORY": "org/shop"}
    project.policy('[ledger]\nsql = "env"\n')
    config = load_config(project.root, environment={})
    assert open_ledger(config, lab.NOW, environment=environment).where == "database carbon at db.example"
    project.policy()
    config = load_config(project.root, environment={})
    assert open_ledger(config, lab.NOW, sql="env", environment=environment).where == "database carbon at db.example"
    assert open_ledger(config, lab.NOW, environment=environment).where.startswith("folder ")


def test_what_a_project_is_called(project: Any) -> None:
    """As configured, else as GitHub's CI says, else by its remote."""
    project.repository()
    project.git("remote", "add", "origin", "git@github.com:org/by-remote.git")
    config = load_config(project.root, environment={})
    assert repository_of(config, {}) == "org/by-remote"
    assert repository_of(config, {"GITHUB_REPOSITORY": "org/by-ci"}) == "org/by-ci"
    project.policy(SHOP)
    assert repository_of(load_config(project.root), {"GITHUB_REPOSITORY": "org/by-ci"}) == "org/shop"


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://github.com/org/shop.git", "org/shop"),
        ("https://me@host:8443/group/sub/shop/", "sub/shop"),
        ("git@github.com:org/shop.git", "org/shop"),
        ("file:///srv/git/org/shop.git", "org/shop"),
        ("/srv/git/org/shop", "org/shop"),
        ("shop", None),
    ],
)
def test_owner_and_name_of_a_remote(url: str, name: str | None) -> None:
    """However the URL is written."""
    assert owner_and_name(url) == name


def test_command_line_starts_without_the_database(project: Any) -> None:
    """What no ledger in a database needs is not loaded for the others."""
    assert project.carbon("ledger", "list", "--folder", "x").code == 0
    import subprocess

    script = (
        "import sys; from pytest_carbon.cli.main import main; main(['ledger', 'list', '--folder', 'x']); "
        "sys.exit(bool({'sqlalchemy', 'alembic', 'psycopg'} & {*sys.modules}))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False, capture_output=True).returncode == 0
