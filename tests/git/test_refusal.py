"""Why git does not read a repository that is there."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pytest_carbon.git.refusal import why_git_refuses


def test_a_repository_that_git_reads_and_none_at_all(tmp_path: Path) -> None:
    """Neither a repository without a commit nor a folder outside of one is refused."""
    assert why_git_refuses(tmp_path) == ""
    subprocess.run(["git", "init", "-q", str(tmp_path / "own")], check=True)
    (tmp_path / "own/below").mkdir()
    assert why_git_refuses(tmp_path / "own/below") == ""


def test_a_repository_of_another_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason and the command that trusts the folder are named, as in the job of a container."""
    if os.geteuid() != 0:
        pytest.skip("only root can give a folder to another user")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)
    top = tmp_path / "other"
    subprocess.run(["git", "init", "-q", str(top)], check=True)
    (top / "below").mkdir()
    for path in (top, top / ".git"):
        os.chown(path, 12345, 12345)
    why = why_git_refuses(top / "below")
    assert why.startswith(f"git refuses the repository at {top}, because another user owns it")
    assert why.endswith(f"git config --global --add safe.directory '{top}'")


def test_a_broken_repository(tmp_path: Path) -> None:
    """What git says is passed on."""
    (tmp_path / ".git").write_text("gitdir: nowhere\n", encoding="utf-8")
    assert why_git_refuses(tmp_path).startswith(f"git cannot read the repository at {tmp_path}, so it tells neither")
