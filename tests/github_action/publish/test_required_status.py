"""Whether somebody waits for a status: what the protection and the rules of the branch require."""

from __future__ import annotations

import pytest

from github_action.api.client import Client
from github_action.publish.required_status import may_be_required
from tests.github_action.fake import FakeGitHub


@pytest.mark.parametrize(
    ("branch", "status", "required"),
    [
        ("main", "carbon/budget", True),
        ("main", "Carbon/Budget", True),
        ("main", "carbon", False),
        ("release/1", "carbon", True),
        ("release/1", "carbon/budget", False),
        ("topic", "carbon/budget", False),
        ("gone", "carbon/budget", True),
        ("..", "carbon/budget", True),
        ("", "carbon/budget", True),
    ],
)
def test_what_a_branch_requires(hub: FakeGitHub, branch: str, status: str, required: bool) -> None:
    """Protection and rules count; a branch that is not known may require anything."""
    repo = hub.repository("octo/shop")
    repo.commit({"a": "a"})
    for name in ("release/1", "topic"):
        repo.commit({"b": "b"}, branch=name)
    repo.protected["main"], repo.ruled["release/1"] = ["tests", "carbon/budget"], ["carbon"]
    client = Client(hub.api_url, hub.token({"contents": "read"}))
    assert may_be_required(client, "octo/shop", branch, status) == required


@pytest.mark.parametrize("answer", [{}, {"protection": None}, {"protection": {"enabled": True}}, [], "main", None])
def test_answer_without_the_protection_is_not_known(hub: FakeGitHub, answer: object) -> None:
    """An older server may not tell it: then the status may be required."""
    hub.repository("octo/shop").commit({"a": "a"})
    hub.fault("GET", "/branches/main$", status=200, body=answer, times=None)
    client = Client(hub.api_url, hub.token({"contents": "read"}))
    assert may_be_required(client, "octo/shop", "main", "carbon/budget")
