"""A request to GitHub's API, and how it carries the token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.auth import AuthBase

from github_action.api.permissions import needed_permission

MAX_JSON_BYTES = 20_000_000


class TokenAuth(AuthBase):
    """Adds the token to a request. An empty token keeps requests from sending a password of ~/.netrc."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Add the header."""
        if self._token:
            request.headers["Authorization"] = f"token {self._token}"
        return request


@dataclass(frozen=True, slots=True)
class Request:
    """A request to send. Messages show ``path`` and never ``url``, because a signed URL must not get into logs.

    ``reads``: the request changes nothing, so it can be repeated, whatever its method.
    """

    method: str
    path: str
    url: str
    query: Mapping[str, str | int] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    max_bytes: int = MAX_JSON_BYTES
    signed: bool = False
    reads: bool = False

    def __str__(self) -> str:
        return f"{self.method} {self.path[:200]}"

    @property
    def permission(self) -> str:
        """The permission that the token needs; empty if every token has it."""
        return needed_permission(self.kind, self.path)

    @property
    def kind(self) -> str:
        """The method by which to tell whether the request can be repeated."""
        return "GET" if self.reads else self.method
