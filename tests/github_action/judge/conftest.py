"""Projects on the fake whose pull requests are judged."""

from __future__ import annotations

import pytest

from tests.github_action.fake import FakeGitHub
from tests.github_action.judge.labelled_pull import LabelledPull


@pytest.fixture
def labelled(hub: FakeGitHub) -> LabelledPull:
    """A pull request without labels."""
    return LabelledPull(hub)
