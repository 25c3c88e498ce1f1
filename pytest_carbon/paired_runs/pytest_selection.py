"""A pytest plugin, loaded into the runs of base and head by ``-p``: runs only the chosen tests, reports the collection.

Its option ``--carbon-side FILE`` names a JSON file with ``chosen`` (nodeids, null for all tests), ``collected`` (the
file to write the collection to) and ``packages`` (whose origins are looked up); the last two are null in a measured
run.
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
    """Add the option ``--carbon-side``."""
    parser.getgroup("carbon").addoption("--carbon-side", metavar="FILE", help="which tests of a pair to run")


def pytest_configure(config: Any) -> None:
    """Register what the request asks for: the choice of tests, the report of the collection."""
    request = json.loads(Path(config.getoption("carbon_side")).read_text(encoding="utf-8"))
    if request["chosen"] is not None:
        config.pluginmanager.register(_SelectTests(config, request["chosen"]), "carbon-choice")
    if request["collected"] is not None:
        writer = _WriteCollected(request["collected"], request["packages"])
        config.pluginmanager.register(writer, "carbon-collected")


class _SelectTests:
    """Collects the existing files of the chosen tests, and deselects the other tests in them."""

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
    """Writes the collected tests, the plugins, the files of modules, and what else this interpreter loads."""

    def __init__(self, path: str, packages: Iterable[str]) -> None:
        self._path = Path(path)
        self._packages = packages

    def pytest_collection_finish(self, session: Any) -> None:
        from pytest_carbon.paired_runs.tree_guard import installed_packages, shared_settings

        files = {
            name: module.__dict__.get("__file__")
            for name, module in list(sys.modules.items())
            if isinstance(module, ModuleType)
        }
        origins = {**{name: _origin_of(name) for name in self._packages}, **files}
        collected = {
            "tests": [item.nodeid for item in session.items],
            "origins": {name: file for name, file in origins.items() if isinstance(file, str)},
            "settings": list(map(str, shared_settings())),
            "packages": list(map(str, installed_packages())),
            "plugins": [name for name, plugin in session.config.pluginmanager.list_name_plugin() if plugin],
        }
        self._path.write_text(json.dumps(collected), encoding="utf-8")


def _origin_of(name: str) -> str | None:
    """Return the file that an import of a package would load; None if it cannot be imported."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError, AttributeError):
        return None
    return spec.origin if spec else None
