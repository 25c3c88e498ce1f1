"""What a step of a job was started with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from github_action import commands
from github_action.context import Context
from github_action.inputs import Inputs
from github_action.stages import Stage

if TYPE_CHECKING:
    from github_action.client import Client
    from github_action.ledgers import Secrets


@dataclass(frozen=True, slots=True)
class Job:
    """The event, what was asked for and what is to be done; ``pause`` is how it waits between calls of the API."""

    context: Context
    inputs: Inputs
    stages: frozenset[Stage]
    environment: Mapping[str, str]
    pause: Callable[[float], None]

    @property
    def secrets(self) -> Secrets:
        """What this step may use and must not tell: nothing of it reaches the step that measures."""
        from github_action.ledgers import Secrets

        told = (self.environment.get(name, "").strip() or None for name in ("CARBON_TOKEN", "CARBON_LEDGER_URL"))
        return Secrets(*told)

    def client(self) -> Client:
        """Return a client of the API with this token."""
        from github_action.client import Client

        return Client(self.context.api_url, self.secrets.token, say=commands.notice, pause=self.pause)
