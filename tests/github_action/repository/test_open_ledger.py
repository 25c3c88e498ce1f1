"""The ledger that a policy names: the branch of the repository or a database, and what is said without its URL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from github_action.event.github_context import GitHubContext
from github_action.repository.open_ledger import Secrets, open_ledger, unused_url_notes
from pytest_carbon.config.load import Config, load_config
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger

CONTEXT = GitHubContext("push", "octo/shop", "e" * 40, "refs/heads/main", 7, 1, "test")
NOW = datetime(2026, 6, 15, tzinfo=UTC)
IN_DATABASE = '[ledger]\nsql = "env"\n'


def _config(folder: Path, text: str) -> Config:
    (folder / "carbon.toml").write_text(text, encoding="utf-8")
    return load_config(folder, environment={})


@pytest.mark.parametrize(
    ("text", "branch"),
    [("", "carbon-ledger"), ('[ledger]\nbranch = "energy"\n', "energy"), ('[ledger]\nfolder = "x"\n', "carbon-ledger")],
    ids=["no ledger", "a branch", "a folder"],
)
def test_branch_of_the_repository(tmp_path: Path, text: str, branch: str) -> None:
    """Without a database the ledger is a branch of the repository; a folder of a user's machine does not count here."""
    ledger = open_ledger(CONTEXT, _config(tmp_path, text), Secrets(), tmp_path / "ledger", NOW)
    assert isinstance(ledger, BranchLedger)
    assert ledger.where == f"branch {branch} of origin"


@pytest.mark.parametrize("url", [None, ""])
def test_database_without_its_url(tmp_path: Path, url: str | None) -> None:
    """No ledger is opened in place of the database; the error says where the URL comes from."""
    with pytest.raises(ConfigError, match="this job has no URL of it; give the Action the input ledger-url"):
        open_ledger(CONTEXT, _config(tmp_path, IN_DATABASE), Secrets("token", url), tmp_path / "ledger", NOW)
    assert not (tmp_path / "ledger").exists()


def test_database(tmp_path: Path) -> None:
    """The ledger of a database does not name its address, and neither does the repr of the secrets."""
    secrets = Secrets("ghs_1", "postgresql://carbon:hunter2@db.example/orders")
    ledger = open_ledger(CONTEXT, _config(tmp_path, IN_DATABASE), secrets, tmp_path / "ledger", NOW)
    assert isinstance(ledger, SqlLedger)
    assert ledger.where == "ledger's database"
    assert repr(secrets) == "Secrets()"


def test_note_on_a_url_that_is_not_used(tmp_path: Path) -> None:
    """Only a URL without a database in the policy gets a note."""
    branch, database = _config(tmp_path, ""), _config(tmp_path, IN_DATABASE)
    with_url, without = Secrets(ledger_url="postgresql://x"), Secrets()
    assert [unused_url_notes(database, with_url), unused_url_notes(branch, without)] == [(), ()]
    (note,) = unused_url_notes(replace(branch), with_url)
    assert note.startswith("the input ledger-url is not used")
    assert "postgresql" not in note
