"""What the runs of pairs must not find in the tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture
def settings_of_pairs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let neither this run's own settings nor the user's of git into the runs of the pairs."""
    for variable in ("PYTEST_ADDOPTS", "PYTHONHASHSEED", "GITHUB_HEAD_REF"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # quicker; each test names the plugins it needs
    monkeypatch.setenv("PYTEST_PLUGINS", "pytest_carbon.plugin")
    monkeypatch.setenv("NOTES", str(tmp_path))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
