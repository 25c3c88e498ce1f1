"""A request: what of it is shown, what can be repeated, and how it carries the token."""

from __future__ import annotations

import pytest
import requests

from github_action.api.request import Request, TokenAuth


@pytest.mark.parametrize(("token", "header"), [("t", "token t"), ("", None)])
def test_token_is_a_header(token: str, header: str | None) -> None:
    """Without a token there is no header at all."""
    prepared = requests.Request("GET", "http://127.0.0.1", auth=TokenAuth(token)).prepare()
    assert prepared.headers.get("Authorization") == header


@pytest.mark.parametrize(
    ("method", "reads", "kind"), [("GET", False, "GET"), ("POST", False, "POST"), ("POST", True, "GET")]
)
def test_request_that_only_reads_can_be_repeated(method: str, reads: bool, kind: str) -> None:
    """A query is a POST that changes nothing."""
    request = Request(method, "graphql", "http://127.0.0.1/graphql?secret", reads=reads)
    assert request.kind == kind
    assert str(request) == f"{method} graphql"
