"""The run of the workflow, as the runner's variables and the event describe it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from github_action.event.github_context import GitHubContext, is_sha, read_github_context
from pytest_carbon.core.errors import ConfigError

SHA = "a" * 40
MAIN = {"repository": {"default_branch": "main"}}


def _context(event: str = "push", ref: str = "refs/heads/main", **payload: Any) -> GitHubContext:
    return GitHubContext(event, "o/r", SHA, ref, 12, 3, "test", payload={**MAIN, **payload})


def test_context_is_read_from_the_environment(tmp_path: Path) -> None:
    """Each field comes from a variable of the runner; addresses lose the slash at their end."""
    (tmp_path / "event.json").write_text(json.dumps({"action": "opened", **MAIN}))
    environment = {
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_SHA": SHA,
        "GITHUB_RUN_ID": "12",
        "GITHUB_RUN_ATTEMPT": "3",
        "GITHUB_SERVER_URL": "https://github.example/",
        "GITHUB_API_URL": "https://github.example/api/v3/",
    }
    context = read_github_context(environment)
    assert (context.action, context.default_branch, context.api_url) == (
        "opened",
        "main",
        "https://github.example/api/v3",
    )
    assert context.run_url == "https://github.example/o/r/actions/runs/12/attempts/3"
    for name, value in (("GITHUB_SHA", "main"), ("GITHUB_REPOSITORY", "o/r/../x"), ("GITHUB_RUN_ID", "x")):
        with pytest.raises(ConfigError, match=r"use pytest-carbon check|one of them is not valid"):
            read_github_context({**environment, name: value})


@pytest.mark.parametrize("missing", ["GITHUB_EVENT_PATH", "GITHUB_EVENT_NAME", "GITHUB_SHA", "GITHUB_RUN_ID"])
def test_missing_variable_is_named(tmp_path: Path, missing: str) -> None:
    """Outside of GitHub Actions the error names the variable and the command to use there."""
    (tmp_path / "event.json").write_text("{}", encoding="utf-8")
    variables = {
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_SHA": SHA,
        "GITHUB_RUN_ID": "12",
    }
    assert read_github_context(variables).attempt == 1
    del variables[missing]
    with pytest.raises(ConfigError, match=f"KeyError: '{missing}'.*use pytest-carbon check"):
        read_github_context(variables)


@pytest.mark.parametrize("text", ["[]", "null", '"x"', "1"])
def test_event_that_is_no_object_is_empty(tmp_path: Path, text: str) -> None:
    """Nothing is read from an event of another shape."""
    (tmp_path / "event.json").write_text(text, encoding="utf-8")
    names = ("EVENT_PATH", "EVENT_NAME", "REPOSITORY", "SHA", "RUN_ID")
    values = (str(tmp_path / "event.json"), "push", "o/r", SHA, "1")
    context = read_github_context({f"GITHUB_{name}": value for name, value in zip(names, values, strict=True)})
    assert (context.payload, context.action, context.default_branch, context.head_sha) == ({}, "", "", None)


@pytest.mark.parametrize(
    ("context", "on_default_branch"),
    [
        (_context(), True),
        (_context(ref="refs/heads/topic"), False),
        (_context(ref="refs/tags/main"), False),
        (_context("schedule", ref="refs/heads/trunk", repository=None), True),
        (_context(ref="", repository=None), False),
    ],
)
def test_default_branch_is_read_from_event_or_ref(context: GitHubContext, on_default_branch: bool) -> None:
    """A schedule always runs on the default branch, though its event does not name the branch."""
    assert context.on_default_branch is on_default_branch


@pytest.mark.parametrize(
    ("payload", "sha"),
    [
        ({"pull_request": {"head": {"sha": SHA}}}, SHA),
        ({"merge_group": {"head_sha": SHA}}, SHA),
        ({"workflow_run": {"head_sha": SHA}}, SHA),
        ({"pull_request": {"head": None}}, None),
        ({"pull_request": {"head": {"sha": "main; rm"}}}, None),
        ({"pull_request": None}, None),
        ({}, None),
    ],
)
def test_commit_to_judge_is_named_by_the_event(payload: dict[str, Any], sha: str | None) -> None:
    """A value that is not the hash of a commit counts as no commit."""
    assert _context(**payload).head_sha == sha


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (SHA, True),
        ("0" * 64, True),
        ("a" * 39, False),
        ("a" * 41, False),
        ("A" * 40, False),
        (f"{SHA}\n", False),
        ("", False),
        (None, False),
        (1, False),
    ],
)
def test_hash_of_a_commit(value: object, expected: bool) -> None:
    """Only 40 or 64 lower-case hexadecimal digits are the full hash of a commit."""
    assert is_sha(value) is expected
