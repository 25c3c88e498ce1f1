"""A client that sends any request, right or wrong; for the tests of the fake itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import requests

from tests.github_action.fake.repository import Repository
from tests.github_action.fake.server import FakeGitHub

RIGHTS = ("actions", "checks", "contents", "issues", "pull-requests", "statuses")


@dataclass
class RawClient:
    """A session with a token. ``api("GET", "~/pulls")`` requests a path; ``~`` is the path of the repository."""

    hub: FakeGitHub
    repo: Repository
    token: str | None
    session: requests.Session = field(default_factory=requests.Session)

    def __call__(self, verb: str, path: str, body: Any = None, **query: str | int) -> requests.Response:
        """Return the answer; redirects are not followed."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        url = self.hub.api_url + path.replace("~", f"/repos/{self.repo.name}", 1)
        return self.session.request(verb, url, params=query, json=body, headers=headers, allow_redirects=False)

    def get_json(self, path: str, **query: str | int) -> Any:
        """Return the JSON of a path; the request must succeed."""
        answer = self("GET", path, **query)
        assert answer.ok, answer.text
        return answer.json()
