"""A repository of the fake: its git repository, and the data that GitHub keeps beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tests.github_action.fake.git import Bare
from tests.github_action.fake.payloads import Payloads
from tests.github_action.fake.pushes import Pushes
from tests.github_action.fake.runs import Runs
from tests.github_action.fake.threads import Thread, Threads

if TYPE_CHECKING:
    from tests.github_action.fake.state import World

_ROLES = {"admin": "admin", "maintain": "write", "write": "write", "triage": "read", "read": "read", "none": "none"}


class Repository(Threads, Runs, Payloads, Pushes):
    """A repository that a test sets up and inspects. The API reads and writes the same data.

    ``git`` is the folder of the bare repository, to push to and to look into; ``url`` is where the API has the
    repository, ``page`` where people and git find it. ``protected`` and ``ruled`` are the statuses that the protection
    of a branch, and its rules, require.
    """

    def __init__(self, world: World, name: str, parent: Repository | None, public: bool, branch: str) -> None:
        self.world = world
        self.name = name
        self.id = world.new_id()
        self.parent = parent
        self.public = public
        self.bare = Bare(world.folder / f"{name}.git", branch, parent.bare if parent else None)
        self.git = self.bare.path
        self.url = f"{world.api_url}/repos/{name}"
        self.page = f"{world.server_url}/{name}"
        self.threads: dict[int, Thread] = {}
        self.labels: dict[str, dict[str, Any]] = {}
        self.milestones: list[dict[str, Any]] = []
        self.locked: set[int] = set()
        self.collaborators: dict[str, str] = {}
        self.statuses: list[dict[str, Any]] = []
        self.check_runs: list[dict[str, Any]] = []
        self.pushes: list[dict[str, Any]] = []
        self.tips: dict[str, str] = {}
        self.runs: dict[int, dict[str, Any]] = {}
        self.attempts: dict[int, list[str]] = {}
        self.artifacts: list[dict[str, Any]] = []
        self.protected: dict[str, list[str]] = {}
        self.ruled: dict[str, list[str]] = {}

    def commit(
        self,
        files: Mapping[str, str | bytes | None],
        branch: str = "",
        message: str = "Work",
        author: str = "Ann",
        committer: str = "",
        pusher: str = "",
    ) -> str:
        """Commit files to a branch (the default branch) and return the hash; None deletes a file.

        A new branch starts at the default branch. The author also commits and pushes, unless others are named.
        """
        self.world.tick()
        sha = self.bare.commit(files, branch or self.bare.branch, message, author, self.world.clock, committer)
        self.note_pushes(pusher or author.lower())
        return sha

    def point(self, branch: str, sha: str, pusher: str = "ann") -> None:
        """Move a branch to a commit, as a push does, also one with force."""
        self.world.tick()
        self.bare.point(f"refs/heads/{branch}", sha)
        self.note_pushes(pusher)

    def role(self, login: str) -> tuple[str, str]:
        """Return the permission of an account and its role; everyone reads a public repository."""
        role = self.collaborators.get(login, "read" if self.public else "none")
        return _ROLES[role], role

    def facts(self) -> dict[str, Any]:
        """Return the repository as responses describe it."""
        owner, _, name = self.name.partition("/")
        return {
            "id": self.id,
            "name": name,
            "full_name": self.name,
            "owner": self.world.user(owner),
            "private": not self.public,
            "visibility": "public" if self.public else "private",
            "fork": self.parent is not None,
            "default_branch": self.bare.branch,
            "url": self.url,
            "html_url": self.page,
            "clone_url": f"{self.page}.git",
        }
