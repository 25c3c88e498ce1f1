"""The ledger's branch, reached without a checkout: through an empty repository that knows its address."""

from __future__ import annotations

import base64
from datetime import datetime
from pathlib import Path

from github_action.context import Context
from pytest_carbon import git
from pytest_carbon.config import DEFAULT_BRANCH, Config
from pytest_carbon.ledgers.git_branch import BranchLedger
from pytest_carbon.ledgers.tree import Ledger


def ledger_of(context: Context, config: Config, token: str | None, folder: Path, now: datetime) -> Ledger:
    """Open the ledger's branch of the repository; the token is told to git alone, and is never on disk."""
    if not (folder / "HEAD").exists():
        folder.mkdir(parents=True, exist_ok=True)
        git.run(["init", "--quiet", "--bare", "."], folder)
        git.run(["remote", "add", "origin", f"{context.server_url}/{context.repository}"], folder)
    branch = config.ledger.branch or DEFAULT_BRANCH
    return BranchLedger(folder, branch, now, "origin", config.ledger.runs, settings=credentials(context, token))


def credentials(context: Context, token: str | None) -> list[tuple[str, str]]:
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
