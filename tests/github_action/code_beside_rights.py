"""The rule for workflows: a job that runs code of the repository or of its dependencies has no right and no secret.

A job with a right or a secret has only steps and inputs of a list, so that what nobody has thought of breaks the rule.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

OURS = "pytest-carbon/pytest-carbon"
CALLED = re.compile(
    rf"(?:\./|{OURS}/(?=.*@))\.github/workflows/(reusable-carbon(?:-publish)?\.yml)(?:@(?:v\d+|[0-9a-f]{{40}}))?"
)
"""Our reusable workflows: each of their jobs states its permissions, and obeys the rule in the file that is called."""
_ANY = re.compile(r"(?!.*\$\{\{).*", re.DOTALL)
_SECRET_INPUT = re.compile(r"\$\{\{\s*(secrets\.\w+|github\.token)\s*\}\}")
INPUTS_BESIDE_RIGHTS: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    "actions/checkout": {"persist-credentials": re.compile("False")},
    "actions/download-artifact": {"name": _ANY, "path": re.compile(r"\$\{\{ runner\.temp \}\}")},
    OURS: {
        "stage": re.compile("auto|begin|gate|record|summary"),
        "token": _SECRET_INPUT,
        "ledger-url": _SECRET_INPUT,
        **dict.fromkeys(("comment", "fail-job", "on-error", "status-context", "working-directory", "login"), _ANY),
        **dict.fromkeys(("shard", "shards", "measure-workflow", "upload"), _ANY),
    },
}
"""The actions that run nothing of the repository, each with the inputs that keep it so, and their values."""
_JOB_KEYS = {"name", "if", "needs", "runs-on", "permissions", "steps", "concurrency", "timeout-minutes", "outputs",
             "strategy", "continue-on-error", "environment"}  # fmt: skip
_STEP_KEYS = {"id", "name", "if", "uses", "with", "timeout-minutes", "continue-on-error"}
_COMMAND_INPUTS = {"command", "confirm-command", "reports", "python"}
_ALLOWED = re.compile(r"\s*contains\(fromJSON\('(\[[^']*\])'\), github\.event_name\)\s*&&(.*)", re.DOTALL)
_SECRET = re.compile(
    r"\bsecrets\b"
    r"|\bgithub\b(?!\.(?!token\b)[a-z_]+\b)"  # the token, or an object or a list that may hold it
    r"|\bneeds\b(?!\.[\w-]+\.result\b)",  # what a job with a secret may have handed on
    re.IGNORECASE,
)
_EVENTS = {"push", "pull_request", "merge_group", "schedule", "workflow_dispatch", "release"}
"""The events that strangers cannot cause, or that give their code no rights."""
_REF = re.compile(r"v\d+(\.\d+){0,2}|[0-9a-f]{40}")
"""A release or a commit; a branch or refs/pull/7/head may have code of a stranger."""


def problems_of_workflow(workflow: Mapping[Any, Any], reviewed: Collection[str] = ()) -> list[str]:
    """Return a sentence for each way in which a job of a workflow breaks the rule."""
    events = set(_names(workflow.get("on", workflow.get(True))))  # YAML 1.1 reads the word "on" as true
    problems = []
    for name, job in workflow["jobs"].items():
        permissions = job.get("permissions", workflow.get("permissions"))
        with_job = _events_of_job(events, str(job.get("if") or ""))
        outer = {key: workflow[key] for key in ("env", "defaults") if key in workflow}
        problems += [f"{name}: {problem}" for problem in problems_of_job(job, permissions, outer, with_job, reviewed)]
    return problems


def problems_of_job(
    job: Mapping[str, Any],
    permissions: Any,
    outer: Mapping[str, Any] | None = None,
    events: Collection[str] = (),
    reviewed: Collection[str] = (),
) -> list[str]:
    """Return a sentence for each right or secret that a job has beside code. None are the default permissions.

    ``outer`` is what the workflow sets for all its jobs. ``reviewed`` are the digests of steps that were read by a
    person, and that may run beside rights.
    """
    code = next(_code_of({**(outer or {}), **job}, reviewed), "")
    if not code:
        return []
    return [f"{code} runs beside {right}" for right in _rights_of(job, permissions, outer or {}, events)]


def digest_of_step(step: Mapping[str, Any]) -> str:
    """Return what a reviewed step is known by: it is reviewed again after any change."""
    return hashlib.sha256(json.dumps(step, sort_keys=True).encode()).hexdigest()[:16]


def _code_of(job: Mapping[str, Any], reviewed: Collection[str]) -> Iterator[str]:
    """Yield what of a job may run code of the repository or of its dependencies: all that is not surely harmless."""
    for step in job.get("steps") or ():
        if digest_of_step(step) not in reviewed:
            yield from _code_of_step(step)
    called = {"uses", "with"} if CALLED.fullmatch(str(job.get("uses"))) else set()
    called |= {"secrets"} if called and isinstance(job.get("secrets"), Mapping) else set()
    for key in sorted(job.keys() - _JOB_KEYS - called):
        yield f"{key} {job[key]}"


def _code_of_step(step: Mapping[str, Any]) -> Iterator[str]:
    if "run" in step:
        yield f"the command {step['run']}"
    action, inputs = _action(step), _inputs(step)
    if action == OURS and (inputs.get("stage") == "measure" or _COMMAND_INPUTS & inputs.keys()):
        yield "the command that is measured"
    allowed = INPUTS_BESIDE_RIGHTS.get(action)
    if action and allowed is None:
        yield f"the action {action}"
    ref = str(step.get("uses") or "").partition("@")[2]
    if action and not _REF.fullmatch(ref):
        yield f"the action {action} at {ref or 'no version'}"
    for name, value in inputs.items():
        if allowed and not (name in allowed and allowed[name].fullmatch(str(value))):
            yield f"the action {action} with {name}: {value}"
    for key in sorted(step.keys() - _STEP_KEYS):
        yield f"a step with {key}: {step[key]}"


def _rights_of(
    job: Mapping[str, Any], permissions: Any, outer: Mapping[str, Any], events: Collection[str]
) -> Iterator[str]:
    if permissions is None:
        yield "the default permissions"
    elif not isinstance(permissions, Mapping):
        yield f"the permissions {permissions}"
    else:
        for name, level in permissions.items():
            if level != "none" and (name, level) != ("contents", "read"):
                yield f"{name}: {level}"
    if "environment" in job:
        yield f"the secrets of the environment {job['environment']}"
    if any(map(_SECRET.search, _expressions({**outer, "job": job}))) or job.get("secrets"):
        yield "a secret"
    for step in job.get("steps") or ():
        action, inputs = _action(step), _inputs(step)
        if action == "actions/checkout" and inputs.get("persist-credentials") is not False:
            yield "the token that actions/checkout leaves in the folder"
        if action == OURS and {"token", "ledger-url"} & inputs.keys():
            yield "the token or the database of a step"
    for event in sorted(set(events) - _EVENTS):
        yield f"the rights of the event {event}"


def _events_of_job(events: Collection[str], condition: str) -> set[str]:
    """Return the events with which a job may run. A called workflow has those of its callers, which may be any."""
    plain = condition.strip().removeprefix("${{").removesuffix("}}")
    allowed = _ALLOWED.fullmatch(plain)
    if allowed and "||" not in _outside_parentheses(allowed[2]):
        listed = set(json.loads(allowed[1]))
        return listed if "workflow_call" in events else listed & set(events)
    return set(events) - set(_excluded_events(plain))


def _excluded_events(condition: str) -> Iterator[str]:
    """Yield the events that the condition of a job surely excludes: it has ``event_name != 'X'`` and no "or" beside."""
    text = _outside_parentheses(condition)
    if "||" not in text:
        yield from re.findall(r"(?:^|&&)\s*github\.event_name != '(\w+)'\s*(?=&&|$)", text)


def _outside_parentheses(condition: str) -> str:
    """Return a condition without what is in parentheses, and without texts that are no name."""
    text, longer = re.sub("'([^']*)'", lambda quoted: quoted[0] if quoted[1].isidentifier() else "''", condition), None
    while text != longer:
        text, longer = re.sub(r"\([^()]*\)", "", text), text
    return text


def _action(step: Mapping[str, Any]) -> str:
    """Return the action of a step. GitHub does not tell upper and lower case apart, here and in the names of inputs."""
    return str(step.get("uses") or "").partition("@")[0].lower()


def _inputs(step: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name).lower(): value for name, value in (step.get("with") or {}).items()}


def _expressions(value: Any) -> Iterator[str]:
    """Yield every expression; the value of ``if`` is one also without its signs."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from [str(item)] if key == "if" else _expressions(item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from _expressions(item)
    else:
        yield from re.findall(r"\$\{\{.*\}\}", str(value), re.DOTALL)  # to the last sign: the first may be in quotes


def _names(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else [str(name) for name in value or ()]
