"""The pull request on which the tests of publishing publish their verdicts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.github_action.publish.cases import Bench


@pytest.fixture
def bench(hub: Any) -> Bench:
    """Return a repository with a pull request."""
    repo = hub.repository("octo/shop")
    repo.commit({"a.py": "1\n"}, branch="main", message="first")
    head_sha = repo.commit({"a.py": "2\n"}, branch="topic", message="second")
    return Bench(hub, repo, repo.open_pull(head="topic", base="main", author="ann"), head_sha)
