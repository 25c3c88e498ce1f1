"""Opens the ledger that the policy names: a database, or a branch that is reached through an empty bare repository."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from github_action.event.github_context import GitHubContext
from github_action.repository.bare_repository import git_credentials, make_bare_repository
from pytest_carbon.config.load import DEFAULT_LEDGER_BRANCH, Config
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from pytest_carbon.ledgers.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Secrets:
    """The secrets of a step: the GitHub token and the URL of the ledger's database. A missing secret is None."""

    token: str | None = field(default=None, repr=False)
    ledger_url: str | None = field(default=None, repr=False)


def open_ledger(context: GitHubContext, config: Config, secrets: Secrets, folder: Path, now: datetime) -> Ledger:
    """Open the ledger of a configuration: a database if the policy names one, and else a branch of the repository.

    Only git gets the token, and no file holds it. Raises ConfigError if the policy names a database and this step has
    no URL of it.
    """
    if config.ledger.sql is not None:
        return _open_database(context, config, secrets.ledger_url, now)
    make_bare_repository(context, folder)
    branch, settings = config.ledger.branch or DEFAULT_LEDGER_BRANCH, git_credentials(context, secrets.token)
    ledger = BranchLedger(folder, branch, now, "origin", config.ledger.runs, settings=settings, git_dir=folder)
    ledger.one_state = True
    return ledger


def _open_database(context: GitHubContext, config: Config, url: str | None, now: datetime) -> Ledger:
    """Open the database at ``url``. Readers of logs and comments must not learn the address."""
    if not url:
        raise ConfigError(
            "the policy keeps the ledger in a database ([ledger] sql), but this job has no URL of it; give the Action "
            "the input ledger-url, from a secret. The run of a fork's pull request has no secrets; a run by "
            "workflow_run has them (carbon-publish.yml in docs/github-action.md)"
        )
    from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger

    settings = config.ledger
    repository = settings.repository or context.repository
    return SqlLedger(url, repository, now, settings.runs, settings.organisation, private=True)


def unused_url_notes(config: Config, secrets: Secrets) -> tuple[str, ...]:
    """Return a note that the database URL is not used, if this step has one and the policy names no database."""
    if config.ledger.sql is not None or not secrets.ledger_url:
        return ()
    return (
        "the input ledger-url is not used, because this policy keeps the ledger in a branch; "
        'to keep it in that database, set sql = "env" in [ledger] on the default branch',
    )
