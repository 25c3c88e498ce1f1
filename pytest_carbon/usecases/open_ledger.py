"""Opens the ledger that is asked for, or the configured one: a folder, a branch, or a database."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from pytest_carbon.config.load import DEFAULT_LEDGER_BRANCH, SQL_FROM_ENVIRONMENT, SQL_VARIABLE, Config
from pytest_carbon.core.errors import ConfigError, LedgerError
from pytest_carbon.git import run_git
from pytest_carbon.ledgers.branch.branch_ledger import BranchLedger
from pytest_carbon.ledgers.file_layout import Ledger
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger


def open_ledger(
    config: Config,
    now: datetime,
    *,
    folder: str | None = None,
    branch: str | None = None,
    sql: str | None = None,
    repository: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Ledger:
    """Open the ledger that is asked for, else the configured one.

    With neither it is the branch ``carbon-ledger`` in a CI that has the remote, and the folder elsewhere.
    """
    settings = config.ledger
    remote = settings.remote if remote_of(config) else None
    if folder is None and branch is None and sql is None:
        branch, sql = settings.branch, settings.sql
        if branch is None and sql is None and not settings.folder_named and environment.get("CI") and remote:
            branch = DEFAULT_LEDGER_BRANCH
    if sql is not None:
        return _open_sql(config, now, sql, repository, environment)
    if branch is not None:
        return BranchLedger(config.root, branch, now, remote, settings.runs)
    return FolderLedger(Path.cwd() / folder if folder else config.root / settings.folder, now, settings.runs)


def _open_sql(
    config: Config, now: datetime, url: str, repository: str | None, environment: Mapping[str, str]
) -> Ledger:
    with _extra():
        from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger
    place = sql_url(config, url, environment)
    name = repository or repository_of(config, environment)
    return SqlLedger(place, name, now, config.ledger.runs, config.ledger.organisation)


def migrate(config: Config, url: str, roles: tuple[str, str] | None = None) -> tuple[str, str | None, str]:
    """Make or upgrade the ledger of a database; return what it is called, and its version before and after.

    ``roles`` are those that may append and that may only read. Raises LedgerError.
    """
    with _extra():
        from pytest_carbon.ledgers.sql.migrate import migrate as migrated
    return migrated(sql_url(config, url), roles)


def repositories(config: Config, now: datetime, url: str) -> list[str]:
    """Return the repositories that have runs in a database, in order. Raises LedgerError."""
    with _extra():
        from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger
    return SqlLedger(sql_url(config, url), "all", now, organisation=True).repositories()


@contextmanager
def _extra() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise LedgerError(
            f"a ledger in a database needs more than is installed ({error}); run: pip install 'pytest-carbon[sql]'"
        ) from error


def sql_url(config: Config, url: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return the URL of a database, from the environment where ``url`` is ``env``; a file is relative to the project.

    Raises ConfigError where the environment has none.
    """
    if url == SQL_FROM_ENVIRONMENT:
        url = environment.get(SQL_VARIABLE, "").strip()
        if not url:
            raise ConfigError(f"the variable {SQL_VARIABLE} is not set; let it hold the URL of the ledger's database")
    scheme, slashes, file = url.partition(":///")
    return f"{scheme}{slashes}{config.root / file}" if scheme == "sqlite" and file else url


def repository_of(config: Config, environment: Mapping[str, str] = os.environ) -> str:
    """Return what this project is called in a database: as configured, in GitHub's CI, or by its remote.

    Raises ConfigError where none of them says it.
    """
    remote = remote_of(config)
    named = (
        config.ledger.repository or environment.get("GITHUB_REPOSITORY") or (remote and run_git.owner_and_name(remote))
    )
    if not named:
        raise ConfigError(
            f"what this project is called in the database is not known: it has no remote {config.ledger.remote!r}; "
            'say --repository org/name, or set repository = "org/name" in [ledger]'
        )
    return named


def remote_of(config: Config) -> str | None:
    """Return the URL of the ledger's remote; None where there is none."""
    return run_git.maybe(["remote", "get-url", config.ledger.remote], config.root)
