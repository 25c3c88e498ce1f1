"""What every step of a job starts with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from github_action.event import log_commands
from github_action.event.choose_stages import ActionStage
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs

if TYPE_CHECKING:
    from github_action.api.client import Client
    from github_action.repository.open_ledger import Secrets


@dataclass(frozen=True, slots=True)
class Job:
    """The event, the inputs, the stages to run and the environment. ``pause`` waits between requests to the API."""

    context: GitHubContext
    inputs: ActionInputs
    stages: frozenset[ActionStage]
    environment: Mapping[str, str]
    pause: Callable[[float], None]

    @property
    def secrets(self) -> Secrets:
        """The token and the ledger's URL of this step; None for a missing one. The measuring step has neither."""
        from github_action.repository.open_ledger import Secrets

        values = (self.environment.get(name, "").strip() or None for name in ("CARBON_TOKEN", "CARBON_LEDGER_URL"))
        return Secrets(*values)

    def client(self) -> Client:
        """Return a client of GitHub's API with the token of this step."""
        from github_action.api.client import Client

        return Client(self.context.api_url, self.secrets.token, log=log_commands.notice, pause=self.pause)
