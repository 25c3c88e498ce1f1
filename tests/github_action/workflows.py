"""The workflows of ours: where they are, and what their expressions say for an event."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
LONG = sorted((ROOT / "docs" / "workflows").glob("*.yml"))
SHORT = sorted((ROOT / "docs" / "workflows" / "short").glob("*/*.yml"))
WORKFLOWS = [*LONG, *SHORT, *sorted((ROOT / ".github" / "workflows").glob("*.yml"))]


def read_workflow(path: Path) -> Any:
    """Return the values of a workflow; its events are under ``"on"``, which YAML 1.1 reads as true."""
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {"on": workflow.pop(True), **workflow}


def jobs_that_run(workflow: Mapping[str, Any], event: Mapping[str, Any], **inputs: Any) -> list[str]:
    """Return the names of the jobs whose condition an event fulfils."""
    conditions = {name: str(job.get("if", "${{ True }}")) for name, job in workflow["jobs"].items()}
    written = {name: text if text.startswith("${{") else f"${{{{ {text} }}}}" for name, text in conditions.items()}
    return [name for name, text in written.items() if value(text, event, **inputs) not in ("False", "None", "")]


def value(text: object, event: Mapping[str, Any], **inputs: Any) -> str:
    """Return a text of a workflow with the values of its expressions for an event of run 77, and for inputs."""
    names = {"contains": _contains, "fromJSON": json.loads, "format": _format, "always": lambda: True,
             "cancelled": lambda: False, "startsWith": str.startswith}  # fmt: skip
    facts = {"github": {"event": event, "event_name": event["name"], "run_id": 77, "sha": "abc"}, "inputs": inputs}

    def read(match: re.Match[str]) -> str:
        value: Any = facts
        for part in match[0].split("."):
            value = (value or {}).get(part)
        return repr(value)

    def evaluate(match: re.Match[str]) -> str:
        python = re.sub(r"\b(?:github|inputs)\.[\w.]+", read, match[1])
        for sign, word in (("&&", " and "), (r"\|\|", " or "), ("!(?!=|--)", " not ")):
            python = re.sub(sign, word, python)
        return str(eval(python.strip(), names))  # noqa: S307 - our own workflows

    return re.sub(r"\$\{\{(.*?)\}\}", evaluate, str(text))


def _contains(among: str | list[str], item: str | None) -> bool:
    """Return what the function of GitHub does, which takes no notice of upper and lower case."""
    return (item or "").casefold() in (among.casefold() if isinstance(among, str) else among)


def _format(text: str, *values: Any) -> str:
    return text.format(*("" if value is None else value for value in values))


BASE = {"base": {"ref": {"from": "main"}}}
REASON = "carbon override: tonight"
COMMENT = {"name": "issue_comment", "action": "created", "pull_request": None,
           "issue": {"number": 5, "pull_request": {"url": "https://github.example"}},
           "comment": {"body": REASON, "user": {"type": "User"}}}  # fmt: skip
HEARD: list[dict[str, Any]] = [
    {},
    {"action": "deleted"},
    {"action": "edited", "changes": {"body": {"from": "Hello"}}},
    {"action": "edited", "comment": {"body": "", "user": {"type": "User"}}, "changes": {"body": {"from": REASON}}},
    {"comment": {"body": "Carbon Devices: nobody has them", "user": {"type": "User"}}},
]
UNHEARD: list[dict[str, Any]] = [
    {"issue": {"number": 5}},
    {"comment": {"body": "Well done", "user": {"type": "User"}}},
    {"comment": {"body": REASON, "user": {"type": "Bot"}}},
    {"comment": {"body": f"<!-- pytest-carbon -->\n{REASON}", "user": {"type": "User"}}},
    {"action": "edited", "comment": {"body": "Hi", "user": {"type": "User"}}, "changes": {"body": {"from": "Hello"}}},
]
