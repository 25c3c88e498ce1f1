"""What a step starts with: the secrets of its environment, and a client of GitHub's API."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.steps.job import Job
from tests.github_action.fake import FakeGitHub


def _job(environment: Mapping[str, str], api_url: str = "https://api.github.example") -> Job:
    context = GitHubContext("push", "octo/shop", "e" * 40, "refs/heads/main", 7, 1, "test", api_url=api_url)
    return Job(context, ActionInputs(), frozenset(), environment, lambda _: None)


@pytest.mark.parametrize(
    ("environment", "token", "ledger_url"),
    [
        ({}, None, None),
        ({"CARBON_TOKEN": "", "CARBON_LEDGER_URL": " \n"}, None, None),
        ({"CARBON_TOKEN": " ghs_1\n"}, "ghs_1", None),
        ({"CARBON_LEDGER_URL": "postgresql://x"}, None, "postgresql://x"),
        ({"GITHUB_TOKEN": "ghs_2", "CARBON_TOKEN": "ghs_1"}, "ghs_1", None),
    ],
)
def test_secrets_come_from_the_environment(
    environment: Mapping[str, str], token: str | None, ledger_url: str | None
) -> None:
    """An empty or blank variable counts as missing, and no other token is used."""
    secrets = _job(environment).secrets
    assert (secrets.token, secrets.ledger_url) == (token, ledger_url)


def test_secrets_are_not_shown() -> None:
    """The repr of the secrets, which a log may show, has no secret."""
    assert "ghs_1" not in repr(_job({"CARBON_TOKEN": "ghs_1", "CARBON_LEDGER_URL": "ghs_1"}).secrets)


def test_client_sends_the_token_to_the_runners_api(hub: FakeGitHub) -> None:
    """The address comes from the run's context, the token from the environment."""
    hub.repository("octo/shop", public=False).commit({"a.py": "1\n"})
    token = hub.token({"contents": "read"})
    client = _job({"CARBON_TOKEN": token}, hub.api_url).client()
    assert client.get("repos/octo/shop")["full_name"] == "octo/shop"
