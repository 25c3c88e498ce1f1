"""The report's file: written whole or not at all, read with its schema."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.model import GridFactor, Probe, Range, Row
from pytest_carbon.core.report import MachineInfo, Report, RunInfo, Totals, to_json
from pytest_carbon.reporters.run.report_file import read, to_text, write

REPORT = Report(
    tool={"name": "pytest-carbon", "version": "0.1.0", "codecarbon": "3.3.2"},
    run=RunInfo("run-1", "2026-01-01T00:00:00Z", 12.5, ("pytest",), 0, None, 1),
    machine=MachineInfo("bench", "CPU", 4, "modelled", "by hand", "fits", {"cpu": "CPU"}, None, None, None, 1.0),
    grid=GridFactor("DE", Range(381.0, 171.5, 628.7), "by hand", 2024, False),
    totals=Totals(2.0, 1.0, 3.0, 0.51125, 0.00025, 0.1, 0.10025, 0.04, 0.25, None, None, ""),
    rows=(Row("test", 1.5, 0.25, 1.5, 0.51125, "t.py::ä[\ud800]", "call"), Row("idle", 0.5, 0.0, 0.5, 0.0)),
    features={},
    budgets=(),
    probes=(Probe(0.5, 1.0, "", 1.5, 0.25),),
    gaps=("CPU time is missing",),
)


def test_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    """A report read from its file is equal to the written report; missing folders are made."""
    path = tmp_path / "new" / "folder" / "report.json"
    write(REPORT, path)
    assert read(path) == REPORT
    assert [p.name for p in path.parent.iterdir()] == ["report.json"]


def test_text_has_one_row_a_line() -> None:
    """The text is the report's JSON with one row a line, so that a diff shows the rows that differ."""
    text = to_text(REPORT)
    assert json.loads(text) == to_json(REPORT)
    rows = [line for line in text.splitlines() if line.startswith('{"kind":')]
    assert rows == [
        '{"kind":"test","nodeid":"t.py::\\u00e4[\\ud800]","phase":"call","wall_s":1.5,"cpu_s":0.25,"energy_j":1.5,'
        '"reference_j":0.51125},',
        '{"kind":"idle","wall_s":0.5,"cpu_s":0.0,"energy_j":0.5,"reference_j":0.0}',
    ]


def test_same_report_same_bytes(tmp_path: Path) -> None:
    """The same report is written as the same bytes, and writing again replaces the whole file."""
    path = tmp_path / "report.json"
    path.write_text("something much longer than a report " * 1000, encoding="utf-8")
    write(REPORT, path)
    first = path.read_bytes()
    write(REPORT, path)
    assert path.read_bytes() == first == to_text(REPORT).encode()
    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize(
    ("folder", "made_before", "ignored"),
    [(".carbon", False, True), (".carbon", True, False), ("reports", False, False)],
)
def test_new_carbon_folder_ignores_itself(tmp_path: Path, folder: str, made_before: bool, ignored: bool) -> None:
    """Only a folder .carbon that we make gets a .gitignore; a folder of the user is left alone."""
    if made_before:
        (tmp_path / folder).mkdir()
    write(REPORT, tmp_path / folder / "report.json")
    ignore = tmp_path / folder / ".gitignore"
    assert (ignore.read_text(encoding="ascii") if ignore.exists() else None) == ("*\n" if ignored else None)


