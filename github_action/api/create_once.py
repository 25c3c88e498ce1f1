"""Creates something on GitHub once, also where no answer told whether it was taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from github_action.api.client import ApiError, Client

T = TypeVar("T")


def create_page_once(client: Client, path: str, body: Mapping[str, Any], find: Callable[[], str | None]) -> str:
    """Create something and return the URL of its page, empty where it has none; ApiError if it could not be created.

    After a fault that leaves open whether it was taken, ``find`` looks for it: the URL, None if it is not there.
    """
    return create_once(client, path, body, page_url, find)


def create_once(
    client: Client, path: str, body: Mapping[str, Any], read: Callable[[Any], T], find: Callable[[], T | None]
) -> T:
    """Create something and return what ``read`` makes of it, or ``find``, as ``create`` does."""
    try:
        return read(client.post(path, body))
    except ApiError as error:
        if error.status is not None and error.status < 500:
            raise
    found = find()
    return read(client.post(path, body)) if found is None else found


def page_url(item: object) -> str:
    """Return the URL of an object's page; empty where GitHub tells none."""
    return str(item.get("html_url") or "") if isinstance(item, Mapping) else ""
