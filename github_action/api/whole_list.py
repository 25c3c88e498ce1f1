"""Reads a list of the API to its end, or not at all."""

from __future__ import annotations

from itertools import islice
from typing import Any

from github_action.api.client import ApiError, Client

_PAGE = 100


def read_whole_list(client: Client, path: str, most: int) -> list[dict[str, Any]]:
    """Return all objects of a list. Raises ApiError if there are more than ``most``: a part of a list proves nothing.

    ``most`` is a multiple of 100.
    """
    items = list(islice(client.list_items(path, max_pages=most // _PAGE + 1), most + 1))
    if len(items) > most:
        raise ApiError(f"GET {path}: the list has more than {most} entries, and none of them is used; see it on GitHub")
    return items
