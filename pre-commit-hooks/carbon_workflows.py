"""``carbon-workflows``: where the workflows in ``.github/workflows`` waste runs, with the lines that mend it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from pytest_carbon.core.hooks.finding import lines_of
from pytest_carbon.core.hooks.told import Told
from pytest_carbon.core.hooks.workflow import Block, Items, workflow_of
from pytest_carbon.core.hooks.workflow_rules import findings

FOLDER = Path(".github/workflows")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def look(files: Sequence[str], environment: Mapping[str, str], now: datetime) -> Told:  # noqa: ARG001 - as every hook
    """Look at these workflows, or at all of the repository we stand in."""
    paths = [Path(file) for file in files] or sorted((*FOLDER.glob("*.yml"), *FOLDER.glob("*.yaml")))
    told = [_look_at(path) for path in paths]
    return Told(tuple(line for one in told for line in one.warnings), tuple(note for one in told for note in one.notes))


def _look_at(path: Path) -> Told:
    try:
        text = path.read_text(encoding="utf-8")
        workflow = workflow_of(path.as_posix(), placed(yaml.compose(text, Loader=_Loader), {}))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        why = getattr(error, "problem", None) or getattr(error, "strerror", None) or "it is not YAML in UTF-8"
        return Told(notes=(f"{path}{f':{mark.line + 1}' if mark else ''}: it cannot be read ({why})",))
    found = findings(workflow, text.splitlines()) if workflow else []
    return Told(tuple(line for one in found for line in lines_of(one)))


def placed(node: yaml.Node | None, known: dict[int, Any]) -> Any:
    """Return a node as values that know their lines; what is written once and used often is one value."""
    if node is None or id(node) in known:
        return known.get(id(node))
    if isinstance(node, yaml.MappingNode):
        block = known[id(node)] = Block(node.start_mark.line + 1)
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                block.lines[key.value] = key.start_mark.line + 1
                block[key.value] = placed(value, known)
        return block
    if isinstance(node, yaml.SequenceNode):
        items = known[id(node)] = Items()
        for value in node.value:
            items.lines.append(value.start_mark.line + 1)
            items.append(placed(value, known))
        return items
    return node.value
