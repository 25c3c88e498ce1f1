"""Projects on the fake whose pull requests are judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.github_action.fake import FakeGitHub
from tests.github_action.judge.labelled_pull import LabelledPull
from tests.github_action.project import FAILS, FakeProject
from tests.samples import POLICY


@pytest.fixture
def project(hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> FakeProject:
    """A project whose policy has no limits."""
    return FakeProject(hub, tmp_path, capsys)


@pytest.fixture
def strict(hub: FakeGitHub, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> FakeProject:
    """A project whose feature checkout is over its limit in every run."""
    return FakeProject(hub, tmp_path, capsys, POLICY + FAILS)


@pytest.fixture
def labelled(hub: FakeGitHub) -> LabelledPull:
    """A pull request without labels."""
    return LabelledPull(hub)
