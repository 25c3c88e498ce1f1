"""Creates an object on GitHub once, even if GitHub's response was lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from github_action.api.client import ApiError, Client

T = TypeVar("T")


def create_page_once(client: Client, path: str, body: Mapping[str, Any], find: Callable[[], str | None]) -> str:
    """Create an object and return the URL of its page: empty if it has no page. Raises ApiError.

    If the response was lost, ``find`` looks for the object and returns its URL, or None if it does not exist.
    """
    return create_once(client, path, body, page_url, find)


def create_once(
    client: Client, path: str, body: Mapping[str, Any], read: Callable[[Any], T], find: Callable[[], T | None]
) -> T:
    """Create an object with a POST, and return what ``read`` makes of it. Raises ApiError.

    If GitHub failed or did not respond, the object may exist all the same: then ``find`` looks for it, and the object
    is created again only if ``find`` returns None.
    """
    try:
        return read(client.post(path, body))
    except ApiError as error:
        if error.status is not None and error.status < 500:
            raise
    existing = find()
    return read(client.post(path, body)) if existing is None else existing


def page_url(item: object) -> str:
    """Return the URL of an object's page; empty if the object has none."""
    return str(item.get("html_url") or "") if isinstance(item, Mapping) else ""