@pytest.mark.parametrize(
    "place",
    ["file/report.json", "file/sub/report.json", "folder", "x" * 300, "nul\0byte/report.json"],
    ids=["a file where a folder should be", "the same further down", "a folder", "a name too long", "no name at all"],
)
def test_path_that_cannot_be_written_is_explained(tmp_path: Path, place: str) -> None:
    """The error names the path; nothing is changed or left there."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    with pytest.raises(ReportError) as caught:
        write(REPORT, tmp_path / place)
    assert str(tmp_path / place) in str(caught.value)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["file", "folder"]
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"


def test_report_that_is_no_json_leaves_the_old_file(tmp_path: Path) -> None:
    """A figure that is not a number is refused before the file is touched."""
    path = tmp_path / "report.json"
    write(REPORT, path)
    broken = replace(REPORT, totals=replace(REPORT.totals, reference_j=float("nan")))
    with pytest.raises(ReportError, match="fault of pytest-carbon"):
        write(broken, path)
    assert read(path) == REPORT
    assert [p.name for p in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.parametrize(
    ("text", "replaced"),
    [
        (to_text(REPORT), True),
        (json.dumps(to_json(REPORT), indent=2, sort_keys=True), True),
        ('\n {"rows": [], "schema": "pytest-carbon/report/0"}', True),
        ('{"schema": "pytest\\u002dcarbon/report/1"}', True),
        ("def pytest_configure(config): ...\n", False),
        ("", False),
        ("{}", False),
        ('{"schema": "pytest-carbon/entry/1"}', False),
        ('{"note": "pytest-carbon/report/1"}', False),
        ('["pytest-carbon/report/1"]', False),
        (to_text(REPORT)[:-3], False),
        ("[" * 100_000, False),
        ('{"a":' * 100_000, False),
    ],
)
def test_settings_replace_only_a_report(tmp_path: Path, text: str, replaced: bool) -> None:
    """A file of the project that is no report stays; in its own place, or if the user names it, it is replaced."""
    path = tmp_path / "file.json"
    path.write_text(text, encoding="utf-8")
    if replaced:
        write(REPORT, path, tmp_path, named=False)
    else:
        with pytest.raises(ReportError, match=r"file.json .this file is no carbon report, and would be lost.; the "):
            write(REPORT, path, tmp_path, named=False)
        assert path.read_text(encoding="utf-8") == text
    write(REPORT, path, tmp_path)
    (tmp_path / ".carbon").mkdir()
    (tmp_path / ".carbon" / "report.json").write_text(text, encoding="utf-8")
    write(REPORT, tmp_path / ".carbon" / "report.json", tmp_path, named=False)
    assert read(path) == read(tmp_path / ".carbon" / "report.json") == REPORT


def _text(**changes: Any) -> str:
    return json.dumps({**to_json(REPORT), **changes})


WHOLE = to_text(REPORT)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("", "is not complete JSON", id="empty"),
        pytest.param(WHOLE[: len(WHOLE) // 2], "is not complete JSON", id="cut in the middle"),
        pytest.param(WHOLE[:-3], "was it cut short? make a new one with pytest --carbon", id="cut at the end"),
        pytest.param(WHOLE + "{}", "is not complete JSON", id="something behind it"),
        pytest.param("[" * 100_000, "is not complete JSON", id="too deep"),
        pytest.param(WHOLE.replace(":1.5", ":NaN", 1), "is not a carbon report: it contains NaN", id="not a number"),
        pytest.param(WHOLE.replace(":1.5", ":-Infinity", 1), "it contains -Infinity", id="infinity"),
        pytest.param(WHOLE.replace(":1.5", ":1e999", 1), "is not a valid carbon report", id="infinity in digits"),
        pytest.param("[]", "its schema is None, not 'pytest-carbon/report/1'", id="a list"),
        pytest.param("{}", "its schema is None", id="an empty object"),
        pytest.param(_text(schema="pytest-carbon/report/2"), "its schema is 'pytest-carbon/report/2'", id="version 2"),
        pytest.param(_text(schema=["a"]), "its schema is ['a']", id="schema of another type"),
        pytest.param(_text(more=1), "is not a valid carbon report", id="extra key"),
        pytest.param(_text(rows={}), "is not a valid carbon report: data.rows must be array", id="rows no list"),
        pytest.param(_text(gaps=[1]), "data.gaps[0] must be string", id="gap no text"),
    ],
)
def test_invalid_report_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    """The error names the file, the problem and the next step."""
    path = tmp_path / "report.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ReportError) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))
    assert complaint in str(caught.value)
    assert len(str(caught.value)) < len(str(path)) + 400


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    """A file that is not UTF-8 is not JSON."""
    path = tmp_path / "report.json"
    path.write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(ReportError, match="is not complete JSON"):
        read(path)


def test_missing_file_is_explained(tmp_path: Path) -> None:
    """A missing report is an error with the next step, not a traceback."""
    with pytest.raises(
        ReportError, match=r"there is no carbon report at .*; if the path is right, make a new one with pytest --carbon"
    ):
        read(tmp_path / "report.json")
    (tmp_path / "report.json").write_text("{}")
    with pytest.raises(ReportError, match=r"no carbon report at .*command.json; name .*report.json, which is there"):
        read(tmp_path / "command.json")


def test_folder_cannot_be_read(tmp_path: Path) -> None:
    """A path that is a folder cannot be read as a report."""
    with pytest.raises(ReportError, match="cannot be read"):
        read(tmp_path)
