"""What the tests of the steps share: a job in a checkout, and projects on the fake GitHub."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.github_action.steps.project_job import ProjectJob


@pytest.fixture
def job(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> ProjectJob:
    """Return a job with an empty project."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    return ProjectJob(tmp_path, capsys)
