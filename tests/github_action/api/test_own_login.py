"""Whose token this is: GitHub is asked, in the two ways that it knows."""

from __future__ import annotations

import pytest

from github_action.api.client import Client
from github_action.api.own_login import read_own_login
from tests.github_action.fake import FakeGitHub

JOB, APP, PERSON = "github-actions[bot]", "carbon-app[bot]", "ann"


def _ask(hub: FakeGitHub, login: str, *, user: bool = False) -> str:
    token = hub.token({}, login=login, user=user)
    return read_own_login(Client(hub.api_url, token, pause=lambda _: None), "otherwise")


@pytest.mark.parametrize("login", [JOB, APP, PERSON])
def test_account_of_a_token(hub: FakeGitHub, login: str) -> None:
    """A job, an app and a person are told by one call, which any token may make."""
    assert _ask(hub, login, user=login == PERSON) == login
    assert [(request.method, request.path) for request in hub.requests] == [("POST", "/api/graphql")]


def test_call_is_repeated(hub: FakeGitHub) -> None:
    """The question changes nothing, so it is asked again after a fault."""
    hub.fault("POST", "graphql", status=502, times=2)
    assert _ask(hub, APP) == APP


@pytest.mark.parametrize(("login", "told"), [(PERSON, PERSON), (APP, "otherwise")])
@pytest.mark.parametrize(
    "fault",
    [{"status": 404}, {"status": 502}, {"status": 200, "body": {"data": None, "errors": [{"type": "FORBIDDEN"}]}},
     {"status": 200, "body": {"data": {"viewer": None}}}, {"status": 200, "body": ["no"]}, {"drop": True}],
)  # fmt: skip
def test_without_graphql(hub: FakeGitHub, fault: dict[str, object], login: str, told: str) -> None:
    """Without GraphQL only a person's login is told; for an app the input login counts."""
    hub.fault("POST", "graphql", times=None, **fault)  # type: ignore[arg-type]
    assert _ask(hub, login, user=login == PERSON) == told


def test_token_that_is_wrong(hub: FakeGitHub) -> None:
    """Here the input login counts, and the log says how to set it."""
    said: list[str] = []
    assert read_own_login(Client(hub.api_url, "wrong", pause=lambda _: None), JOB, said.append) == JOB
    assert "taken for one of github-actions[bot]; if it is of an app, set the Action's input login" in said[0]


def test_account_that_is_told_is_no_news(hub: FakeGitHub) -> None:
    """Nothing is said then."""
    said: list[str] = []
    assert read_own_login(Client(hub.api_url, hub.token({}, login=APP)), JOB, said.append) == APP
    assert not said


@pytest.mark.parametrize(
    ("api_url", "asked"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://api.octo.ghe.com/", "https://api.octo.ghe.com/graphql"),
        ("https://github.example/api/v3", "https://github.example/api/graphql"),
    ],
)
def test_address_of_graphql(api_url: str, asked: str) -> None:
    """On a server of one's own it is beside the REST API."""
    assert Client(api_url, "t").graphql_url == asked
