"""The hooks as a user gets them: installed by pre-commit from a commit of this repository, and run before a push.

The test needs the package index and takes as long as the installation. pip installs the versions of the lock, and
the test compares the hash of each file.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_carbon.cli.hook import HOOKS

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / ".ci" / "locks" / "demo.txt").read_text(encoding="utf-8")
POLICY = "[budget]\nlimit = '1 g'\n[features.a]\nbudget = { limit = '2 g' }\n"
WORKFLOW = "on: push\njobs:\n  test:\n    runs-on: ubuntu-latest\n    steps:\n      - run: make\n"


def _git(folder: Path, *arguments: str) -> str:
    author = ("-c", "user.name=n", "-c", "user.email=n@example.org")
    return subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


def _commit(folder: Path) -> None:
    _git(folder, "init", "-q", "-b", "main")
    _git(folder, "add", "-A")
    _git(folder, "commit", "-q", "-m", "all of it")


def _pip_settings(folder: Path) -> dict[str, str]:
    """Let pip install the locked versions, write to report.json what they were, and compile nothing, to save time."""
    constraints = folder / "constraints.txt"
    constraints.write_text("\n".join(re.findall(r"^\S+==[^\\\n]+", LOCK, re.MULTILINE)), encoding="utf-8")
    limits = {name: str(constraints) for name in ("PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT")}
    return {**limits, "PIP_REPORT": str(folder / "report.json"), "PIP_COMPILE": "0"}


@pytest.mark.long
def test_pre_commit_installs_and_runs_every_hook(tmp_path: Path) -> None:
    """Each hook is found, runs before a push, prints its warnings, and lets the push pass."""
    ours, theirs = tmp_path / "pytest-carbon", tmp_path / "project"
    for name in _git(ROOT, "ls-files", "-co", "--exclude-standard", "-z").split("\0")[:-1]:
        if (ROOT / name).is_file():
            (ours / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, ours / name)
    _commit(ours)
    (theirs / ".github" / "workflows").mkdir(parents=True)
    (theirs / ".github" / "workflows" / "ci.yml").write_text(WORKFLOW, encoding="utf-8")
    (theirs / "carbon.toml").write_text(POLICY, encoding="utf-8")
    _commit(theirs)
    done = subprocess.run(
        [sys.executable, "-m", "pre_commit", "try-repo", str(ours), "--all-files", "--verbose", "--color", "never",
         "--hook-stage", "pre-push"],
        cwd=theirs, capture_output=True, text=True, check=False,
        env={**os.environ, **_pip_settings(tmp_path), "PRE_COMMIT_HOME": str(tmp_path / "home"),
             "GIT_CONFIG_GLOBAL": os.devnull},
    )  # fmt: skip
    output = done.stdout
    assert all(f"- hook id: {name}\n" in output for name in HOOKS), output + done.stderr
    assert (
        "carbon.toml: the budgets below the repository add up to 2 g in 28 days, more than its own limit of 1 g"
        in output
    )
    assert ".github/workflows/ci.yml:3: the job has no time limit [timeout]" in output
    assert done.returncode == 0, output + done.stderr
    installed = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["install"]
    hashes = [package["download_info"].get("archive_info", {}).get("hashes", {}).get("sha256") for package in installed]
    assert [digest for digest in hashes if digest and digest not in LOCK] == []
    assert hashes.count(None) == 1  # this repository, from its folder
