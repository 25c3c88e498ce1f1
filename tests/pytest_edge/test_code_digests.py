"""What a run's report tells of its code: a digest for every test function, and the branch that is checked out."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

CarbonRun = Callable[..., Any]
SUITE = """
import pytest

def test_plain():
    assert sum(range(3)) == 3

@pytest.mark.parametrize("n", [1, 2])
def test_each(n):
    assert n in (1, 2)

class TestShop:
    def test_method(self):
        assert [c for c in "abc"]
"""
NAMES = {f"test_suite.py::{name}" for name in ("test_plain", "test_each", "TestShop::test_method")}


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("GITHUB_HEAD_REF", "GITHUB_REF_NAME", "CI_COMMIT_REF_NAME"):
        monkeypatch.delenv(variable, raising=False)


def _code(pytester: pytest.Pytester, carbon_run: CarbonRun, text: str, *arguments: str) -> dict[str, str]:
    pytester.makepyfile(test_suite=text)
    code: dict[str, str] = carbon_run(*arguments).report["code"]
    return code


def test_every_function_has_one_digest(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A parametrised function and a method have one entry each, and workers tell the same as one process does."""
    alone = _code(pytester, carbon_run, SUITE)
    assert set(alone) == NAMES
    assert all(re.fullmatch("[0-9a-f]{12}", digest) for digest in alone.values())
    assert _code(pytester, carbon_run, SUITE, "-n", "2") == alone


def test_digests_follow_the_body_alone(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """A test that moves, or has another name or comment, keeps its digest; a changed body changes its own alone."""
    before = _code(pytester, carbon_run, SUITE)
    other = SUITE.replace("test_plain", "test_renamed").replace("== 3", "== 3  # why")
    other = "# moved down\n" + other.replace("n in (1, 2)", "n in (1, 2, 3)")
    after = _code(pytester, carbon_run, other)
    assert after["test_suite.py::test_renamed"] == before["test_suite.py::test_plain"]
    assert after["test_suite.py::TestShop::test_method"] == before["test_suite.py::TestShop::test_method"]
    assert after["test_suite.py::test_each"] != before["test_suite.py::test_each"]


def test_branch_is_the_one_checked_out(
    pytester: pytest.Pytester, carbon_run: CarbonRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report names its branch and commit; where a CI has checked out a commit, the branch that it says."""
    pytester.makepyfile(test_suite="def test_quick(): pass")
    assert carbon_run().report["run"]["branch"] is None
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    who = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    for arguments in (("init", "-q", "-b", "topic/søk"), (*who, "commit", "-q", "--allow-empty", "-m", "a commit")):
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
