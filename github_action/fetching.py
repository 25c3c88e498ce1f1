"""Brings what confirming needs while there is a token: the base commit into the checkout, and the ledger as files."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from github_action.context import Context, is_sha
from github_action.inputs import Inputs
from github_action.ledgers import credentials
from pytest_carbon import git
from pytest_carbon.config import DEFAULT_BRANCH, load_config
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.ledgers.transport import environment

CONFIRMED = ("pull_request", "merge_group")


def ledger_folder(inputs: Inputs) -> Path:
    """Return where the ledger's files are for the command that confirms."""
    return inputs.temporary / "pytest-carbon" / "ledger"


def base_of(context: Context, folder: Path) -> str | None:
    """Return the commit to compare with, of a merge that GitHub made its first parent; None if nobody tells."""
    told = context.payload.get("pull_request") or context.payload.get("merge_group") or {}
    commit = git.maybe(["cat-file", "-p", "HEAD"], folder) or ""
    parents = [line.removeprefix("parent ") for line in commit.splitlines() if line.startswith("parent ")]
    if len(parents) == 2 and parents[1] == (told.get("head") or {}).get("sha"):
        return parents[0]
    base = (told.get("base") or {}).get("sha") or told.get("base_sha")
    return str(base) if is_sha(base) else None


def fetch(context: Context, inputs: Inputs, token: str | None) -> list[str]:
    """Fetch both, where growth is judged; return what could not be had, each in a sentence."""
    folder = inputs.workspace / inputs.folder
    try:
        config = load_config(folder)
    except CarbonError:
        return []  # the step that measures tells it
    if context.event not in CONFIRMED or all(budget.growth is None for budget in config.budgets):
        return []
    base, problems = base_of(context, folder), []
    address = f"{context.server_url}/{context.repository}"
    settings = environment([*credentials(context, token), ("core.hooksPath", os.devnull)])
    if base is not None and git.commit_of(base, folder) is None:
        try:
            git.run(["fetch", "--quiet", "--no-tags", "--depth=1", address, base], folder, environment=settings)
        except CarbonError as error:
            problems.append(f"the base commit {base[:12]} could not be fetched: {error}")
    branch, into = config.ledger.branch or DEFAULT_BRANCH, ledger_folder(inputs)
    into.mkdir(parents=True, exist_ok=True)
    try:
        git.run(["init", "--quiet", "."], into)
        git.run(["fetch", "--quiet", "--no-tags", "--depth=1", address, branch], into, environment=settings)
        git.run(["checkout", "--quiet", "--detach", "FETCH_HEAD"], into, environment=settings)
        shutil.rmtree(into / ".git")
    except git.GitError as error:
        if "couldn't find remote ref" not in error.output:  # nothing was recorded yet
            problems.append(f"the ledger could not be fetched: {error}")
    return problems
