"""Runs pytest with the plugin in a process of its own, and reads the carbon report that it writes."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pytest_carbon.meter.ci_variables.ci_branch import VARIABLES
from pytest_carbon.reporters.run.report_file import schema
from tests.attack import Attack

pytest_plugins = ["pytester"]

BURN = """
import time

def burn(cpu_s):
    start = time.process_time()
    while time.process_time() - start < cpu_s:
        pass
"""


def pytest_configure(config: pytest.Config) -> None:
    """Declare the markers, and forget the variables of the CI that runs these tests."""
    for variable in VARIABLES:
        os.environ.pop(variable, None)
    config.addinivalue_line("markers", "long: takes 10 s or more, and so begins before the others")
    config.addinivalue_line("markers", "attack(line): is an attack; line is its line in docs/security.md")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Let every worker begin with the files of long tests: if one began last, the other workers would wait for it.

    ``--dist worksteal`` first gives each worker an equal part of the list, in order.
    """
    workers = getattr(config, "workerinput", {}).get("workercount", 1)
    files = sorted({item.path for item in items if item.get_closest_marker("long")})
    others = [item for item in items if not item.get_closest_marker("long")]
    ordered: list[pytest.Item] = []
    for worker in range(workers):
        ordered += [item for item in items if item.path in files[worker::workers] and item.get_closest_marker("long")]
        room = max(0, len(items) * (worker + 1) // workers - len(ordered))
        ordered, others = ordered + others[:room], others[room:]
    items[:] = ordered + others


@dataclass
class Run:
    """A finished run of pytest, and the carbon report that it wrote, if any."""

    result: pytest.RunResult
    path: Path

    @property
    def text(self) -> str:
        return self.result.stdout.str() + self.result.stderr.str()

    @property
    def report(self) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        check(report)
        return report

    def rows(self, kind: str = "test") -> list[dict[str, Any]]:
        return [row for row in self.report["rows"] if row["kind"] == kind]

    def row(self, name: str, kind: str = "test", phase: str = "call") -> dict[str, Any]:
        """Return the only row of a kind and phase whose nodeid ends with ``name``."""
        matching = [r for r in self.rows(kind) if r.get("nodeid", "").endswith(name) and r.get("phase") == phase]
        assert len(matching) == 1, (name, matching)
        return matching[0]


def check(report: dict[str, Any]) -> None:
    """Check a report against the shipped schema, and that its rows and features sum to the run's total."""
    jsonschema.Draft7Validator(schema()).validate(report)
    total = report["totals"]["energy_j"]
    if total is not None:
        rows_j = sum(row["energy_j"] for row in report["rows"] if row["energy_j"] is not None)
        assert rows_j == pytest.approx(total, rel=1e-6)
    if report["features"]:
        assert sum(use["share"] for use in report["features"].values()) == pytest.approx(1, rel=1e-5)
        assert sum(use["energy_j"] for use in report["features"].values()) == pytest.approx(total, rel=1e-5)


@pytest.fixture
def carbon_run(pytester: pytest.Pytester) -> Callable[..., Run]:
    """Return a function that runs ``pytest --carbon`` on the files of ``pytester``."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")
    pytester.makepyfile(work=BURN)

    def run(*arguments: str) -> Run:
        unneeded = ("-p", "no:randomly", "-p", "no:hypothesispytest")  # Hypothesis takes a tenth of a second to load
        result = pytester.runpytest_subprocess("--carbon", *unneeded, *arguments)
        return Run(result, pytester.path / ".carbon" / "report.json")

    return run


@pytest.fixture
def dubious_git(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return a function after which git is as in a container: another user owns every repository."""
    real, folder = shutil.which("git"), tmp_path_factory.mktemp("git")
    (folder / "git").write_text(f'#!/bin/sh\nGIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec "{real}" "$@"\n', encoding="utf-8")
    (folder / "git").chmod(0o755)

    def become_dubious() -> None:
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)

    return become_dubious


@pytest.fixture
def attack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attack]:
    """An attack, which must end in no success and leave its bait alone: see ``tests/attack.py``."""
    attack = Attack(tmp_path_factory.mktemp("attack") / "bait")
    yield attack
    attack.check()
