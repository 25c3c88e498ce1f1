"""Several runs of pytest in one folder: in environments of tox, and at once. No report replaces one without a word."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.cli.process import run_cli
from tests.conftest import Run

CarbonRun = Callable[..., Run]


def _runs(pytester: pytest.Pytester) -> dict[str, str]:
    folder = pytester.path / ".carbon"
    return {
        path.relative_to(folder).as_posix(): json.loads(path.read_text(encoding="utf-8"))["run"]["id"]
        for path in sorted(folder.rglob("report*/*.json")) + sorted(folder.glob("*.json"))
    }


def test_each_environment_of_tox_keeps_its_report(
    pytester: pytest.Pytester, carbon_run: CarbonRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last one's is also in the usual place; ledger append takes each run once, also a second time."""
    pytester.makepyfile("def test_it(): pass")
    for name in ("a", "b", "a"):
        monkeypatch.setenv("TOX_ENV_NAME", name)
        carbon_run("-q")
    runs = _runs(pytester)
    assert list(runs) == ["reports/a.json", "reports/b.json", "report.json"]
    assert runs["report.json"] == runs["reports/a.json"] != runs["reports/b.json"]
    assert (pytester.path / ".carbon" / ".gitignore").exists()
    monkeypatch.delenv("TOX_ENV_NAME")
    appended = run_cli("ledger", "append", "--folder", ".carbon/ledger", "--json", cwd=pytester.path)
    assert sorted(json.loads(appended.stdout)["added"]) == sorted({*runs.values()})


def test_two_runs_at_once_are_two_reports(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """The one that ends last says that another one wrote, and where its own report is."""
    pytester.makepyfile(
        test_outer=f"import subprocess, sys\ndef test_it(): assert subprocess.run({_inner()!r}).returncode == 0",
        test_inner="def test_it(): pass",
    )
    run = carbon_run("test_outer.py")
    assert list(_runs(pytester)) == ["reports/report-2.json", "report.json"]
    assert run.result.ret == 0
    words = f"another run wrote {pytester.path}/.carbon/report.json while this one ran; the report of this run is "
    assert f"pytest-carbon: {words}{pytester.path}/.carbon/reports/report-2.json. pytest-carbon ledger" in run.text


def _inner() -> list[str]:
    return [sys.executable, "-m", "pytest", "-q", "--carbon", "-p", "no:randomly", "test_inner.py"]


def test_run_counts_what_its_command_measured_once(pytester: pytest.Pytester) -> None:
    """The reports of tox below pytest-carbon run are part of its own; older ones stay."""
    pytester.makepyfile(test_inner="def test_it(): pass")
    old = pytester.path / ".carbon" / "reports" / "old.json"
    old.parent.mkdir(parents=True)
    old.write_text("{}")
    subprocess.run(
        [sys.executable, "-m", "pytest_carbon.cli", "run", "--", "env", "TOX_ENV_NAME=a", *_inner()],
        cwd=pytester.path, check=True, capture_output=True, env={**os.environ, "TOX_ENV_NAME": ""},
    )  # fmt: skip
    assert sorted(path.name for path in old.parent.iterdir()) == ["old.json"]
    assert (pytester.path / ".carbon" / "report.json").exists()
