"""An empty bare repository with the event's repository as ``origin``, and the credentials that git needs for it."""

from __future__ import annotations

import base64
from pathlib import Path

from github_action.event.github_context import GitHubContext
from pytest_carbon.files.write_safely import make_folder
from pytest_carbon.git import run_git
from pytest_carbon.git.remote_access import Settings


def make_bare_repository(context: GitHubContext, folder: Path) -> None:
    """Make the bare repository in a folder, unless the folder has one. Raises GitError if git fails."""
    if (folder / "HEAD").exists():
        return
    make_folder(folder, folder)
    run_git.run(["init", "--quiet", "--bare", "--template="], folder, names=[str(folder)])
    address = f"{context.server_url}/{context.repository}"
    run_git.run(["remote", "add"], folder, names=["origin", address], git_dir=folder)


def git_credentials(context: GitHubContext, token: str | None) -> Settings:
    """Return the git settings that authorise requests to the server; none without a token.

    GitHub refuses a request with two tokens. The first, empty setting therefore removes a token that the user's own
    configuration or the checkout has set.
    """
    if not token:
        return ()
    basic = base64.b64encode(f"x-access-token:{token}".encode()).decode()
    key = f"http.{context.server_url}/.extraheader"
    return ((key, ""), (key, f"Authorization: Basic {basic}"))
