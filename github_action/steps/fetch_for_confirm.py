"""Fetches what confirming needs, while the step has the secrets: the base commit, and the ledger as files."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from github_action.event.github_context import GitHubContext, is_sha
from github_action.event.inputs import ActionInputs
from github_action.repository.bare_repository import git_credentials
from github_action.repository.open_ledger import Secrets, open_ledger
from pytest_carbon.config.load import DEFAULT_LEDGER_BRANCH, Config, default_branch, load_config
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.files.write_safely import make_folder
from pytest_carbon.git import run_git
from pytest_carbon.git.check_names import branch_problem
from pytest_carbon.git.refusal import why_git_refuses
from pytest_carbon.git.remote_access import Settings, explain_refusal, settings_environment
from pytest_carbon.ledgers.folder.folder_ledger import FolderLedger
from pytest_carbon.usecases.ledger_history import read_history

_CONFIRMED_EVENTS = ("pull_request", "merge_group")


def ledger_folder(inputs: ActionInputs) -> Path:
    """Return the folder of the ledger's files for ``pytest-carbon confirm``."""
    return inputs.temporary_folder / "pytest-carbon" / "ledger"


def find_base_commit(context: GitHubContext, folder: Path) -> str | None:
    """Return the commit to compare with; None if the event compares nothing, or names no base.

    If the checkout is GitHub's own merge of the pull request, the base is its first parent.
    """
    if context.event not in _CONFIRMED_EVENTS:
        return None
    subject = context.payload.get("pull_request") or context.payload.get("merge_group") or {}
    commit = run_git.try_text(["cat-file", "-p"], folder, names=["HEAD"]) or ""
    parents = [line.removeprefix("parent ") for line in commit.splitlines() if line.startswith("parent ")]
    if len(parents) == 2 and parents[1] == (subject.get("head") or {}).get("sha"):
        return parents[0]
    base = (subject.get("base") or {}).get("sha") or subject.get("base_sha")
    return str(base) if is_sha(base) else None


def limits_growth(config: Config) -> bool:
    """Return whether a policy limits growth. Without a limit there is nothing to confirm."""
    return any(budget.growth is not None for budget in config.budgets)


def fetch_for_confirm(context: GitHubContext, inputs: ActionInputs, secrets: Secrets, now: datetime) -> list[str]:
    """Fetch the base commit and, if its policy limits growth, the ledger. Return a sentence for each failure.

    The policy of the checkout is not read, because a pull request may have changed it.
    """
    folder = inputs.workspace / inputs.working_directory
    base = find_base_commit(context, folder) if inputs.command else None
    if base is None:
        return []
    settings = git_credentials(context, secrets.token)
    address = f"{context.server_url}/{context.repository}"
    try:
        _fetch_base(address, base, folder, settings)
    except run_git.GitError as error:
        reason = why_git_refuses(folder) or explain_refusal(error)
        return [f"the base commit {base[:12]} could not be fetched: {reason}"]
    try:
        config = load_config(folder, policy_from=base)
    except CarbonError:
        return []  # the stage gate reports it
    if not limits_growth(config):
        return []
    _set_default_branch(context, folder)
    shutil.rmtree(ledger_folder(inputs), ignore_errors=True)
    if config.ledger.sql is not None:
        return _copy_ledger(context, config, inputs, secrets, now)
    return _fetch_ledger(address, config, inputs, settings)


def _fetch_base(address: str, base: str, folder: Path, settings: Settings) -> None:
    """Fetch a commit into the checkout. A shallow checkout stays shallow, a full one stays full."""
    if run_git.find_commit(base, folder) is not None:
        return
    shallow = run_git.try_text(["rev-parse", "--is-shallow-repository"], folder) == "true"
    options = ["--quiet", "--no-tags", "--no-recurse-submodules", *(["--depth=1"] if shallow else [])]
    run_git.run(["fetch", *options], folder, names=[address, base], environment=settings_environment(settings))


def _set_default_branch(context: GitHubContext, folder: Path) -> None:
    """Set the default branch in the checkout, as a clone does. A checkout of one commit does not know it."""
    head, branch = "refs/remotes/origin/HEAD", context.default_branch
    if branch and not branch_problem(branch) and run_git.try_text(["symbolic-ref", "-q"], folder, names=[head]) is None:
        run_git.try_text(["symbolic-ref"], folder, names=[head, f"refs/remotes/origin/{branch}"])


def _fetch_ledger(address: str, config: Config, inputs: ActionInputs, settings: Settings) -> list[str]:
    """Write the files of the ledger's branch into the folder. The folder is empty if there is no such branch yet.

    The whole name of the branch is asked for, so that no tag of its name is taken. A symbolic link becomes a file.
    """
    target = ledger_folder(inputs)
    branch = f"refs/heads/{config.ledger.branch or DEFAULT_LEDGER_BRANCH}"
    environment = settings_environment([*settings, ("core.symlinks", "false")])
    try:
        run_git.run(["init", "--quiet", "--template="], inputs.temporary_folder, names=[str(target)])
        options = ["--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules"]
        run_git.run(["fetch", *options], target, names=[address, branch], environment=environment)
        run_git.run(["checkout", "--quiet", "--detach", "FETCH_HEAD"], target, environment=environment)
        shutil.rmtree(target / ".git", ignore_errors=True)
    except run_git.GitError as error:
        shutil.rmtree(target, ignore_errors=True)
        if "couldn't find remote ref" not in error.output:
            return [f"the ledger could not be fetched: {explain_refusal(error)}"]
        make_folder(target, target)  # nothing was recorded yet
    return []


def _copy_ledger(
    context: GitHubContext, config: Config, inputs: ActionInputs, secrets: Secrets, now: datetime
) -> list[str]:
    """Copy what a comparison needs from the database to the folder: the newest baselines, and the self-tests."""
    target = ledger_folder(inputs)
    try:
        ledger = open_ledger(context, config, secrets, target, now)
        baselines, _ = ledger.baselines(default_branch(config), config.ledger.runs)
        selftests = read_history(ledger, (), now, every_run=False).selftests
        make_folder(target, target)
        folder = FolderLedger(target, now, config.ledger.runs)
        folder.append(selftests)
        for run in reversed(baselines):
            folder.append([], run)
    except CarbonError as error:
        shutil.rmtree(target, ignore_errors=True)  # half a copy would look like a whole ledger
        return [f"the ledger could not be fetched: {error}"]
    return []
