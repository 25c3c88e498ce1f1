"""How CI installs a project with what its tests need: the words behind ``pip install``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

_FOR_TESTS = ("test", "tests", "testing", "dev")
_REQUIREMENTS = (
    *("requirements-test.txt", "requirements-tests.txt", "test-requirements.txt", "requirements-dev.txt"),
    *("dev-requirements.txt", "requirements_dev.txt", "requirements_test.txt", "requirements/test.txt"),
    *("requirements/tests.txt", "requirements/dev.txt", "requirements.txt"),
)


def install_words(pyproject: Mapping[str, Any], files: Collection[str]) -> tuple[str, ...]:
    """Return the words: the project itself if it can be built, an extra or group for tests, else a file of packages.

    ``pyproject`` is the content of pyproject.toml, empty without one. A project that has nothing of this needs none.
    """
    project = _table(pyproject, "project")
    builds = "setup.py" in files or bool(project) or "build-system" in pyproject
    extra = _first(_table(project, "optional-dependencies"))
    group = _first(_table(pyproject, "dependency-groups"))
    words = ["--editable", f".[{extra}]" if extra else "."] if builds else []
    if group and not extra:
        words += ["--group", group]
    listed = next((file for file in _REQUIREMENTS if file in files), None)
    if listed and not extra and not group:
        words += ["--requirement", listed]
    return tuple(words)


def _first(table: Mapping[str, Any]) -> str | None:
    return next((name for name in _FOR_TESTS if name in table), None)


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    inner = table.get(key)
    return inner if isinstance(inner, dict) else {}
