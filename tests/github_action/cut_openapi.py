"""Cut GitHub's OpenAPI description down to the operations that our fake answers.

``npm pack @octokit/openapi@23.0.2`` and unpack it; then

    python tests/github/cut_openapi.py package/generated/api.github.com.json > tests/github/openapi.json

The licence of that package is in ``openapi.LICENSE``. Left out is what holds nobody to anything: prose, examples,
defaults, links, and the kinds of events and rules that the fake never makes. A change of state is listed as an event of
an issue by GitHub, and only as one of the timeline by its description.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

_REPO = "/repos/{owner}/{repo}"
OPERATIONS = {
    "/rate_limit": "get",
    "/user": "get",
    _REPO: "get",
    f"{_REPO}/activity": "get",
    f"{_REPO}/actions/artifacts": "get",
    f"{_REPO}/actions/artifacts/{{artifact_id}}": "get",
    f"{_REPO}/actions/artifacts/{{artifact_id}}/{{archive_format}}": "get",
    f"{_REPO}/actions/runs": "get",
    f"{_REPO}/actions/runs/{{run_id}}": "get",
    f"{_REPO}/actions/runs/{{run_id}}/artifacts": "get",
    f"{_REPO}/actions/runs/{{run_id}}/attempts/{{attempt_number}}": "get",
    f"{_REPO}/branches/{{branch}}": "get",
    f"{_REPO}/check-runs": "post",
    f"{_REPO}/check-runs/{{check_run_id}}": "get patch",
    f"{_REPO}/collaborators/{{username}}/permission": "get",
    f"{_REPO}/commits/{{commit_sha}}/pulls": "get",
    f"{_REPO}/commits/{{ref}}": "get",
    f"{_REPO}/commits/{{ref}}/check-runs": "get",
    f"{_REPO}/commits/{{ref}}/status": "get",
    f"{_REPO}/commits/{{ref}}/statuses": "get",
    f"{_REPO}/compare/{{basehead}}": "get",
    f"{_REPO}/contents/{{path}}": "get",
    f"{_REPO}/git/blobs/{{file_sha}}": "get",
    f"{_REPO}/git/matching-refs/{{ref}}": "get",
    f"{_REPO}/git/trees/{{tree_sha}}": "get",
    f"{_REPO}/issues": "get post",
    f"{_REPO}/issues/comments/{{comment_id}}": "get patch delete",
    f"{_REPO}/issues/{{issue_number}}": "get patch",
    f"{_REPO}/issues/{{issue_number}}/comments": "get post",
    f"{_REPO}/issues/{{issue_number}}/events": "get",
    f"{_REPO}/issues/{{issue_number}}/labels": "get post",
    f"{_REPO}/issues/{{issue_number}}/labels/{{name}}": "delete",
    f"{_REPO}/issues/{{issue_number}}/sub_issues": "get post",
    f"{_REPO}/issues/{{issue_number}}/timeline": "get",
    f"{_REPO}/labels": "get post",
    f"{_REPO}/milestones": "get",
    f"{_REPO}/pulls": "get",
    f"{_REPO}/pulls/{{pull_number}}": "get",
    f"{_REPO}/pulls/{{pull_number}}/commits": "get",
    f"{_REPO}/pulls/{{pull_number}}/files": "get",
    f"{_REPO}/rules/branches/{{branch}}": "get",
    f"{_REPO}/statuses/{{sha}}": "post",
}
_EVENTS = ("labeled-issue-event", "unlabeled-issue-event", "state-change-issue-event")
_KINDS = {"issue-event-for-issue": _EVENTS, "timeline-issue-events": (*_EVENTS, "timeline-comment-event"),
          "repository-rule-detailed": ("repository-rule-required-status-checks",)}  # fmt: skip
_MAY_BE_GONE = {
    "pull-request": {"head.repo": "nullable-repository"},
    "pull-request-simple": {"head.repo": "nullable-repository"},
    "labeled-issue-event": {"actor": "nullable-simple-user"},
    "unlabeled-issue-event": {"actor": "nullable-simple-user"},
    "state-change-issue-event": {"actor": "nullable-simple-user"},
    "timeline-comment-event": {"actor": "nullable-simple-user", "user": "nullable-simple-user"},
}
"""Accounts and forks get deleted; the description says so at other places, and forgets it at these."""
_NO_RULE = {
    "description",
    "summary",
    "title",
    "example",
    "examples",
    "default",
    "externalDocs",
    "tags",
    "headers",
    "discriminator",
}
_NAMES = {"properties", "responses"}
"""Under these stand names, which may be called like prose."""


def cut(whole: dict[str, Any]) -> dict[str, Any]:
    """Return the description of our operations and of all that they refer to."""
    paths = {
        path: {verb: _rules(whole["paths"][path][verb]) for verb in verbs.split()}
        for path, verbs in OPERATIONS.items()
    }  # fmt: skip
    components: dict[str, dict[str, Any]] = {}
    open_ends = sorted(_references(paths))
    while open_ends:
        kind, name = open_ends.pop()
        if name in components.get(kind, {}):
            continue
        part = _rules(whole["components"][kind][name], answer=kind == "responses")
        if name in _KINDS:
            part.pop("oneOf", None)
            part["anyOf"] = [{"$ref": f"#/components/schemas/{kind}"} for kind in _KINDS[name]]
        for properties, replacement in _MAY_BE_GONE.get(name, {}).items():
            _put(part, properties.split("."), {"$ref": f"#/components/schemas/{replacement}"})
        components.setdefault(kind, {})[name] = part
        open_ends += _references(part)
    info = {"title": whole["info"]["title"], "version": whole["info"]["version"], "license": {"name": "MIT"}}
    return {
        "openapi": whole["openapi"],
        "info": info,
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": components,
    }


def _put(schema: dict[str, Any], names: list[str], replacement: dict[str, Any]) -> None:
    for name in names[:-1]:
        schema = schema["properties"][name]
    schema["properties"][names[-1]] = replacement


def _rules(node: Any, *, answer: bool = False) -> Any:
    """Leave out what is no rule. An answer must have a description, so it keeps an empty one."""
    if isinstance(node, list):
        return [_rules(item) for item in node]
    if not isinstance(node, dict):
        return node
    node = _with_null(node) if node.get("nullable") else node
    out: dict[str, Any] = {"description": ""} if answer and "$ref" not in node else {}
    for key, value in node.items():
        if key in _NAMES:
            out[key] = {name: _rules(part, answer=key == "responses") for name, part in value.items()}
        elif key not in _NO_RULE and not key.startswith("x-"):
            out[key] = _rules(value)
    return out


def _with_null(node: dict[str, Any]) -> dict[str, Any]:
    """Say that null is among the values or the ways, which the strict reading asks for and GitHub takes for granted."""
    null = {"enum": [None], "nullable": True}
    more = {"enum": None, "anyOf": null, "oneOf": null}
    return {
        key: [*value, more[key]] if key in more and more[key] not in value else value for key, value in node.items()
    }


def _references(node: Any) -> set[tuple[str, str]]:
    if isinstance(node, list):
        return set().union(*map(_references, node))
    if not isinstance(node, dict):
        return set()
    own = {tuple(node["$ref"].split("/")[2:])} if isinstance(node.get("$ref"), str) else set()
    return own.union(*map(_references, node.values()))


if __name__ == "__main__":
    described = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    json.dump(cut(described), sys.stdout, separators=(",", ":"), sort_keys=True)
    sys.stdout.write("\n")
