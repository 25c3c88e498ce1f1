"""Which stages an event runs, and which are refused."""

from __future__ import annotations

from typing import Any

import pytest

from github_action.event.choose_stages import choose_stages
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import read_inputs
from pytest_carbon.core.errors import ConfigError

SHA = "a" * 40
MAIN = {"repository": {"default_branch": "main"}}
COMMENT = {"issue": {"number": 5, "pull_request": {"url": "u"}}, "comment": {"body": "why", "user": {"type": "User"}}}
BY_BOT = {"body": "why", "user": {"type": "Bot"}}
OURS = {"body": "<!-- pytest-carbon -->\nwhy", "user": {"type": "User"}}


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
        (_context("pull_request", "edited", changes={"base": {}}), {"COMMAND": "pytest"}, "begin measure gate"),
        (_context("pull_request_target", "edited", changes={"base": {}}), {}, "gate"),
        (_context("pull_request", "closed"), {"COMMAND": "pytest"}, "gate"),
        (_context("pull_request_target", "closed"), {}, "gate"),
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
        (_context("issue_comment", "created", **COMMENT), {"COMMAND": "pytest"}, "gate"),
        (_context("issue_comment", "edited", **COMMENT), {"COMMAND": "pytest", "JOBS": "4"}, "gate"),
        (_context("issue_comment", "deleted", **COMMENT), {}, "gate"),
        (_context("issue_comment", "created", **{**COMMENT, "issue": {"number": 5}}), {}, ""),
        (_context("issue_comment", "created", **{**COMMENT, "comment": BY_BOT}), {}, ""),
        (_context("issue_comment", "edited", **{**COMMENT, "comment": OURS}), {}, ""),
    ],
    ids=lambda value: value.event + value.action if isinstance(value, GitHubContext) else None,
)
def test_event_chooses_the_stages(context: GitHubContext, inputs: dict[str, str], stages: str) -> None:
    """Every event has its stages; a label measures nothing, and a job of a matrix judges nothing."""
    chosen = choose_stages(context, read_inputs({f"CARBON_{name}": value for name, value in inputs.items()}))
    assert chosen == frozenset(stages.split())


@pytest.mark.parametrize("event", ["pull_request_target", "workflow_run", "issue_comment"])
def test_measuring_beside_a_token_that_may_write_is_refused(event: str) -> None:
    """An event whose token may write never runs the code of a stranger's pull request."""
    with pytest.raises(ConfigError, match="must never run beside it"):
        choose_stages(
            _context(event, "completed", **COMMENT),
            read_inputs({"CARBON_STAGE": "measure", "CARBON_COMMAND": "pytest"}),
        )


def test_measuring_nothing_is_refused() -> None:
    """The stage measure needs a command or reports."""
    with pytest.raises(ConfigError, match="needs the input command"):
        choose_stages(_context("push"), read_inputs({"CARBON_STAGE": "measure"}))
