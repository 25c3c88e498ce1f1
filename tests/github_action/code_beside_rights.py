"""The rule for workflows: a job that runs code of the repository or of its dependencies has no right and no secret."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

OURS = "pytest-carbon/pytest-carbon"
HARMLESS_ACTIONS = {
    "actions/checkout",
    "actions/setup-python",
    "actions/upload-artifact",
    "actions/download-artifact",
    OURS,
}
"""Actions that run nothing of the repository; ours measures only with one of its inputs for commands."""
HARMLESS_COMMANDS = {"git", "gh", "tar", "echo", "exit", "read", "[", "test", "true", "cd"}
"""All that a step of a job with rights may call. A program that is not here may run code of a package."""
_COMMAND_INPUTS = ("command", "confirm-command")
_KEYWORDS = {"if", "then", "else", "elif", "fi", "while", "until", "do", "done", "!", "{", "}"}
_SECRET = re.compile(r"\bsecrets\b|github\.token|github\s*\[|tojson\(\s*github\s*\)", re.IGNORECASE)
_STRANGERS_EVENTS = {"pull_request_target", "workflow_run", "issue_comment", "issues"}


def problems_of_workflow(workflow: Mapping[Any, Any]) -> list[str]:
    """Return a sentence for each way in which a job of a workflow breaks the rule."""
    events = set(_names(workflow.get("on", workflow.get(True))))  # YAML 1.1 reads the word "on" as true
    problems = []
    for name, job in workflow["jobs"].items():
        permissions = job.get("permissions", workflow.get("permissions"))
        outer = [workflow.get("env")]
        problems += [f"{name}: {problem}" for problem in problems_of_job(job, permissions, outer, events)]
    return problems


def problems_of_job(
    job: Mapping[str, Any],
    permissions: Any,
    outer: Sequence[Any] = (),
    events: Collection[str] = (),
) -> list[str]:
    """Return a sentence for each right or secret that a job has beside code. None are the default permissions."""
    code = next(_code_of(job), "")
    if not code:
        return []
    return [f"{code} runs beside {right}" for right in _rights_of(job, permissions, outer, events)]


def _code_of(job: Mapping[str, Any]) -> Iterator[str]:
    """Yield what of a job may run code of the repository or of its dependencies."""
    for key in ("uses", "container", "services"):
        if key in job:
            yield f"{key} {job[key]}"
    for step in job.get("steps") or ():
        if "run" in step:
            yield from (f"the command {word}" for word in _commands(str(step["run"])) if word not in HARMLESS_COMMANDS)
        action = str(step.get("uses") or "").partition("@")[0]
        if action and action not in HARMLESS_ACTIONS:
            yield f"the action {action}"
        inputs = step.get("with") or {}
        if action == OURS and (inputs.get("stage") == "measure" or any(inputs.get(name) for name in _COMMAND_INPUTS)):
            yield "the command that is measured"


def _commands(script: str) -> Iterator[str]:
    """Yield the first word of every simple command of a script; what it cannot read is a command, too."""
    script = re.sub(r"'[^']*'", "''", script.replace("\\\n", " "))
    script = re.sub(r"[0-9]*[<>]{1,2}(?!\()\s*&?\S+", "", script)  # redirections
    for part in re.split(r"[\n;|&`)]+|\$\(|\(", script):
        words = part.split()
        while words and (words[0] in _KEYWORDS or re.match(r"\w+=", words[0])):
            words.pop(0)
        if words and not words[0].startswith(('"', "#")):
            yield words[0]


def _rights_of(
    job: Mapping[str, Any], permissions: Any, outer: Sequence[Any], events: Collection[str]
) -> Iterator[str]:
    if permissions is None:
        yield "the default permissions"
    elif not isinstance(permissions, Mapping):
        yield f"the permissions {permissions}"
    else:
        for name, level in permissions.items():
            if level != "none" and (name, level) != ("contents", "read"):
                yield f"{name}: {level}"
    if _SECRET.search(" ".join(_expressions([job, *outer]))) or job.get("secrets"):
        yield "a secret"
    for step in job.get("steps") or ():
        inputs = step.get("with") or {}
        if str(step.get("uses")).startswith("actions/checkout@") and inputs.get("persist-credentials") is not False:
            yield "the token that actions/checkout leaves in the folder"
    for event in sorted(_STRANGERS_EVENTS & set(events)):
        yield f"the rights of the event {event}"


def _expressions(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for item in value.values():
            yield from _expressions(item)
    elif isinstance(value, list):
        for item in value:
            yield from _expressions(item)
    else:
        yield from re.findall(r"\$\{\{.*?\}\}", str(value), re.DOTALL)


def _names(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(name) for name in value or ()]
