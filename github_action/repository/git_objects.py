"""Fetches single commits, trees and files of the repository into a bare repository, without a checkout."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path

from github_action.event.github_context import GitHubContext
from github_action.repository.bare_repository import git_credentials, make_bare_repository
from pytest_carbon.core.errors import CarbonError
from pytest_carbon.git import run_git
from pytest_carbon.git.remote_access import Settings, settings_environment

MOST_FILES = 5000
TIMEOUT_S = 20.0
"""Of one request to the server. The author of a pull request decides how much there is to fetch."""
_SETTINGS: Settings = (
    ("core.bigFileThreshold", "1m"),  # git streams larger files to disk instead of holding them in memory
    ("fetch.negotiationAlgorithm", "noop"),  # fetch the files of a commit that is here already
)
_WITHOUT_FILES: Settings = (("remote.origin.promisor", "true"), ("remote.origin.partialclonefilter", "blob:none"))
"""Set for a fetch only, so that no other command fetches missing files by itself."""
_FETCH_OPTIONS = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance")


class GitObjects:
    """The objects fetched from a repository. Only git gets the token, and no file holds it."""

    def __init__(self, context: GitHubContext, token: str | None, folder: Path) -> None:
        """Make the bare repository in the folder, or use the one that is there. Raises GitError if git fails."""
        self.folder = folder
        self._settings = [*git_credentials(context, token), *_SETTINGS]
        self._files: set[str] = set()
        make_bare_repository(context, folder)

    def fetch_commits(self, commits: Sequence[str]) -> None:
        """Fetch commits with their trees, without files. Raises GitError if a commit cannot be fetched."""
        self._fetch("--depth=1", names=["origin", *commits])

    def fetch_files(self, blobs: Collection[str]) -> None:
        """Fetch files by the hashes of their blobs, all at once, unless they are here already.

        Raises GitError if a file cannot be fetched, and CarbonError for more than ``MOST_FILES`` files.
        """
        missing = sorted({*blobs} - self._files)
        if len(missing) > MOST_FILES:
            raise CarbonError(
                f"{len(missing)} files may declare what is supported, but at most {MOST_FILES} are read; "
                "are generated files committed?"
            )
        if missing:
            self._fetch("--stdin", names=["origin"], stdin="".join(f"{blob}\n" for blob in missing).encode())
            self._files.update(missing)

    def _fetch(self, option: str, names: Sequence[str], stdin: bytes = b"") -> None:
        run_git.run(
            ["fetch", *_FETCH_OPTIONS, option],
            self.folder,
            names=names,
            git_dir=self.folder,
            stdin=stdin,
            environment=settings_environment([*self._settings, *_WITHOUT_FILES]),
            timeout_s=TIMEOUT_S,
        )

    def changed_paths(self, base: str, head: str) -> list[str]:
        """Return the paths at which two fetched commits differ: of a moved file, both paths."""
        options = ["-r", "-z", "--no-renames", "--name-only"]
        listed = run_git.run(["diff-tree", *options], self.folder, names=[base, head], git_dir=self.folder)
        return listed.decode("utf-8", "replace").split("\0")[:-1]

    def find_branches(self, names: Sequence[str]) -> dict[str, str]:
        """Return the newest commit of each of the named branches that exists."""
        refs = {f"refs/heads/{name}": name for name in names}
        listed = run_git.run(
            ["ls-remote"],
            self.folder,
            names=["origin", *refs],
            git_dir=self.folder,
            environment=settings_environment(self._settings),
            timeout_s=TIMEOUT_S,
        )
        lines = (line.split("\t", 1) for line in listed.decode("utf-8", "replace").splitlines())
        return {refs[ref]: commit for commit, ref in lines if ref in refs}
