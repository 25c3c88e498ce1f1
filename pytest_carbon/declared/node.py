"""What a Node project declares: engines, browserslist, .nvmrc, .node-version."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pytest_carbon.core.devices.browser_lists import parse_queries
from pytest_carbon.core.devices.values import UnreadableFile
from pytest_carbon.declared.node_ranges import npm_specifiers
from pytest_carbon.declared.statements import Declaration, declare, declare_lines

_VERSION = re.compile(r"v?(\d+)(?:\.[\dx]+)*")


def read_package_json(path: str, text: str) -> Iterator[Declaration]:
    """Read engines.node, and browserslist as a text, a list, or the lists of its environments."""
    package = json.loads(text)
    if not isinstance(package, dict):
        return
    engines = package.get("engines")
    asked = engines.get("node") if isinstance(engines, dict) else None
    if isinstance(asked, str) and asked.strip():
        ranges = npm_specifiers(asked)
        if ranges is None:
            yield UnreadableFile(path, f"engines.node is {asked[:100]!r}, which is no range of versions")
        else:
            yield from declare(path, "engines.node", "node", ranges)
    yield from declare_browsers(path, "browserslist", package.get("browserslist"))


def declare_browsers(path: str, setting: str, value: Any) -> Iterator[Declaration]:
    """Read queries of browserslist; of several environments production, or all, counts."""
    if isinstance(value, dict):
        value = value.get("production", [one for part in value.values() for one in _query_lines(part)])
    yield from declare(path, setting, "browsers", parse_queries(_query_lines(value)))


def _query_lines(value: Any) -> list[str]:
    given = [value] if isinstance(value, str) else value
    return [one for one in given if isinstance(one, str)] if isinstance(given, list) else []


def read_browserslistrc(path: str, text: str) -> Iterator[Declaration]:
    """Read a file of queries; of several environments production counts, as browserslist has it."""
    parts: dict[str, list[str]] = {"": []}
    names = [""]
    for line in text.splitlines():
        if line.strip().startswith("["):
            names = line.strip(" []").split()
            continue
        for name in names:
            parts.setdefault(name, []).append(line)
    yield from declare_browsers(path, "the queries", parts.get("production") or parts.get("defaults") or parts[""])


def read_node_version(path: str, text: str) -> Iterator[Declaration]:
    """Read the version of .nvmrc or .node-version; a name such as lts/* is none."""
    match = _VERSION.fullmatch(text.strip())
    yield from declare_lines(path, "the version", "node", [match[1]] if match else [], "used")
