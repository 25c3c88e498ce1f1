"""What is printed: harmless lines, JSON in ASCII, and files that can be written."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from pytest_carbon.cli.shared import output
from pytest_carbon.core.errors import ReportError
from pytest_carbon.ledgers.ledger import Skipped
from pytest_carbon.reporters.run.terminal import UNLIMITED


def test_a_line_shows_control_characters_as_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    """A name with a line end or an escape sequence stays on one line, on both streams."""
    output.print_line("::error::\n\x1b[2J")
    output.print_to_stderr("##[error]\r")
    assert capsys.readouterr() == (": :error::\\n\\x1b[2J\n", "## [error]\\r\n")


def test_further_lines_of_an_error_stand_behind_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    """The output of a failed program cannot be taken for our own line, nor for a command."""
    output.print_error("it failed\n::error::\x1b[2J\n  ##vso[task.complete]")
    out = "pytest-carbon: it failed\n  | ::error::\\x1b[2J\n  |   ## vso[task.complete]\n"
    assert capsys.readouterr() == ("", out)


def test_a_traceback_shows_control_characters_as_escapes(capsys: pytest.CaptureFixture[str]) -> None:
    """The message of an exception may hold a name from outside."""
    try:
        int("\x1b]0;title\x07" + "\n::error::")
    except ValueError:
        output.print_traceback()
    text = capsys.readouterr().err
    assert text.isascii()
    assert all(line.isprintable() for line in text.splitlines())
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())


def test_json_is_ascii_and_finite(capsys: pytest.CaptureFixture[str]) -> None:
    """NaN is no JSON, and is refused."""
    output.print_json({"name": "ä"})
    assert capsys.readouterr().out == '{\n  "name": "\\u00e4"\n}\n'
    with pytest.raises(ValueError, match="not JSON compliant"):
        output.print_json(math.nan)


def test_skipped_records_as_json() -> None:
    """Each has its path and the reason."""
    assert output.skipped_json([Skipped("a.json", "it is empty")]) == [{"path": "a.json", "reason": "it is empty"}]


def test_a_pipe_has_no_width(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no colours either; COLUMNS is about the terminal."""
    monkeypatch.setenv("COLUMNS", "77")

    def render(name: str, *, width: int, colour: bool) -> str:
        return f"{name} {width} {colour}"

    output.print_rendered(render, "table")
    assert capsys.readouterr().out == f"table {UNLIMITED} False"


def test_a_text_is_written_or_the_reason_is_named(tmp_path: Path) -> None:
    """The message has the path, the reason and the option to change."""
    output.save_text(tmp_path / "a.md", "ä", "verdict", "--output")
    assert (tmp_path / "a.md").read_text(encoding="utf-8") == "ä"
    with pytest.raises(
        ReportError, match=r"the verdict could not be written to .*no/a\.md \(No such .*another --output"
    ):
        output.save_text(tmp_path / "no" / "a.md", "", "verdict", "--output")
