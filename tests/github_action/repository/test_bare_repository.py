"""The empty bare repository of a step, and the credentials that git sends to the server."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from github_action.event.github_context import GitHubContext
from github_action.repository.bare_repository import git_credentials, make_bare_repository
from pytest_carbon.git import run_git

CONTEXT = GitHubContext("push", "octo/shop", "e" * 40, "refs/heads/main", 7, 1, "test", "https://ghe.example")


def test_made_once(tmp_path: Path) -> None:
    """The folder is made with the remote; a second call leaves the repository and its settings as they are."""
    folder = tmp_path / "a" / "b"
    make_bare_repository(CONTEXT, folder)
    assert run_git.try_text(["remote", "get-url", "origin"], folder, git_dir=folder) == "https://ghe.example/octo/shop"
    assert run_git.try_text(["rev-parse", "--is-bare-repository"], folder, git_dir=folder) == "true"
    run_git.run(["config", "carbon.mine", "1"], folder, git_dir=folder)
    make_bare_repository(CONTEXT, folder)
    assert run_git.try_text(["config", "carbon.mine"], folder, git_dir=folder) == "1"


def test_no_hooks_of_the_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A template that the machine's git is set to use brings no hook into the repository."""
    (tmp_path / "template" / "hooks").mkdir(parents=True)
    (tmp_path / "template" / "hooks" / "post-checkout").write_text("#!/bin/sh\n", encoding="utf-8")
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(tmp_path / "template"))
    make_bare_repository(CONTEXT, tmp_path / "bare")
    assert not list((tmp_path / "bare").rglob("post-checkout"))


@pytest.mark.parametrize("token", [None, ""])
def test_no_token_no_credentials(token: str | None) -> None:
    """Without a token git sends what it would send anyway."""
    assert list(git_credentials(CONTEXT, token)) == []


def test_token_replaces_other_tokens() -> None:
    """The empty first value removes a header of the checkout; the second value holds the token, only for the server."""
    (cleared, value) = git_credentials(CONTEXT, "ghs_1")
    key = "http.https://ghe.example/.extraheader"
    assert cleared == (key, "")
    assert value[0] == key
    assert base64.b64decode(value[1].removeprefix("Authorization: Basic ")) == b"x-access-token:ghs_1"
