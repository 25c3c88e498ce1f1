"""A pull request read from the API's JSON, whole or with parts that are gone."""

from __future__ import annotations

from typing import Any

import pytest

from github_action.reports.pull_request import PullRequest, read_pull_request

HEAD, BASE = "a" * 40, "b" * 40


def _json(**changes: Any) -> dict[str, Any]:
    whole = {
        "number": 12,
        "user": {"login": "ann", "type": "User"},
        "created_at": "2026-01-02T03:04:05Z",
        "labels": [{"name": "feature:checkout"}, {"name": ""}],
        "state": "open",
        "head": {"sha": HEAD, "ref": "topic", "repo": {"id": 1, "full_name": "octo/shop"}},
        "base": {"sha": BASE, "ref": "main", "repo": {"id": 1, "full_name": "octo/shop"}},
    }
    return {**whole, **changes}


def test_whole_pull_request() -> None:
    """Every field comes from the JSON; a label without a name is left out."""
    expected = PullRequest(
        12, "ann", ("feature:checkout",), HEAD, "topic", "octo/shop", 1, BASE, "main", from_fork=False, is_open=True,
        opened="2026-01-02T03:04:05Z", by_bot=False,
    )  # fmt: skip
    assert read_pull_request(_json()) == expected


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"state": "closed"}, {"is_open": False}),
        ({"user": None, "labels": None}, {"author": "", "labels": (), "by_bot": False}),
        ({"user": {"login": "Copilot", "type": "Bot"}}, {"author": "Copilot", "by_bot": True}),
        ({"user": {"login": "tidy[bot]"}}, {"by_bot": True}),
        (
            {"head": {"sha": HEAD, "ref": "topic", "repo": {"id": 2, "full_name": "eve/shop"}}},
            {"from_fork": True, "head_repository": "eve/shop", "head_repository_id": 2},
        ),
        (
            {"head": {"sha": HEAD, "ref": "topic", "repo": None}},
            {"from_fork": True, "head_repository": "", "head_repository_id": 0},
        ),
    ],
    ids=["closed", "deleted author", "bot", "bot without a type", "fork", "deleted fork"],
)
def test_odd_pull_request(changes: dict[str, Any], fields: dict[str, Any]) -> None:
    """A deleted account has no name; a head in another repository, or in none, is a fork's."""
    pull = read_pull_request(_json(**changes))
    assert pull is not None
    assert {name: getattr(pull, name) for name in fields} == fields


@pytest.mark.parametrize(
    "changes",
    [
        {"head": None},
        {"head": {"sha": "main", "ref": "topic", "repo": {"id": 1}}},
        {"base": {"sha": BASE, "ref": "main", "repo": None}},
        {"base": {"sha": None, "ref": "main", "repo": {"id": 1}}},
    ],
    ids=["no head", "no commit", "no base repository", "no base commit"],
)
def test_pull_request_that_cannot_be_judged(changes: dict[str, Any]) -> None:
    """Without the commits and the base's repository there is nothing to judge."""
    assert read_pull_request(_json(**changes)) is None
