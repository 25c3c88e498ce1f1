"""What has happened to a pull request, as only GitHub tells: labels, bases, closing and opening."""

from __future__ import annotations

from typing import Any

from github_action.api.client import Client
from github_action.api.whole_list import read_whole_list

MOST_EVENTS = 3000
BASE_CHANGED = ("base_ref_changed", "automatic_base_change_succeeded")
"""The events after which a pull request has another base."""


def read_events(client: Client, repository: str, number: int) -> list[dict[str, Any]]:
    """Return all events of a pull request, the oldest first. Raises ApiError if there are more than MOST_EVENTS."""
    return read_whole_list(client, f"repos/{repository}/issues/{number}/events", MOST_EVENTS)
