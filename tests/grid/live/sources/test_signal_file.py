"""A file of signals."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.grid.live.http_client import HttpClient
from pytest_carbon.grid.live.read_answers import ask
from pytest_carbon.grid.live.signal_source import SourceFaultError
from pytest_carbon.grid.live.sources.signal_file import SignalFile
from tests.grid.live.sources.check_source import OWN, question


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("start,g_per_kwh\n2026-11-20T09:00Z,300\n2026-11-20T10:00Z,310\n", [300.0, 310.0]),
        (
            "zone,start,end,g_per_kwh,status\nZONE,2026-11-20T09:00Z,2026-11-20T09:30Z,300,forecast\nX,2026-11-20T09:00Z,,9,\n",
            [300.0],
        ),
        ("start,g_per_kwh\n2026-11-20T10:00Z,310\n2026-11-20T09:00Z,300\n", [300.0, 310.0]),
        ('[{"start": "2026-11-20T09:00+00:00", "g_per_kwh": 300}]', [300.0]),
        ("start,g_per_kwh\n2026-11-20T09:00,300\n", "the start of row 1 is not a time with its zone, such as"),
        (
            "start;g_per_kwh\n2026-11-20T09:00Z;300\n",
            "row 1 has no start; commas separate the columns start, g_per_kwh",
        ),
        ("start,g_per_kwh\n2026-11-20T09:00Z,1\n2026-11-20T10:00Z,x\n", "the g_per_kwh of row 2 is not a number"),
        ("[1]", "row 1 is no object with start"),
        (
            "start,g_per_kwh,status\n2026-11-20T09:00Z,300,guess\n",
            "the status of row 1 is not one of measured, estimated, forecast",
        ),
        ('{"start": 1}', "is no list of figures"),
        (None, "cannot be read"),
    ],
    ids=[
        "CSV",
        "zones, ends and status",
        "in another order",
        "JSON",
        "no time zone",
        "semicolons",
        "no number",
        "no object",
        "unknown status",
        "no list",
        "missing",
    ],
)
def test_file(tmp_path: Path, text: str | None, expected: Any) -> None:
    """A file is read each time, so that a newer one counts at once."""
    path = tmp_path / "grid.csv"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    source = SignalFile(path, OWN)
    assert source.address == str(path)
    if isinstance(expected, str):
        with pytest.raises(SourceFaultError, match=expected):
            ask(source, question())
    else:
        assert [signal.g_per_kwh for signal in ask(source, question())] == expected


@pytest.mark.parametrize(
    "text", ["root:x:0:0:root:/root\n", "start,g_per_kwh\nroot,1\n", "start,g_per_kwh\n2026-11-20T09:00Z,root\n",
             "start,g_per_kwh,status\n2026-11-20T09:00Z,1,root\n", '["root"]', '[{"start": "root"}]', "[" * 100_000,
             "start,g_per_kwh\n" + "root" * 50_000, "root\xff", "root\0,root\n1,2\n"],
)  # fmt: skip
def test_no_fault_shows_the_content(tmp_path: Path, text: str) -> None:
    """A pull request may name any file of the project: what is no signal is not shown."""
    path = tmp_path / "grid.csv"
    path.write_bytes(text.encode("latin-1"))
    asked = replace(question(), client=HttpClient(quotes=False))
    with pytest.raises(SourceFaultError) as caught:
        ask(SignalFile(path, OWN), asked)
    assert "root" not in str(caught.value).replace(str(path), "")


@pytest.mark.parametrize("place", ["/etc/passwd", "../outside.csv", "link.csv"])
def test_files_outside_of_the_project_are_refused(tmp_path: Path, place: str) -> None:
    """Neither a path nor a link leads out of the project."""
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "outside.csv").write_text("start,g_per_kwh\n2026-11-20T09:00Z,1\n", encoding="utf-8")
    (project / "link.csv").symlink_to(tmp_path / "outside.csv")
    with pytest.raises(SourceFaultError, match=r"cannot be read \(.*outside of the project|that leaves the project"):
        ask(SignalFile(project / place, OWN, project=project), question())


def test_rows_to_come_are_a_forecast(tmp_path: Path) -> None:
    """A row without a status is measured if its time has begun; nobody can have measured the others."""
    path = tmp_path / "grid.csv"
    path.write_text("start,g_per_kwh\n2026-11-20T10:00Z,300\n2026-11-20T11:00Z,310\n", encoding="utf-8")
    assert [signal.status for signal in ask(SignalFile(path, OWN), question())] == ["measured", "forecast"]
