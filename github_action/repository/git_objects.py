"""Commits, trees and files of the repository without a checkout: fetched one by one into a repository of ours."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from pathlib import Path

from github_action.event.github_context import GitHubContext
from github_action.repository.open_ledger import git_credentials
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.git import run_git
from pytest_carbon.git.remote_access import Settings, settings_environment

MOST_FILES = 5000
TIMEOUT_S = 20.0
"""For one way there and back; who changes a pull request's files decides how much there is to fetch."""
_SETTINGS: Settings = (
    ("core.hooksPath", os.devnull),
    ("core.bigFileThreshold", "1m"),  # larger ones are written as they come, and take no memory
    ("fetch.negotiationAlgorithm", "noop"),  # to have a commit is not to have its files
)
_WITHOUT_FILES: Settings = (("remote.origin.promisor", "true"), ("remote.origin.partialclonefilter", "blob:none"))
"""Told for a fetch only: no other command then fetches by itself."""
_FETCH_OPTIONS = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance")


class GitObjects:
    """What was fetched of a repository. The token is told to git alone, and is never on disk."""

    def __init__(self, context: GitHubContext, token: str | None, folder: Path) -> None:
        """Make the empty repository in a folder of its own, or take the one that is there; GitError where none is."""
        self.folder = folder
        self._settings = [*git_credentials(context, token), *_SETTINGS]
        self._files: set[str] = set()
        if not (folder / "HEAD").exists():
            folder.mkdir(parents=True, exist_ok=True)
            run_git.run(["init", "--quiet", "--bare", "--template=", "."], folder)
            run_git.run(["remote", "add", "origin", f"{context.server_url}/{context.repository}"], folder)

    def fetch_commits(self, commits: Sequence[str]) -> None:
        """Fetch commits with their trees and no file; GitError where one is not to be had."""
        self._fetch("--depth=1", "origin", *commits)

    def fetch_files(self, blobs: Collection[str]) -> None:
        """Fetch the files that are not here yet, by the names of their blobs and all at once.

        GitError where one is not to be had, CarbonError for more than ``MOST_FILES``.
        """
        missing = sorted({*blobs} - self._files)
        if len(missing) > MOST_FILES:
            raise CarbonError(
                f"{len(missing)} files may declare something, more than the {MOST_FILES} that are read here"
            )
        if missing:
            self._fetch("--stdin", "origin", stdin="".join(f"{blob}\n" for blob in missing).encode())
            self._files.update(missing)

    def _fetch(self, *arguments: str, stdin: bytes = b"") -> None:
        told = settings_environment([*self._settings, *_WITHOUT_FILES])
        run_git.run(
            ["fetch", *_FETCH_OPTIONS, *arguments], self.folder, stdin=stdin, environment=told, timeout_s=TIMEOUT_S
        )

    def changed_paths(self, base: str, head: str) -> list[str]:
        """Return the paths at which two commits that were fetched differ; of a file that was moved both."""
        listed = run_git.run(["diff-tree", "-r", "-z", "--no-renames", "--name-only", base, head], self.folder)
        return listed.decode("utf-8", "replace").split("\0")[:-1]

    def find_branches(self, names: Sequence[str]) -> dict[str, str]:
        """Return the newest commits of those branches that there are, by the branch's name."""
        refs = {f"refs/heads/{name}": name for name in names}
        told = settings_environment(self._settings)
        said = run_git.run(["ls-remote", "origin", *refs], self.folder, environment=told, timeout_s=TIMEOUT_S)
        lines = (line.split("\t", 1) for line in said.decode("utf-8", "replace").splitlines())
        return {refs[ref]: commit for commit, ref in lines if ref in refs}
