"""Loaded into the pytest of base and of head by ``-p``: runs the chosen tests only, and says what it found.

It has one option, ``--carbon-side FILE``: JSON with ``chosen`` (nodeids, or null for all), and with ``found`` (where
to write what was collected) and ``names`` (packages whose origin is asked), both null in a run that is measured.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any


def pytest_addoption(parser: Any) -> None:
    """Add our option."""
    parser.getgroup("carbon").addoption("--carbon-side", metavar="FILE", help="which tests of a pair to run")


def pytest_configure(config: Any) -> None:
    """Choose and tell."""
    request = json.loads(Path(config.getoption("carbon_side")).read_text(encoding="utf-8"))
    if request["chosen"] is not None:
        config.pluginmanager.register(_SelectTests(config, request["chosen"]), "carbon-choice")
    if request["found"] is not None:
        config.pluginmanager.register(_WriteCollected(request["found"], request["names"]), "carbon-finder")


class _SelectTests:
    """Collects the files of the chosen tests that are there, and deselects their other tests."""

    def __init__(self, config: Any, chosen: Iterable[str]) -> None:
        self._chosen = frozenset(chosen)
        files = dict.fromkeys(f"{config.rootpath}{os.sep}{nodeid.partition('::')[0]}" for nodeid in chosen)
        config.args = [file for file in files if Path(file).exists()]

    def pytest_collection_modifyitems(self, config: Any, items: list[Any]) -> None:
        others = [item for item in items if item.nodeid not in self._chosen]
        items[:] = [item for item in items if item.nodeid in self._chosen]
        if others:
            config.hook.pytest_deselected(items=others)


class _WriteCollected:
    """Writes which tests were collected, and where the modules lie that were imported or can be."""

    def __init__(self, path: str, names: Iterable[str]) -> None:
        self._path = Path(path)
        self._names = names

    def pytest_collection_finish(self, session: Any) -> None:
        files = {
            name: module.__dict__.get("__file__")
            for name, module in list(sys.modules.items())
            if isinstance(module, ModuleType)
        }
        origins = {**{name: _origin_of(name) for name in self._names}, **files}
        found = {
            "tests": [item.nodeid for item in session.items],
            "origins": {name: place for name, place in origins.items() if isinstance(place, str)},
            "plugins": [name for name, plugin in session.config.pluginmanager.list_name_plugin() if plugin],
        }
        self._path.write_text(json.dumps(found), encoding="utf-8")


def _origin_of(name: str) -> str | None:
    try:
        spec = find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None
    return spec.origin if spec else None
