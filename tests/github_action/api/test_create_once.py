"""An object is created once, whether or not GitHub carried out a request whose response was lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from github_action.api.client import ApiError, Client
from github_action.api.create_once import create_once, create_page_once, page_url
from tests.github_action.fake import FakeGitHub

PATH = "repos/octo/shop/issues"
BODY = {"title": "Carbon report"}


@dataclass
class Issues:
    """The issues of a repository, with a client, and how often they were looked for."""

    client: Client
    searches: int = 0

    def find(self) -> str | None:
        """Return the URL of the first issue."""
        self.searches += 1
        return next((page_url(issue) for issue in self.client.list_items(PATH)), None)

    def create(self) -> str:
        """Create the issue once."""
        return create_page_once(self.client, PATH, BODY, self.find)

    def list_all(self) -> list[Mapping[str, Any]]:
        """Return all issues."""
        return list(self.client.list_items(PATH))


def _ignore(_: object) -> None:
    pass


@pytest.fixture
def issues(hub: FakeGitHub) -> Issues:
    """A repository without issues, and a client that never waits."""
    hub.repository("octo/shop").commit({"a.py": "1\n"})
    return Issues(Client(hub.api_url, hub.token({"issues": "write"}), log=_ignore, pause=_ignore))


def test_object_is_created_without_a_search(issues: Issues) -> None:
    """After success nothing is looked for."""
    url = issues.create()
    assert [issue["html_url"] for issue in issues.list_all()] == [url]
    assert issues.searches == 0


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("drop", [True, False])
def test_lost_response_makes_no_second_object(hub: FakeGitHub, issues: Issues, carried_out: bool, drop: bool) -> None:
    """After a fault or a dropped connection the object is looked for, and created again only if it is missing."""
    hub.fault("POST", "/issues$", status=None if drop else 502, drop=drop, after=carried_out)
    url = issues.create()
    assert [issue["html_url"] for issue in issues.list_all()] == [url]
    assert issues.searches == 1
    assert len(hub.asked("POST", "/issues$")) == (1 if carried_out else 2)


@pytest.mark.parametrize("status", [400, 403, 404, 422])
def test_refusal_is_raised_without_a_search(hub: FakeGitHub, issues: Issues, status: int) -> None:
    """GitHub surely did nothing, and would refuse the same request again."""
    hub.fault("POST", "/issues$", status=status)
    with pytest.raises(ApiError) as caught:
        issues.create()
    assert (caught.value.status, issues.searches, issues.list_all()) == (status, 0, [])


def test_second_failure_is_raised(hub: FakeGitHub, issues: Issues) -> None:
    """The object is created again once, and not for ever."""
    hub.fault("POST", "/issues$", status=502, times=None)
    with pytest.raises(ApiError, match="502"):
        issues.create()
    assert len(hub.asked("POST", "/issues$")) == 2


def test_value_is_what_read_makes_of_the_object(issues: Issues) -> None:
    """``read`` gets the JSON of GitHub's response."""
    assert create_once(issues.client, PATH, BODY, lambda issue: int(issue["number"]), lambda: None) == 1


@pytest.mark.parametrize(
    ("item", "url"), [({"html_url": "https://x.example/1"}, "https://x.example/1"), ({"html_url": None}, ""),
                      ({}, ""), ([], ""), (None, "")]
)  # fmt: skip
def test_page_url(item: object, url: str) -> None:
    """An object without a page has an empty URL."""
    assert page_url(item) == url
