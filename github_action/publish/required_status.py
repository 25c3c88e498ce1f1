"""Tells whether a rule of a branch requires a status: a pull request then waits for ever for one that never comes."""

from __future__ import annotations

from collections.abc import Iterator

from github_action.api.client import ApiError, Client, quote_path_part


def may_be_required(client: Client, repository: str, branch: str, status_context: str) -> bool:
    """Return whether a rule or the protection of a branch requires the status, or GitHub does not tell.

    Every token of a job may ask for the rules; the protection is told with ``contents: read``.
    """
    if not branch:
        return True
    wanted = status_context.casefold()
    try:
        return any(context.casefold() == wanted for context in _required(client, repository, branch))
    except (ApiError, KeyError, TypeError, AttributeError):  # no answer, or one without what is asked for
        return True


def _required(client: Client, repository: str, branch: str) -> Iterator[str]:
    name = quote_path_part(branch)
    for rule in client.list_items(f"repos/{repository}/rules/branches/{name}"):
        if rule["type"] == "required_status_checks":
            yield from (str(check["context"]) for check in rule["parameters"]["required_status_checks"])
    found = client.get(f"repos/{repository}/branches/{name}")
    yield from (str(context) for context in found["protection"]["required_status_checks"]["contexts"])
