"""The state of the fake: repositories, tokens and a clock."""

from __future__ import annotations

import base64
import binascii
import itertools
import threading
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.github_action.fake.repository import Repository

START = datetime(2026, 6, 15, 12, tzinfo=UTC)
_LIMIT = 1000
_LEVELS = {"none": 0, "read": 1, "write": 2}


class Refusal(Exception):
    """An error response, with GitHub's message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass(frozen=True)
class Token:
    """A job's token, with the ``permissions`` of a workflow; it writes to a fork only if it was made for the fork."""

    secret: str
    login: str
    rights: Mapping[str, str]
    user: bool
    repository: str | None

    def may(self, right: str, level: str, repo: Repository) -> bool:
        """Return whether the token has a permission. Stricter than GitHub, where any token reads public data."""
        ours = self.repository == repo.name if self.repository else repo.parent is None
        given = "read" if right == "metadata" else self.rights.get(right, "none")
        return _LEVELS[given] >= _LEVELS[level] and (ours or (level == "read" and repo.public))


class World:
    """All repositories and tokens, and a clock that moves by a second with every write.

    A commit of ``NAME@example.org`` is one of the account NAME, unless the address is ``unlinked``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server_url = "http://127.0.0.1"
        self.clock = START
        self.lock = threading.Lock()
        self.repositories: dict[str, Repository] = {}
        self.artifacts: dict[int, bytes] = {}
        self.unlinked: set[str] = set()
        self._tokens: dict[str, Token] = {}
        self._ids = itertools.count(1001)

    @property
    def api_url(self) -> str:
        """The URL of the API. It has a path, as on a GitHub Enterprise Server."""
        return f"{self.server_url}/api/v3"

    def repository(
        self, name: str, *, fork_of: Repository | None = None, public: bool = True, branch: str = "main"
    ) -> Repository:
        """Make a repository, empty or a fork."""
        repo = Repository(self, name, fork_of, public, branch)
        self.repositories[name] = repo
        return repo

    def delete(self, repo: Repository) -> None:
        """Delete a repository; pull requests from it keep their commits."""
        del self.repositories[repo.name]

    def token(
        self,
        rights: Mapping[str, str],
        login: str = "github-actions[bot]",
        *,
        user: bool = False,
        repository: str | None = None,
    ) -> str:
        """Make a token and return its secret. A ``user`` may ask for the own login; a job may not."""
        secret = f"ghs_{len(self._tokens):036d}"
        self._tokens[secret] = Token(secret, login, rights, user, repository)
        return secret

    def token_of(self, secret: str | None) -> Token | None:
        """Return the token with a secret; None without a secret. Raises Refusal for an unknown secret."""
        if secret is None:
            return None
        if secret not in self._tokens:
            raise Refusal(401, "Bad credentials")
        return self._tokens[secret]

    def new_id(self) -> int:
        return next(self._ids)

    def now(self) -> str:
        return self.clock.strftime("%Y-%m-%dT%H:%M:%SZ")

    def tick(self) -> str:
        """Move the clock by a second and return the time."""
        self.clock += timedelta(seconds=1)
        return self.now()

    def rate(self, used: int) -> dict[str, int]:
        """Return the rate limit, its use and its reset by the machine's clock, which clients have too."""
        left = max(_LIMIT - used, 0)
        return {"limit": _LIMIT, "used": used, "remaining": left, "reset": int(time.time()) + 3600}

    def account_of(self, email: str) -> dict[str, Any] | None:
        """Return the account that has linked an e-mail address; None without one."""
        login, _, host = email.partition("@")
        return None if host != "example.org" or email in self.unlinked else self.user(login)

    def user(self, login: str | None) -> dict[str, Any] | None:
        """Return an account as responses describe it; None for a deleted account."""
        if login is None:
            return None
        kind = "Bot" if login.endswith("[bot]") else "User"
        url = f"{self.api_url}/users/{login}"
        return {"login": login, "id": zlib.crc32(login.encode()), "type": kind, "url": url,
                "html_url": f"{self.server_url}/{login}"}  # fmt: skip


def secret_of(authorization: str) -> str | None:
    """Return the token of a header, plain (bearer, token) or as the password that git sends; None without one."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return value.strip() or None
    try:
        return base64.b64decode(value).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
