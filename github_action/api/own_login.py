"""Asks GitHub whose token this is: our comments, statuses and issues are those of that account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from github_action.api.client import ApiError, Client


def read_own_login(client: Client, otherwise: str, tell: Callable[[str], object] = str) -> str:
    """Return the login of the token's account; ``otherwise`` if GitHub does not tell, which is said by ``tell``.

    GraphQL tells it for the token of a job, an app and a person. REST tells it only for a person.
    """
    for ask in (_ask_graphql, _ask_rest):
        try:
            account = ask(client)
        except ApiError:
            continue
        login = account.get("login") if isinstance(account, dict) else None
        if isinstance(login, str) and login:
            return login
    tell(
        f"GitHub does not tell whose token this is, so it is taken for one of {otherwise}; if it is of an app, set the "
        "Action's input login: else our earlier comments and statuses are not found"
    )
    return otherwise


def _ask_graphql(client: Client) -> Any:
    data = client.query("query { viewer { login } }")
    return data.get("viewer") if isinstance(data, dict) else None


def _ask_rest(client: Client) -> Any:
    return client.get("user")
