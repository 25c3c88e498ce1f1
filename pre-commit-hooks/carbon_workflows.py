"""``carbon-workflows``: where the workflows in ``.github/workflows`` waste runs, with the lines that mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from stat import S_ISREG
from typing import Any

import yaml

from pytest_carbon.core.hooks.hook_result import HookResult
from pytest_carbon.core.hooks.workflow_finding import format_finding
from pytest_carbon.core.hooks.workflow_model import LinedList, LinedMapping, read_workflow
from pytest_carbon.core.hooks.workflow_rules import find_waste
from pytest_carbon.core.yaml_limits import check_yaml_limits

FOLDER = Path(".github/workflows")
LARGEST = 500_000
"""Bytes; nobody writes a workflow of so many."""
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def run_hook(files: Sequence[str], environment: Mapping[str, str], now: datetime) -> HookResult:  # noqa: ARG001 - as every hook
    """Look at these workflows, or at all of the repository we stand in."""
    paths = [Path(file) for file in files] or sorted((*FOLDER.glob("*.yml"), *FOLDER.glob("*.yaml")))
    told = [_check_file(path) for path in paths]
    return HookResult(
        tuple(line for one in told for line in one.warnings), tuple(note for one in told for note in one.notes)
    )


def _check_file(path: Path) -> HookResult:
    try:
        text = _read_text(path)
        check_yaml_limits(yaml.parse(text, Loader=_Loader))
        workflow = read_workflow(path.as_posix(), with_lines(yaml.compose(text, Loader=_Loader), {}))
    except UnicodeDecodeError:
        return HookResult(notes=(f"{path}: it cannot be read (it is not YAML in UTF-8)",))
    except (OSError, ValueError, yaml.YAMLError) as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or getattr(error, "strerror", None) or str(error).partition("\n")[0]
        return HookResult(notes=(f"{path}{f':{mark.line + 1}' if mark else ''}: it cannot be read ({why})",))
    found = find_waste(workflow, text.splitlines()) if workflow else []
    return HookResult(tuple(line for one in found for line in format_finding(one)))


def _read_text(path: Path) -> str:
    """Return a file's text; ValueError for one that is too large, or no file: a link to a device has no end."""
    found = path.stat()
    if not S_ISREG(found.st_mode):
        raise ValueError("it is no file")
    if found.st_size > LARGEST:
        raise ValueError(f"it has more than {LARGEST:,} bytes")
    return path.read_text(encoding="utf-8-sig")


def with_lines(node: yaml.Node | None, known: dict[int, Any]) -> Any:
    """Return a node as values that know their lines; what is written once and used often is one value."""
    if node is None or id(node) in known:
        return known.get(id(node))
    if isinstance(node, yaml.MappingNode):
        block = known[id(node)] = LinedMapping(node.start_mark.line + 1)
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                block.lines[key.value] = key.start_mark.line + 1
                block[key.value] = with_lines(value, known)
        return block
    if isinstance(node, yaml.SequenceNode):
        items = known[id(node)] = LinedList()
        for value in node.value:
            items.lines.append(value.start_mark.line + 1)
            items.append(with_lines(value, known))
        return items
    return node.value
