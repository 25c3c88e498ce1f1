"""Git reaches a remote with the user's settings, and its refusals are explained."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from pytest_carbon.git import remote_access, run_git
from pytest_carbon.git.run_git import GitError


def test_only_settings_of_access_are_read(tmp_path: Path) -> None:
    """Only settings of transport and of the given remote are read; maintenance is always off."""
    for arguments in (
        ("init", "-q"),
        ("remote", "add", "up", "https://h/x.git"),
        ("remote", "add", "other", "https://h/y.git"),
        ("config", "http.proxy", "http://proxy"),
        ("config", "user.name", "n"),
    ):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    quiet = remote_access.read_settings(tmp_path, None)
    assert ("gc.auto", "0") in quiet
    settings = remote_access.read_settings(tmp_path, "up")
    assert settings == [("remote.up.url", "https://h/x.git"), ("http.proxy", "http://proxy"), *quiet]


def test_settings_of_the_callers_environment_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that the caller's environment gives git are still given to it."""
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "a.b")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "mine")
    own = remote_access.settings_environment([("c.d", "ours")])
    assert own == {"GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_1": "c.d", "GIT_CONFIG_VALUE_1": "ours"}
    for key, value in (("a.b", "mine"), ("c.d", "ours")):
        assert run_git.run(["config", key], tmp_path, environment=own).decode().strip() == value
    assert "GIT_CONFIG_COUNT" in os.environ


@pytest.mark.parametrize(
    ("output", "retried", "step"),
    [
        ("! [rejected] a -> b (fetch first)", True, ""),
        ("! [rejected] a -> b (stale info)", True, ""),
        ("! [remote rejected] a -> b (cannot lock ref 'refs/heads/b': is at 1 but expected 2)", True, ""),
        ("! [remote rejected] a -> b (failed to update ref)", True, ""),
        ("error: RPC failed; HTTP 502 curl 22", True, ""),
        ("! [remote rejected] a -> b (pre-receive hook declined)", False, "rules that protect"),
        ("! [remote rejected] a -> b (protected branch hook declined)", False, "rules that protect"),
        ("remote: error: GH013: Repository rule violations found", False, "rules that protect"),
        ("remote: Permission to o/r.git denied to x.\nThe requested URL returned error: 403", False, "contents: write"),
        ("remote: Write access to repository not granted.\nerror: 403", False, "contents: write"),
        ("fatal: Authentication failed for 'https://h/'", False, "no valid credentials"),
        ("fatal: could not read Username for 'https://h': terminal prompts disabled", False, "no valid credentials"),
        ("git@h: Permission denied (publickey).", False, "no valid credentials"),
        ("fatal: unable to access 'https://h/': Could not resolve host: h", False, "check its address"),
        ("fatal: repository 'https://h/x/' not found", False, "check its address"),
        ("", False, "cannot be reached"),
    ],
)
def test_refusals_are_distinguished_from_races(output: str, retried: bool, step: str) -> None:
    """Only an error that may pass is tried again; a refusal has a next step."""
    error = GitError("git push failed", output, "push")
    assert remote_access.may_pass(error) is retried
    assert step in remote_access.explain_refusal(error)


@pytest.mark.parametrize("command", ["fetch", "ls-remote", "clone"])
def test_a_fetch_is_never_told_to_ask_for_writing(command: str) -> None:
    """The advice fits the command that failed: what reads needs to read, and what is local is told of no remote."""
    for output in ("remote: Permission to o/r.git denied to x.\nerror: 403", "fatal: not allowed", "GH013", ""):
        advice = remote_access.explain_refusal(GitError("git failed", output, command))
        assert "write" not in advice
        assert ("contents: read" in advice) == ("GH013" not in output and output != "")
    assert remote_access.explain_refusal(GitError("git ls-tree failed", "Permission denied", "ls-tree")) == (
        "git ls-tree failed"
    )
