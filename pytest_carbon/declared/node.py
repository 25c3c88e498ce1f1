"""Reads Node projects: engines, browserslist, .nvmrc, .node-version."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from pytest_carbon.core.devices.browser_lists import parse_queries
from pytest_carbon.core.devices.support_values import UnreadableFile
from pytest_carbon.declared.make_statements import Declaration, declare, declare_lines
from pytest_carbon.declared.node_ranges import npm_specifiers

_VERSION = re.compile(r"v?(\d+)(?:\.[\dx]+)*")


def read_package_json(path: str, text: str) -> Iterator[Declaration]:
    """Read engines.node and browserslist of a package.json. Raises ValueError or RecursionError for broken JSON."""
    package = json.loads(text)
    if not isinstance(package, dict):
        return
    engines = package.get("engines")
    node_range = engines.get("node") if isinstance(engines, dict) else None
    if isinstance(node_range, str) and node_range.strip():
        specifiers = npm_specifiers(node_range)
        if specifiers is None:
            yield UnreadableFile(path, f"engines.node is {node_range[:100]!r}, which is not a version range")
        else:
            yield from declare(path, "engines.node", "node", specifiers)
    yield from declare_browsers(path, "browserslist", package.get("browserslist"))


def declare_browsers(path: str, setting: str, value: Any) -> Iterator[Declaration]:
    """Declare the queries of a browserslist: a text, a list, or a table of environments.

    Of several environments ``production`` counts, or all together if there is no ``production``.
    """
    if isinstance(value, dict):
        value = value.get("production", [line for part in value.values() for line in _query_lines(part)])
    yield from declare(path, setting, "browsers", parse_queries(_query_lines(value)))


def _query_lines(value: Any) -> list[str]:
    lines = [value] if isinstance(value, str) else value
    return [line for line in lines if isinstance(line, str)] if isinstance(lines, list) else []


def read_browserslistrc(path: str, text: str) -> Iterator[Declaration]:
    """Read a .browserslistrc. Of its environments ``production`` counts, else ``defaults``, else lines before any."""
    environments: dict[str, list[str]] = {"": []}
    names = [""]
    for line in text.splitlines():
        if line.strip().startswith("["):
            named = line.strip(" []").split()
            names = [name for name in ("production", "defaults") if name in named]
            continue
        for name in names:
            environments.setdefault(name, []).append(line)
    queries = environments.get("production") or environments.get("defaults") or environments[""]
    yield from declare_browsers(path, "the queries", queries)


def read_node_version(path: str, text: str) -> Iterator[Declaration]:
    """Read the version of .nvmrc or .node-version; an alias such as lts/* is skipped."""
    match = _VERSION.fullmatch(text.strip())
    yield from declare_lines(path, "the version", "node", [match[1]] if match else [], "used")
