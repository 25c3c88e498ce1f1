"""The fingerprint of the environment, and the commit and branch of a run."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.meter.fingerprint import checked_out_branch, checked_out_commit, fingerprint

CarbonRun = Callable[..., Any]


def test_fingerprint_names_the_environment() -> None:
    """The fingerprint has the machine, interpreter, packages, number of workers and pinned threads."""
    environment = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "2", "PYTHONHASHSEED": "0", "HOME": "/root"}
    fields = fingerprint("Some CPU", 4, 2, environment)
    assert (fields["cpu"], fields["vcpus"], fields["workers"]) == ("Some CPU", "4", "2")
    assert fields["threads"] == "OMP_NUM_THREADS=1 MKL_NUM_THREADS=2"
    assert fields["hashseed"] == "0"
    assert fields["python"].endswith(platform.python_version())
    assert re.fullmatch("[0-9a-f]{12}", fields["packages"])


@pytest.mark.parametrize("change", [("Other CPU", 4, 2), ("Some CPU", 8, 2), ("Some CPU", 4, 1)])
def test_another_machine_or_number_of_workers_changes_the_fingerprint(change: tuple[str, int, int]) -> None:
    """Runs on another CPU, with other vCPUs or other workers are not comparable; a repeated run is."""
    assert fingerprint("Some CPU", 4, 2, {}) == fingerprint("Some CPU", 4, 2, {})
    assert fingerprint(*change, {}) != fingerprint("Some CPU", 4, 2, {})


def test_without_variables_nothing_is_pinned() -> None:
    """Without variables no threads are pinned, and the hash seed is random."""
    fields = fingerprint("Some CPU", 4, 2, {})
    assert (fields["threads"], fields["hashseed"]) == ("", "random")


def test_installed_distribution_changes_the_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hash of the packages depends on the names and versions of the installed distributions only."""
    before = fingerprint("Some CPU", 4, 2, {})["packages"]
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "module.py").touch()
    assert fingerprint("Some CPU", 4, 2, {})["packages"] == before
    (tmp_path / "office-1.0.dist-info").mkdir()
    with_office = fingerprint("Some CPU", 4, 2, {})["packages"]
    (tmp_path / "office-1.0.dist-info").rename(tmp_path / "office-1.1.dist-info")
    assert len({before, with_office, fingerprint("Some CPU", 4, 2, {})["packages"]}) == 3


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"GITHUB_REF_NAME": "main"}, "main"),
        ({"GITHUB_REF_NAME": "12/merge", "GITHUB_HEAD_REF": "topic"}, "topic"),
        ({"GITHUB_HEAD_REF": "", "GITHUB_REF_NAME": "main"}, "main"),
        ({"CI_COMMIT_REF_NAME": "topic"}, "topic"),
    ],
)
def test_branch_comes_from_the_variables_of_the_ci(
    tmp_path: Path, environment: dict[str, str], expected: str | None
) -> None:
    """Outside git the branch is what the CI's variables name: the head of a pull request first."""
    assert checked_out_branch(tmp_path, environment) == expected
    assert checked_out_commit(tmp_path) is None


@pytest.fixture(autouse=True)
def _no_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("GITHUB_HEAD_REF", "GITHUB_REF_NAME", "GITHUB_REF_TYPE", "GITHUB_SHA", "CI_COMMIT_REF_NAME"):
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


def test_kind_14_a_checkout_of_another_user_is_a_gap(
    pytester: pytest.Pytester, carbon_run: CarbonRun, dubious_git: Callable[[], None]
) -> None:
    """Git reads nothing of it, and the report says so, with the command that trusts it."""
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=pytester.path, check=True)
    pytester.makepyfile(test_suite="def test_quick(): pass")
    dubious_git()
    run = carbon_run()
    assert (run.report["run"]["branch"], run.report["run"]["commit"]) == (None, None)
    (gap,) = [gap for gap in run.report["gaps"] if "another user owns it" in gap]
    assert gap.endswith(f"git config --global --add safe.directory '{pytester.path}'")
