"""A repository whose issues are updated again and again."""

from __future__ import annotations

import pytest

from tests.github_action.fake import FakeGitHub
from tests.github_action.issues.shop import Shop


@pytest.fixture
def shop(hub: FakeGitHub) -> Shop:
    """Return a repository without any issue."""
    hub.repository("octo/shop")
    return Shop(hub)
