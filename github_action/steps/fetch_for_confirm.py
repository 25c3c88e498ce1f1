"""Brings what confirming needs while there are secrets: the base commit into the checkout, and the ledger as files."""

from __future__ import annotations

import os
import shutil
from datetime import datetime
from pathlib import Path

from github_action.event.github_context import GitHubContext, is_sha
from github_action.event.inputs import ActionInputs
from github_action.repository.bare_repository import git_credentials
from github_action.repository.open_ledger import Secrets, open_ledger
from pytest_carbon.config.load import DEFAULT_LEDGER_BRANCH, Config, default_branch, load_config
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.git import run_git
from pytest_carbon.git.remote_access import Settings, settings_environment
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.usecases.ledger_history import read_history

_CONFIRMED = ("pull_request", "merge_group")


def ledger_folder(inputs: ActionInputs) -> Path:
    """Return where the ledger's files are for the command that confirms."""
    return inputs.temporary_folder / "pytest-carbon" / "ledger"


def find_base_commit(context: GitHubContext, folder: Path) -> str | None:
    """Return the commit to compare with, of a merge that GitHub made its first parent; None if nobody tells."""
    if context.event not in _CONFIRMED:
        return None
    told = context.payload.get("pull_request") or context.payload.get("merge_group") or {}
    commit = run_git.try_text(["cat-file", "-p", "HEAD"], folder) or ""
    parents = [line.removeprefix("parent ") for line in commit.splitlines() if line.startswith("parent ")]
    if len(parents) == 2 and parents[1] == (told.get("head") or {}).get("sha"):
        return parents[0]
    base = (told.get("base") or {}).get("sha") or told.get("base_sha")
    return str(base) if is_sha(base) else None


def limits_growth(config: Config) -> bool:
    """Say whether a policy has a limit on growth: without one there is nothing to confirm."""
    return any(budget.growth is not None for budget in config.budgets)


def fetch_for_confirm(context: GitHubContext, inputs: ActionInputs, secrets: Secrets, now: datetime) -> list[str]:
    """Fetch the base commit, and where its policy limits growth the ledger; return what could not be had, in sentences.

    What the checkout's own policy says does not matter: a pull request may have changed it.
    """
    folder = inputs.workspace / inputs.working_directory
    base = find_base_commit(context, folder) if inputs.command else None
    if base is None:
        return []
    settings = [*git_credentials(context, secrets.token), ("core.hooksPath", os.devnull)]
    address = f"{context.server_url}/{context.repository}"
    try:
        _fetch_base(address, base, folder, settings)
    except run_git.GitError as error:
        return [f"the base commit {base[:12]} could not be fetched: {error}"]
    try:
        config = load_config(folder, policy_from=base)
    except CarbonError:
        return []  # the gate tells it
    if not limits_growth(config):
        return []
    _tell_default_branch(context, folder)
    shutil.rmtree(ledger_folder(inputs), ignore_errors=True)
    if config.ledger.sql is not None:
        return _copy_ledger(context, config, inputs, secrets, now)
    return _fetch_ledger(address, config, inputs, settings)


def _fetch_base(address: str, base: str, folder: Path, settings: Settings) -> None:
    """Get a commit into the checkout, which stays as deep as it is."""
    if run_git.find_commit(base, folder) is not None:
        return
    shallow = run_git.try_text(["rev-parse", "--is-shallow-repository"], folder) == "true"
    options = ["--quiet", "--no-tags", "--no-recurse-submodules", *(["--depth=1"] if shallow else [])]
    run_git.run(["fetch", *options, address, base], folder, environment=settings_environment(settings))


def _tell_default_branch(context: GitHubContext, folder: Path) -> None:
    """Note in the checkout, as a clone does, which branch is the default: there are no others here to tell it by."""
    head = "refs/remotes/origin/HEAD"
    if context.default_branch and run_git.try_text(["symbolic-ref", "-q", head], folder) is None:
        run_git.try_text(["symbolic-ref", head, f"refs/remotes/origin/{context.default_branch}"], folder)


def _fetch_ledger(address: str, config: Config, inputs: ActionInputs, settings: Settings) -> list[str]:
    """Write the ledger's newest files to a folder, which is empty if there is none yet."""
    into = ledger_folder(inputs)
    options = ["--quiet", "--depth=1", "--no-tags", f"--branch={config.ledger.branch or DEFAULT_LEDGER_BRANCH}"]
    try:
        run_git.run(
            ["clone", *options, address, str(into)], inputs.temporary_folder, environment=settings_environment(settings)
        )
        shutil.rmtree(into / ".git", ignore_errors=True)
    except run_git.GitError as error:
        if "not found in upstream" not in error.output:
            return [f"the ledger could not be fetched: {error}"]
        into.mkdir(parents=True)  # nothing was recorded yet
    return []


def _copy_ledger(
    context: GitHubContext, config: Config, inputs: ActionInputs, secrets: Secrets, now: datetime
) -> list[str]:
    """Write what growth is told from into a folder: the newest baselines of a database, and what self-tests found."""
    into = ledger_folder(inputs)
    try:
        ledger = open_ledger(context, config, secrets, into, now)
        baselines, _ = ledger.baselines(default_branch(config), config.ledger.runs)
        selftests = read_history(ledger, (), now, every_run=False).selftests
        into.mkdir(parents=True)
        folder = FolderLedger(into, now, config.ledger.runs)
        folder.append(selftests)
        for run in reversed(baselines):
            folder.append([], run)
    except CarbonError as error:
        shutil.rmtree(into, ignore_errors=True)  # a part of a ledger would look like one
        return [f"the ledger could not be fetched: {error}"]
    return []
