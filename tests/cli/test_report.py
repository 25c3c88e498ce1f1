"""report and schema: the table of an earlier run, and the schema of its file."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.cli.process import read_report, run_cli, run_in_terminal


def test_report_prints_the_table_again(tmp_path: Path) -> None:
    """report prints the table that run printed, from the file alone, also in a folder below the project."""
    run = run_cli("run", "--", sys.executable, "-c", "pass", cwd=tmp_path)
    again = run_cli("report", cwd=tmp_path)
    assert again.returncode == 0
    report = "report     .carbon/report.json; to begin a policy: pytest-carbon init\n"
    assert f"{again.stdout}{report}" == run.stderr
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "below").mkdir()
    assert run_cli("report", cwd=tmp_path / "below").stdout == again.stdout


def test_a_report_conforms_to_the_printed_schema(tmp_path: Path) -> None:
    """schema prints a valid JSON Schema, and the report of a run conforms to it."""
    run_cli("run", "--", "true", cwd=tmp_path)
    schema = json.loads(run_cli("schema", cwd=tmp_path).stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.Draft7Validator(schema).validate(read_report(tmp_path))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_colours_only_on_a_terminal_without_no_color(tmp_path: Path) -> None:
    """A terminal gets colours unless NO_COLOR is set; a pipe never gets any."""
    run_cli("run", "--", "true", cwd=tmp_path)
    assert "\x1b[32m" in run_in_terminal(["report"], tmp_path)[1]
    assert "\x1b[3" not in run_in_terminal(["report"], tmp_path, NO_COLOR="1")[1]
    assert "\x1b" not in run_cli("report", cwd=tmp_path).stdout


@pytest.mark.parametrize("verb", [("report",), ("check",), ("ledger", "append")])
def test_a_report_of_another_root_folder_is_named(project: Any, verb: tuple[str, ...]) -> None:
    """pytest has found a root folder by its own settings: the message says where its report is, and what to do."""
    below = project.root / "packages" / "a"
    below.mkdir(parents=True)
    (project.root / "packages" / ".carbon").mkdir()
    (project.root / "packages" / ".carbon" / "report.json").write_text("{}")
    os.chdir(below)
    done = project.carbon(*verb, now=None)
    assert done.code == 2
    assert f"there is one at {project.root}/packages/.carbon/report.json: pytest has found another root" in done.err
    assert f"run pytest --carbon --rootdir {project.root}" in done.err
