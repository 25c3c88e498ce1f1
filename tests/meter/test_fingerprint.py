"""The fingerprint of the environment, and the commit and branch of a run."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

CarbonRun = Callable[..., Any]


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("GITHUB_HEAD_REF", "GITHUB_REF_NAME", "CI_COMMIT_REF_NAME"):
        monkeypatch.delenv(variable, raising=False)


def test_report_has_the_commit_and_branch(
    pytester: pytest.Pytester, carbon_run: CarbonRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report has the checked-out branch and commit; the branch of the CI's variables wins."""
    pytester.makepyfile(test_suite="def test_quick(): pass")
    assert carbon_run().report["run"]["branch"] is None
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    author = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    for arguments in (("init", "-q", "-b", "topic/søk"), (*author, "commit", "-q", "--allow-empty", "-m", "a commit")):
        subprocess.run(["git", *arguments], cwd=pytester.path, check=True)
    run = carbon_run().report["run"]
    assert run["branch"] == "topic/søk"
    assert re.fullmatch("[0-9a-f]{40}", run["commit"])
    subprocess.run(["git", "checkout", "-q", "--detach"], cwd=pytester.path, check=True)
    assert carbon_run().report["run"]["branch"] is None
    monkeypatch.setenv("GITHUB_REF_NAME", "main")
    assert carbon_run().report["run"]["branch"] == "main"
    monkeypatch.setenv("GITHUB_HEAD_REF", "pull")
    assert carbon_run().report["run"]["branch"] == "pull"
