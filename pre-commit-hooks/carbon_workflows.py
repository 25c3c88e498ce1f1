"""``carbon-workflows``: waste of runs in the workflows of ``.github/workflows``, with the lines that fix it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from pytest_carbon.core.local_hooks.hook_result import HookResult
from pytest_carbon.core.local_hooks.workflow_finding import format_finding
from pytest_carbon.core.local_hooks.workflow_model import LinedList, LinedMapping, read_workflow
from pytest_carbon.core.local_hooks.workflow_rules import find_waste
from pytest_carbon.core.yaml_limits import check_yaml_limits
from pytest_carbon.files.read_bounded import read_bytes

FOLDER = Path(".github/workflows")
LARGEST = 500_000
"""Bytes of the largest file that is read; no real workflow is that large."""
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def run_hook(files: Sequence[str], environment: Mapping[str, str], now: datetime) -> HookResult:  # noqa: ARG001 - as every hook
    """Check these workflows, or without files all workflows of the working directory."""
    paths = [Path(file) for file in files] or sorted((*FOLDER.glob("*.yml"), *FOLDER.glob("*.yaml")))
    results = [_check_file(path) for path in paths]
    return HookResult(
        tuple(line for result in results for line in result.warnings),
        tuple(note for result in results for note in result.notes),
    )


def _check_file(path: Path) -> HookResult:
    try:
        text = read_bytes(path, LARGEST, Path.cwd()).decode("utf-8-sig").replace("\r\n", "\n")
        check_yaml_limits(yaml.parse(text, Loader=_Loader))
        workflow = read_workflow(path.as_posix(), with_lines(yaml.compose(text, Loader=_Loader), {}))
    except UnicodeDecodeError:
        return HookResult(notes=(f"{path}: the file cannot be read (it is not YAML in UTF-8)",))
    except (OSError, ValueError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or getattr(error, "strerror", None) or str(error).partition("\n")[0]
        return HookResult(notes=(f"{path}{f':{mark.line + 1}' if mark else ''}: the file cannot be read ({why})",))
    findings = find_waste(workflow, text.splitlines()) if workflow else []
    return HookResult(tuple(line for finding in findings for line in format_finding(finding)))


def with_lines(node: yaml.Node | None, done: dict[int, Any]) -> Any:
    """Return a node as values with their lines. A node with several aliases becomes one value.

    ``done`` has the values of the nodes so far, by the id of the node.
    """
    if node is None or id(node) in done:
        return done.get(id(node))
    if isinstance(node, yaml.MappingNode):
        mapping = done[id(node)] = LinedMapping(node.start_mark.line + 1)
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                mapping.lines[key.value] = key.start_mark.line + 1
                mapping[key.value] = with_lines(value, done)
        return mapping
    if isinstance(node, yaml.SequenceNode):
        items = done[id(node)] = LinedList()
        for value in node.value:
            items.lines.append(value.start_mark.line + 1)
            items.append(with_lines(value, done))
        return items
    return node.value
