"""The result of the measuring step, as the next step reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from github_action.steps.command_result import CommandResult, read_result, remove_result, save_result


@pytest.mark.parametrize(
    "result", [CommandResult(0, Path("/x/report.json")), CommandResult(3, None, "no report\nat all ✗")]
)
def test_saved_result_is_read(tmp_path: Path, result: CommandResult) -> None:
    """Exit code, report and problem reach the next step."""
    assert read_result(save_result(result, tmp_path / "new" / "place")) == result


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"exit_code": "x", "report": "", "problem": ""}', "\x00"])
def test_unfinished_step_has_no_result(tmp_path: Path, text: str | None) -> None:
    """A missing or half-written file is no result."""
    if text is not None:
        (tmp_path / "measured.json").write_text(text, encoding="utf-8")
    assert read_result(tmp_path) is None


def test_removed_result_is_not_read(tmp_path: Path) -> None:
    """The result of an earlier step does not count for a step that is ended early; removing twice is no error."""
    save_result(CommandResult(0, None, "x"), tmp_path)
    for _ in range(2):
        remove_result(tmp_path)
        assert read_result(tmp_path) is None
