"""Loads the configuration of a project from ``carbon.toml`` or ``[tool.pytest-carbon]`` of ``pyproject.toml``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pytest_carbon.config.grid_settings import GridSettings, read_grid
from pytest_carbon.config.policy_files import NO_FILE, has_policy_file, read_policy_table, refuse_policy_beside
from pytest_carbon.config.policy_tables import read_policy
from pytest_carbon.config.toml_table import (
    TomlTable,
    one_of,
    read_branch,
    read_positive_number,
    read_text,
    read_texts,
    read_whole_number,
)
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.energy.machine_choice import read_configured_machine
from pytest_carbon.core.errors import ConfigError
from pytest_carbon.core.hide_secrets import may_hold_password
from pytest_carbon.core.model import MachineSpec
from pytest_carbon.core.policy.policy import Feature, Policy
from pytest_carbon.core.policy.spell_zone import spell_zone
from pytest_carbon.git import run_git

DEFAULT_REPORT = ".carbon/report.json"
DEFAULT_LEDGER_BRANCH = "carbon-ledger"
USUAL_BRANCHES = ("main", "master", "trunk")
DEFAULT_LEDGER_FOLDER = ".carbon/ledger"
ZONE_VARIABLE = "PYTEST_CARBON_ZONE"
GATE_VARIABLE = "PYTEST_CARBON_GATE"
SQL_VARIABLE = "PYTEST_CARBON_SQL"
SQL_FROM_ENVIRONMENT = "env"


@dataclass(frozen=True, slots=True)
class LedgerSettings:
    """Where the ledger is: a folder, a branch or a database.

    If the file names none of them, the ledger is the folder on a developer's machine and the branch ``carbon-ledger``
    in CI. ``folder_named`` says that the file names the folder. The newest ``runs`` of the default branch are the
    baselines. ``sql`` is a URL without a password, or ``env`` if the variable ``PYTEST_CARBON_SQL`` holds the URL.
    ``repository`` is this project's name in a database; ``organisation`` says that the runs of all repositories in
    the database count.
    """

    folder: Path = Path(DEFAULT_LEDGER_FOLDER)
    branch: str | None = None
    folder_named: bool = False
    remote: str = "origin"
    runs: int = 10
    sql: str | None = None
    repository: str | None = None
    organisation: bool = False


@dataclass(frozen=True, slots=True)
class ConfirmSettings:
    """How base and head are measured in turns: the command that sets up a tree's environment, and a time cap in s."""

    setup: tuple[str, ...] = ()
    cap_s: float | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that a user can set.

    ``source`` names the file, for messages. ``zone_from`` names the option, file or variable that set the zone.
    ``report_named`` says that the user's option named the report, which may then lie outside of the project.
    ``option_prefix`` begins the options of whoever loaded this, for messages.
    ``gated`` says that a gate judges the report later, with overrides and the base's policy, so no limit fails the run.
    """

    root: Path
    source: str = NO_FILE
    report: Path = Path(DEFAULT_REPORT)
    report_named: bool = False
    zone: str | None = None
    zone_from: str = ""
    top: int = 10
    machine: MachineSpec | None = None
    policy: Policy = field(default_factory=Policy)
    ledger: LedgerSettings = field(default_factory=LedgerSettings)
    confirm: ConfirmSettings = field(default_factory=ConfirmSettings)
    grid: GridSettings = field(default_factory=GridSettings)
    gated: bool = False
    option_prefix: str = "--carbon-"

    @property
    def report_option(self) -> str:
        """Return the option that names the report: a verb's output, or pytest's own option."""
        return "--output" if self.option_prefix == "--" else f"{self.option_prefix}report"

    @property
    def features(self) -> Mapping[str, Feature]:
        """Return the policy's features by name."""
        return self.policy.features

    @property
    def budgets(self) -> tuple[Budget, ...]:
        """Return the policy's budgets."""
        return self.policy.budgets

    @property
    def feature_paths(self) -> dict[str, tuple[str, ...]]:
        """Return the path globs of every feature."""
        return {name: feature.paths for name, feature in self.features.items()}


