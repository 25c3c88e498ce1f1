"""Runs ``pytest-carbon confirm``, which measures base and head in turns where a limit on growth is in doubt."""

from __future__ import annotations

import hashlib
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.event.log_commands import group, warning
from github_action.steps.fetch_for_confirm import find_base_commit, ledger_folder, limits_growth
from pytest_carbon.config.load import load_config
from pytest_carbon.core.errors import CarbonError, ConfigError
from pytest_carbon.core.verdict.wording import shorten
from pytest_carbon.files.read_bounded import POLICY_BYTES, read_bytes
from pytest_carbon.git import run_git
from pytest_carbon.git.branch_base import repository_folder
from pytest_carbon.git.worktree import local_files

_JUDGED = (0, 1, 3)
"""The exit codes of ``pytest-carbon confirm`` after it judged: pass, fail, could not tell."""


@dataclass(frozen=True, slots=True)
class CommitsToCompare:
    """The commits of base and head, and digests of modules that git ignores: both sides would use these files."""

    base: str
    head: str
    generated: Mapping[str, str]


def find_commits(context: GitHubContext, folder: Path) -> CommitsToCompare | None:
    """Return what would be compared, before the command can change the checkout; None if nothing is compared."""
    base = find_base_commit(context, folder)
    if base is None:
        return None
    return CommitsToCompare(base, run_git.find_commit("HEAD", folder) or "HEAD", _digest_generated(folder))


def _digest_generated(folder: Path) -> dict[str, str]:
    """Return a digest of every Python module of the checkout that git ignores and ``confirm`` would copy."""
    try:
        top = repository_folder(folder)
        paths = [path for path in local_files(top).ignored if path.endswith(".py")]
    except CarbonError:
        return {}
    digests = {}
    for path in paths:
        with suppress(OSError):
            digests[path] = hashlib.sha256(read_bytes(top / path, POLICY_BYTES)).hexdigest()
    return digests


def confirm_growth(
    context: GitHubContext,
    inputs: ActionInputs,
    commits: CommitsToCompare,
    report: Path,
    folder: Path,
    environment: Mapping[str, str],
) -> None:
    """Let the project's own ``pytest-carbon confirm`` decide whether there is anything to confirm, and confirm it.

    ``folder`` is the project's, ``environment`` that of the command: without a token. A failure is a warning in the
    log and never fails the job, because the verdict then says that it could not tell.
    """
    base = commits.base
    try:
        config = load_config(folder, policy_from=base)
        if not limits_growth(config):
            return
        after = _digest_generated(folder)
        changed = sorted(path for path in after if after[path] != commits.generated.get(path))
        if changed:
            raise ConfigError(
                f"the command wrote {shorten(', '.join(changed), 200)}, which git ignores, and base and head "
                "would both use; make such files in a step before"
            )
        in_database = config.ledger.sql is not None
        if in_database and not ledger_folder(inputs).is_dir():
            raise ConfigError("the ledger's database was not read; the log of the step begin says why")
        commit_options = ["--policy-from", base, "--base", base, "--head", commits.head]
        command = [*_confirm_command(context, inputs, environment), str(report), *commit_options]
        words = _split_command(inputs.confirm_command or inputs.command)
        # Runs of a database are not copied here, so what confirm says about windows would be wrong.
        stdout = subprocess.DEVNULL if in_database else None
        with group("pytest-carbon confirm"):
            done = subprocess.run(
                [*command, "--", *words], cwd=folder, env=dict(environment), stdout=stdout, check=False
            )
        if done.returncode not in _JUDGED:
            warning("growth is not confirmed; the output of pytest-carbon confirm above says why", "pytest-carbon")
    except (CarbonError, OSError, ValueError) as error:
        warning(f"growth is not confirmed: {error}", "pytest-carbon")


def _confirm_command(context: GitHubContext, inputs: ActionInputs, environment: Mapping[str, str]) -> list[str]:
    """Return the program with the ledger and the labels. Raises ConfigError if the program is not installed."""
    program = shutil.which("pytest-carbon", path=environment.get("PATH"))
    if program is None:
        raise ConfigError("there is no pytest-carbon on PATH; install it beside pytest")
    pull = context.payload.get("pull_request") or {}
    labels = [f"--label={label['name']}" for label in pull.get("labels") or () if label.get("name")]
    ledger = [f"--folder={ledger_folder(inputs)}"] if ledger_folder(inputs).is_dir() else []
    return [program, "confirm", *ledger, *labels]


def _split_command(command: str) -> list[str]:
    try:
        return shlex.split(command)
    except ValueError as error:
        raise ConfigError(f"the command cannot be split into words ({error}); set the input confirm-command") from error
