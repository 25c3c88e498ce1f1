"""Opens the ledger that a command names, or the configured ledger: a folder, a branch, a database."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from pytest_carbon.config.load import DEFAULT_LEDGER_BRANCH, SQL_FROM_ENVIRONMENT, SQL_VARIABLE, Config
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.extend.find_named import find_named
from pytest_carbon.extend.ledger_kinds import extension_ledger_kinds
from pytest_carbon.files.follow_links import UnfitFileError
from pytest_carbon.files.write_safely import real_target
from pytest_carbon.git import run_git
from pytest_carbon.git.refusal import why_git_refuses
from pytest_carbon.ledgers.kinds.ledger_kind import LedgerRequest
from pytest_carbon.ledgers.kinds.registry import LEDGER_KINDS, sql_extra
from pytest_carbon.ledgers.ledger import Ledger


def open_ledger(
    config: Config,
    now: datetime,
    *,
    folder: str | None = None,
    branch: str | None = None,
    sql: str | None = None,
    kind_and_place: str | None = None,
    repository: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Ledger:
    """Open the ledger that the caller names, else the configured ledger, else the default.

    The default is the branch ``carbon-ledger`` in CI, if the project has the remote, and the folder elsewhere.
    ``kind_and_place`` is "NAME:PLACE", as in ``--ledger``. Raises ConfigError, LedgerError; also in CI if git refuses
    to tell the remote.
    """
    settings = config.ledger
    remote = settings.remote if remote_of(config) else None
    if folder is None and branch is None and sql is None and kind_and_place is None:
        branch, sql = settings.branch, settings.sql
        named = branch or sql or settings.folder_named
        if not named and environment.get("CI"):
            branch = _branch_of_ci(config, remote)
    kind, place = _choose_kind_and_place(config, folder, branch, sql, kind_and_place, environment)
    request = LedgerRequest(
        place=place,
        root=config.root,
        now=now,
        remote=remote,
        baselines_kept=settings.runs,
        repository=lambda: repository or repository_of(config, environment),
        organisation=settings.organisation,
    )
    return find_named("kind of ledger", kind, LEDGER_KINDS, extension_ledger_kinds).open(request)


def _branch_of_ci(config: Config, remote: str | None) -> str | None:
    if remote is None and (refused := why_git_refuses(config.root)):
        raise ConfigError(f"which ledger is meant is not known: {refused}")
    return DEFAULT_LEDGER_BRANCH if remote else None


def _choose_kind_and_place(
    config: Config,
    folder: str | None,
    branch: str | None,
    sql: str | None,
    kind_and_place: str | None,
    environment: Mapping[str, str],
) -> tuple[str, str]:
    """Return the name of the kind of ledger, and the place in it. Raises ConfigError for a text without a colon."""
    if kind_and_place is not None:
        kind, colon, place = kind_and_place.partition(":")
        if not colon:
            raise ConfigError(
                "the ledger that --ledger names has no colon; write NAME:PLACE, such as folder:.carbon/ledger"
            )
        if kind not in ("sql", "folder", "branch") and place.startswith("//"):  # it may hold a password: not shown
            raise ConfigError("the ledger that --ledger names is a URL; for a database, write sql: before the URL")
        return kind, sql_url(config, place, environment) if kind == "sql" else place
    if sql is not None:
        return "sql", sql_url(config, sql, environment)
    if any(place and "//" in place and ":" in place for place in (branch, folder)):
        raise ConfigError("the ledger's branch or folder is a URL; for a database, give the URL as sql")
    if branch is not None:
        return "branch", branch
    return "folder", str(Path.cwd() / folder if folder else config.root / config.ledger.folder)


def migrate(config: Config, url: str, roles: tuple[str, str] | None = None) -> tuple[str, str | None, str]:
    """Make or upgrade the ledger of a database; return the database's name, and the version before and after.

    ``roles`` are the database roles that may append and that may only read. Raises LedgerError.
    """
    with sql_extra():
        from pytest_carbon.ledgers.sql.migrate import migrate as migrate_database
    return migrate_database(sql_url(config, url), roles)


def repositories(config: Config, now: datetime, url: str) -> list[str]:
    """Return the repositories that have runs in a database, sorted. Raises LedgerError."""
    with sql_extra():
        from pytest_carbon.ledgers.sql.sql_ledger import SqlLedger
    return SqlLedger(sql_url(config, url), "all", now, organisation=True).repositories()


def sql_url(config: Config, url: str, environment: Mapping[str, str] = os.environ) -> str:
    """Return the URL of a database. "env" is the URL in PYTEST_CARBON_SQL; a SQLite file is relative to the project.

    Raises ConfigError for "env" if the variable is not set.
    """
    if url == SQL_FROM_ENVIRONMENT:
        url = environment.get(SQL_VARIABLE, "").strip()
        if not url:
            raise ConfigError(f"the variable {SQL_VARIABLE} is not set; set it to the URL of the ledger's database")
    scheme, slashes, file = url.partition(":///")
    if scheme != "sqlite" or not file:
        return url
    path = config.root / file
    try:
        real_target(Path(path.as_posix().partition("?")[0]), config.root)
    except UnfitFileError as error:
        raise ConfigError(f"the ledger's database cannot be used ({error.reason}); name the place itself") from None
    return f"{scheme}{slashes}{path}"


def repository_of(config: Config, environment: Mapping[str, str] = os.environ) -> str:
    """Return the project's name in a database: configured, or GitHub's owner/name, or from the URL of the remote.

    Raises ConfigError if the name is in none of these.
    """
    remote = remote_of(config)
    named = (
        config.ledger.repository or environment.get("GITHUB_REPOSITORY") or (remote and run_git.owner_and_name(remote))
    )
    if not named:
        raise ConfigError(
            f"the project's name in the database is not known: the project has no remote {config.ledger.remote!r}; "
            'give --repository org/name, or set repository = "org/name" in [ledger]'
        )
    return named


def remote_of(config: Config) -> str | None:
    """Return the URL of the ledger's remote; None without such a remote."""
    return run_git.try_text(["remote", "get-url"], config.root, names=[config.ledger.remote])
