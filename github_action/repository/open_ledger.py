"""The ledger that the policy names: a database, or a branch, reached through an empty repository of ours."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from github_action.event.github_context import GitHubContext
from pytest_carbon.config.load import DEFAULT_LEDGER_BRANCH, Config
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.git import run_git
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from pytest_carbon.ledgers.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Secrets:
    """What lets a step in: the token of GitHub, and the URL of the ledger's database; None for what it was not told."""

    token: str | None = field(default=None, repr=False)
    ledger_url: str | None = field(default=None, repr=False)


def open_ledger(context: GitHubContext, config: Config, secrets: Secrets, folder: Path, now: datetime) -> Ledger:
    """Open the ledger that the policy names: a database or, with any other or none, the repository's branch.

    The token is told to git alone, and is never on disk. ConfigError where the URL of the database was not told.
    """
    if config.ledger.sql is not None:
        return _open_database(context, config, secrets.ledger_url, now)
    if not (folder / "HEAD").exists():
        folder.mkdir(parents=True, exist_ok=True)
        run_git.run(["init", "--quiet", "--bare", "."], folder)
        run_git.run(["remote", "add", "origin", f"{context.server_url}/{context.repository}"], folder)
    branch = config.ledger.branch or DEFAULT_LEDGER_BRANCH
    return BranchLedger(
        folder, branch, now, "origin", config.ledger.runs, settings=git_credentials(context, secrets.token)
    )


def _open_database(context: GitHubContext, config: Config, url: str | None, now: datetime) -> Ledger:
    """Open the database at ``url``, whose address is no business of those who read logs and comments."""
    if not url:
        raise ConfigError(
            "the policy keeps the ledger in a database ([ledger] sql), and this job was not told its URL; give the "
            "Action the input ledger-url, from a secret. A pull request of a fork finds no secrets in its own run, "
            "only in one by workflow_run (docs/workflows/carbon-publish.yml)"
        )
    from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger

    settings = config.ledger
    repository = settings.repository or context.repository
    return SqlLedger(url, repository, now, settings.runs, settings.organisation, private=True)


def unused_url_notes(config: Config, secrets: Secrets) -> tuple[str, ...]:
    """Say that the URL of a database was told in vain, as long as the policy does not name one."""
    if config.ledger.sql is not None or not secrets.ledger_url:
        return ()
    return (
        "the input ledger-url is not used, for this policy keeps the ledger in a branch; "
        'to keep it in that database, say sql = "env" in [ledger], on the default branch',
    )


def git_credentials(context: GitHubContext, token: str | None) -> list[tuple[str, str]]:
    """Return what git is told to be let in; nothing without a token.

    GitHub refuses two tokens: one of the user's own configuration, or of the checkout, must not be sent as well.
    """
    if not token:
        return []
    basic, key = (
        base64.b64encode(f"x-access-token:{token}".encode()).decode(),
        f"http.{context.server_url}/.extraheader",
    )
    return [(key, ""), (key, f"Authorization: Basic {basic}")]
