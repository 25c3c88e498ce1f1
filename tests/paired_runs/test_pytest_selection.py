"""The plugin in the runs of base and head: it runs the chosen tests only, and writes what was collected."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.paired_runs.tree_guard import installed_packages, shared_settings

TESTS = """
import pytest

@pytest.mark.parametrize("n", ["a b", "x[1]"])
def test_work(n): pass

def test_other(): pass
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with a package that no test imports, and two files of tests."""
    files = {"till/__init__.py": "", "broken/__init__.py": "raise RuntimeError", "pytest.ini": "[pytest]\n"}
    for name, text in {**files, "test_one.py": TESTS, "test_two.py": "raise SystemExit(9)"}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def _run(project: Path, *options: str, **request: Any) -> subprocess.CompletedProcess[str]:
    """Run pytest on a project with the plugin and a request."""
    asked = {"chosen": None, "collected": None, "packages": None, **request}
    (project / "request.json").write_text(json.dumps(asked), encoding="utf-8")
    plugin = ("-p", "pytest_carbon.paired_runs.pytest_selection", "--carbon-side=request.json")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-rA", *plugin, *options],
        cwd=project, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("chosen", "passed"),
    [
        (["test_one.py::test_work[x[1]]"], 1),
        (["test_one.py::test_other", "test_one.py::test_work[a b]", "test_one.py::test_gone"], 2),
        (["test_gone.py::test_it", "test_one.py::test_other"], 1),
    ],
)
def test_only_chosen_tests_run(project: Path, chosen: list[str], passed: int) -> None:
    """Files without a chosen test are not imported; missing tests are no error."""
    done = _run(project, chosen=chosen)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("PASSED ") == passed
    assert f"{passed} passed, {3 - passed} deselected" in done.stdout


def test_all_tests_run_without_a_choice(project: Path) -> None:
    """Without a choice nothing is deselected, and nothing is written."""
    before = [*(path.name for path in project.iterdir()), "request.json"]
    done = _run(project, "test_one.py")
    assert "3 passed" in done.stdout
    assert "deselected" not in done.stdout
    assert sorted(path.name for path in project.iterdir() if path.name != "__pycache__") == sorted(before)


def test_collection_is_written(project: Path) -> None:
    """It has nodeids, plugins, and the files of modules that were imported or can be imported."""
    file = project / "collected.json"
    packages = ["till", "broken", "json", "no_such_package", "..", "sys"]
    done = _run(project, "--collect-only", "test_one.py", collected=str(file), packages=packages)
    assert done.returncode == 0, done.stdout
    collected = json.loads(file.read_text(encoding="utf-8"))
    assert collected["tests"] == [
        f"test_one.py::{name}" for name in ("test_work[a b]", "test_work[x[1]]", "test_other")
    ]
    assert collected["origins"]["till"] == str(project / "till" / "__init__.py")
    assert collected["origins"]["broken"] == str(project / "broken" / "__init__.py")
    assert collected["origins"]["test_one"] == str(project / "test_one.py")
    assert collected["origins"]["json"] == json.__file__
    assert "no_such_package" not in collected["origins"]
    assert "terminalreporter" in collected["plugins"]
    assert "cacheprovider" not in collected["plugins"]
    assert collected["packages"] == list(map(str, installed_packages()))
    assert collected["settings"] == list(map(str, shared_settings()))
