"""Which stages an event asks for, and which are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from github_action.event.choose_stages import choose_stages
from github_action.event.github_context import GitHubContext, read_github_context
from github_action.event.inputs import read_inputs
from pytest_carbon.core.errors import ConfigError

SHA = "a" * 40
MAIN = {"repository": {"default_branch": "main"}}


def _context(event: str, action: str = "", ref: str = "refs/heads/main", **payload: Any) -> GitHubContext:
    return GitHubContext(event, "o/r", SHA, ref, 1, 1, "test", payload={**MAIN, "action": action, **payload})


@pytest.mark.parametrize(
    ("context", "inputs", "stages"),
    [
        (_context("pull_request", "opened"), {"COMMAND": "pytest"}, "begin measure gate"),
        (_context("pull_request", "synchronize"), {"REPORTS": "*.json"}, "begin measure gate"),
        (_context("pull_request", "synchronize"), {}, "begin gate"),
        (_context("pull_request", "labeled"), {"COMMAND": "pytest"}, "gate"),
        (_context("pull_request", "unlabeled"), {"COMMAND": "pytest"}, "gate"),
        (_context("pull_request", "edited", changes={"title": {}}), {"COMMAND": "pytest"}, ""),
        (_context("pull_request", "edited", changes={"base": {}}), {"COMMAND": "pytest"}, "gate"),
        (_context("pull_request", "closed"), {"COMMAND": "pytest"}, ""),
        (_context("pull_request", "opened"), {"COMMAND": "pytest", "JOBS": "4"}, "measure"),
        (_context("pull_request", "labeled"), {"COMMAND": "pytest", "JOBS": "4"}, "gate"),
        (_context("pull_request", "opened"), {"COMMAND": "pytest", "STAGE": "measure"}, "measure"),
        (_context("pull_request", "opened"), {"STAGE": "gate"}, "gate"),
        (_context("pull_request_target", "labeled"), {}, "gate"),
        (_context("pull_request_target", "opened"), {"COMMAND": "pytest"}, "gate"),
        (_context("workflow_run", "requested"), {}, "begin"),
        (_context("workflow_run", "completed"), {"COMMAND": "pytest"}, "gate"),
        (_context("merge_group", "checks_requested"), {"COMMAND": "pytest"}, "begin measure gate"),
        (_context("push"), {"COMMAND": "pytest"}, "measure record"),
        (_context("push"), {}, "record"),
        (_context("push"), {"COMMAND": "pytest", "JOBS": "2"}, "measure"),
        (_context("push", ref="refs/heads/topic"), {"COMMAND": "pytest"}, "measure"),
        (_context("push", ref="refs/tags/main"), {"COMMAND": "pytest"}, "measure"),
        (_context("schedule"), {"COMMAND": "pytest"}, "measure record summary"),
        (
            GitHubContext("schedule", "o/r", SHA, "refs/heads/main", 1, 1, "t"),
            {"COMMAND": "x"},
            "measure record summary",
        ),
        (_context("schedule"), {"STAGE": "summary"}, "summary"),
        (_context("workflow_dispatch"), {}, "record summary"),
        (_context("workflow_dispatch"), {"COMMAND": "pytest", "JOBS": "2"}, "measure"),
        (_context("workflow_dispatch", ref="refs/heads/topic"), {"COMMAND": "pytest"}, "measure"),
        (_context("issues", "opened"), {}, ""),
    ],
    ids=lambda value: value.event + value.action if isinstance(value, GitHubContext) else None,
)
def test_event_chooses_the_stages(context: GitHubContext, inputs: dict[str, str], stages: str) -> None:
    """Every event has its stages; labels measure nothing, and a job of a matrix judges nothing."""
    found = choose_stages(context, read_inputs({f"CARBON_{name}": value for name, value in inputs.items()}))
    assert found == frozenset(stages.split())


@pytest.mark.parametrize("event", ["pull_request_target", "workflow_run"])
def test_measuring_beside_a_token_that_may_write_is_refused(event: str) -> None:
    """An event of the default branch for a stranger's pull request never runs its code."""
    with pytest.raises(ConfigError, match="must never run beside it"):
        choose_stages(
            _context(event, "completed"), read_inputs({"CARBON_STAGE": "measure", "CARBON_COMMAND": "pytest"})
        )


def test_measuring_nothing_is_refused() -> None:
    """To measure needs a command or reports."""
    with pytest.raises(ConfigError, match="needs the input command"):
        choose_stages(_context("push"), read_inputs({"CARBON_STAGE": "measure"}))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("STAGE", "gait", "the input stage is 'gait'; it is one of .*did you mean \"gate\""),
        ("COMMENT", "sometimes", "the input comment is 'sometimes'"),
        ("FAIL_JOB", "true", "the input fail-job is 'true'"),
        ("ON_ERROR", "ignore", "the input on-error is 'ignore'"),
        ("WORKING_DIRECTORY", "../other", "must lie below the workspace"),
        ("WORKING_DIRECTORY", "/etc", "must lie below the workspace"),
        ("STATUS_CONTEXT", "a\nb", "cannot be printed"),
        ("STATUS_CONTEXT", "a" * 256, "longer than 255"),
    ],
)
def test_wrong_inputs_are_named(name: str, value: str, message: str) -> None:
    """An input that is none of its values is refused by name."""
    with pytest.raises(ConfigError, match=message):
        read_inputs({f"CARBON_{name}": value})


@pytest.mark.parametrize(
    ("environment", "shard"),
    [
        ({"GITHUB_JOB": "test"}, "test"),
        ({"GITHUB_JOB": "test", "CARBON_MATRIX": '{"python": "3.11", "os": "linux"}'}, "test-3.11-linux"),
        ({"GITHUB_JOB": "test", "CARBON_MATRIX": "null"}, "test"),
        ({"GITHUB_JOB": "test", "CARBON_MATRIX": '{"x": {"deep": ["a/../b"]}}'}, "test-deep-a-..-b"),
        ({"GITHUB_JOB": "test", "CARBON_SHARD": "py 3.11/../x"}, "py-3.11-..-x"),
        ({}, "job"),
    ],
)
def test_part_is_named_by_its_job_and_matrix(environment: dict[str, str], shard: str) -> None:
    """Each job of a run has another name for its part, and none can leave the folder it is written to."""
    assert read_inputs(environment).shard == shard


def test_context_is_read_from_the_environment(tmp_path: Path) -> None:
    """The variables of a step say who we are; addresses lose a slash at their end."""
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
    found = read_github_context(environment)
    assert (found.action, found.default_branch, found.api_url) == ("opened", "main", "https://github.example/api/v3")
    assert found.run_url == "https://github.example/o/r/actions/runs/12/attempts/3"
    for name, value in (("GITHUB_SHA", "main"), ("GITHUB_REPOSITORY", "o/r/../x"), ("GITHUB_RUN_ID", "x")):
        with pytest.raises(ConfigError, match=r"use pytest-carbon check|one is none"):
            read_github_context({**environment, name: value})
