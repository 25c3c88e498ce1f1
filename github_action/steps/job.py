"""What a step of a job was started with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from github_action.event import log_commands
from github_action.event.choose_stages import Stage
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs

if TYPE_CHECKING:
    from github_action.api.client import Client
    from github_action.repository.open_ledger import Secrets


@dataclass(frozen=True, slots=True)
class Job:
    """The event, what was asked for and what is to be done; ``pause`` is how it waits between calls of the API."""

    context: GitHubContext
    inputs: ActionInputs
    stages: frozenset[Stage]
    environment: Mapping[str, str]
    pause: Callable[[float], None]

    @property
    def secrets(self) -> Secrets:
        """What this step may use and must not tell: nothing of it reaches the step that measures."""
        from github_action.repository.open_ledger import Secrets

        told = (self.environment.get(name, "").strip() or None for name in ("CARBON_TOKEN", "CARBON_LEDGER_URL"))
        return Secrets(*told)

    def client(self) -> Client:
        """Return a client of the API with this token."""
        from github_action.api.client import Client

        return Client(self.context.api_url, self.secrets.token, log=log_commands.notice, pause=self.pause)
