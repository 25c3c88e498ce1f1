"""A list is read to its end, or not at all."""

from __future__ import annotations

import pytest

from github_action.api.client import ApiError, Client
from github_action.api.whole_list import read_whole_list
from tests.github_action.fake import FakeGitHub


@pytest.mark.parametrize(("there", "most", "pages"), [(0, 100, 1), (100, 100, 1), (130, 200, 2), (200, 200, 2)])
def test_list_is_read_to_its_end(hub: FakeGitHub, there: int, most: int, pages: int) -> None:
    """All objects are returned, also exactly as many as are read at most."""
    repo = hub.repository("octo/shop")
    for number in range(there):
        repo.define_label(f"label-{number}")
    client = Client(hub.api_url, hub.token({"issues": "read"}))
    assert len(read_whole_list(client, "repos/octo/shop/labels", most)) == there
    assert len(hub.asked("GET", "/labels")) == pages


def test_longer_list_is_refused(hub: FakeGitHub) -> None:
    """One object too many: nothing of the list is used."""
    repo = hub.repository("octo/shop")
    for number in range(101):
        repo.define_label(f"label-{number}")
    client = Client(hub.api_url, hub.token({"issues": "read"}))
    with pytest.raises(ApiError, match="repos/octo/shop/labels: the list has more than 100 entries"):
        read_whole_list(client, "repos/octo/shop/labels", 100)