def load_config(
    root: Path,
    *,
    report: str | None = None,
    zone: str | None = None,
    top: int | None = None,
    policy_from: str | None = None,
    environment: Mapping[str, str] = os.environ,
    option_prefix: str = "--carbon-",
) -> Config:
    """Load the configuration of a project; the caller's options win over our variables, and these over the file.

    ``option_prefix`` begins the names of these options in messages: pytest's by default.

    The zone comes from the option, else from the environment variable ``PYTEST_CARBON_ZONE``, else from the file, and
    gets its usual spelling; the URL of a database in the variable ``PYTEST_CARBON_SQL`` wins over one in the file. The
    file's report path is relative to ``root``, the option's to the working directory. With ``policy_from`` the file is
    read from that commit, so that nobody can raise his own budget. Raises ConfigError, which names the file and the
    key, for a wrong value, an unknown key, a file that cannot be read and an unknown commit.
    """
    table, source = read_policy_table(root, policy_from)
    settings = TomlTable(table, source)
    file_top = settings.take("top", read_whole_number, 10)
    file_report = settings.take("report", read_text, DEFAULT_REPORT)
    zones = [
        (zone, f"{option_prefix}zone"),
        (environment.get(ZONE_VARIABLE), f"the variable {ZONE_VARIABLE}"),
        (settings.take("zone", read_text, None), source),
    ]
    chosen_zone, zone_from = next(((z, where) for z, where in zones if z and z.strip()), (None, ""))
    policy = read_policy(settings)
    if not policy.budgets:
        refuse_policy_beside(root, policy_from)
    machine = settings.take("machine", read_configured_machine, None)
    ledger = settings.take("ledger", _read_ledger, LedgerSettings())
    if ledger.sql and environment.get(SQL_VARIABLE, "").strip():
        ledger = replace(ledger, sql=SQL_FROM_ENVIRONMENT)
    confirm = settings.take("confirm", _read_confirm, ConfirmSettings())
    grid = settings.take("grid", read_grid, GridSettings())
    settings.refuse_unknown_keys()
    if top is not None and top < 1:
        raise ConfigError(f"{option_prefix}top is {top}; it must be at least 1")
    return Config(
        root=root,
        source=source,
        report=Path.cwd() / report if report else root / file_report,
        report_named=bool(report),
        zone=spell_zone(chosen_zone) if chosen_zone else None,
        zone_from=zone_from,
        top=top if top is not None else file_top,
        machine=machine,
        policy=policy,
        ledger=ledger,
        confirm=confirm,
        grid=grid,
        gated=environment.get(GATE_VARIABLE) == "1",
        option_prefix=option_prefix,
    )


def default_branch(config: Config) -> str:
    """Return the branch that runs are compared with: the policy's, else the remote's default branch, else a usual name.

    The usual names are main, master and trunk, the first that exists; main if none exists.
    """
    if config.policy.default_branch:
        return config.policy.default_branch
    remotes = f"refs/remotes/{config.ledger.remote}/"
    head = run_git.try_text(["symbolic-ref", "-q"], config.root, names=[f"{remotes}HEAD"])
    if head:
        return head.removeprefix(remotes)
    refs = {f"{place}{name}": name for name in USUAL_BRANCHES for place in ("refs/heads/", remotes)}
    listing = run_git.try_text(["for-each-ref", "--format=%(refname)"], config.root, names=list(refs))
    branches = {refs[ref] for ref in (listing or "").splitlines() if ref in refs}
    return next((name for name in USUAL_BRANCHES if name in branches), "main")


def find_root(start: Path) -> Path:
    """Return the nearest folder upwards with a ``carbon.toml`` or ``pyproject.toml``; ``start`` if there is none."""
    for folder in (start, *start.parents):
        if has_policy_file(folder):
            return folder
    return start


def _read_ledger(value: Any, where: str) -> LedgerSettings:
    if isinstance(value, str):  # which is not shown: it may be the URL of a database
        raise ConfigError(f'{where} is a text; it must be a table, such as [ledger] with sql = "env"')
    for key in ("folder", "branch", "remote", "repository"):
        if isinstance(value, dict) and ":" in str(value.get(key)):  # it is not shown: it may be a URL with a password
            raise ConfigError(f'{where}: {key} has a colon; if it is the URL of a database, write sql = "env"')
    table = TomlTable(value, where)
    folder, branch = table.take("folder", read_text, None), table.take("branch", read_branch, None)
    remote, runs = table.take("remote", read_branch, "origin"), table.take("runs", read_whole_number, 10)
    sql, repository = table.take("sql", _read_sql_url, None), table.take("repository", read_text, None)
    scope = table.take("scope", one_of("repository", "organisation"), "repository")
    table.refuse_unknown_keys()
    named = [key for key, value in (("folder", folder), ("branch", branch), ("sql", sql)) if value]
    if len(named) > 1:
        raise ConfigError(f"{where} has a {' and a '.join(named)}; keep one of them")
    path = Path(folder or DEFAULT_LEDGER_FOLDER)
    return LedgerSettings(path, branch, bool(folder), remote, runs, sql, repository, scope == "organisation")


def _read_sql_url(value: Any, where: str) -> str:
    """Return the URL of a database. Raises ConfigError for a password in it, which every clone would contain."""
    try:
        is_url = isinstance(value, str) and bool(value.strip()) and urlsplit(value) is not None
    except ValueError:
        is_url = False
    if not is_url:
        raise ConfigError(f'{where} is no URL; write "postgresql://host/database" or "sqlite:///file"')
    if may_hold_password(value):
        raise ConfigError(
            f"{where} holds a password, which everybody with the code can read; remove it, and give it in "
            f'PGPASSWORD, in ~/.pgpass, or as a whole URL in {SQL_VARIABLE} with sql = "{SQL_FROM_ENVIRONMENT}"'
        )
    return str(value)


def _read_confirm(value: Any, where: str) -> ConfirmSettings:
    table = TomlTable(value, where)
    setup, cap_s = table.take("setup", read_texts, ()), table.take("cap-s", read_positive_number, None)
    table.refuse_unknown_keys()
    return ConfirmSettings(setup, cap_s)
