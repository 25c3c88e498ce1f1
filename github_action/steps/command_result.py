"""What the measuring step leaves for the next step: the command's exit code, and its report or the problem."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from pytest_carbon.core.errors import ReportError
from pytest_carbon.files.read_bounded import LIST_BYTES, read_bytes
from pytest_carbon.files.write_safely import make_folder, write_whole

_FILE_NAME = "measured.json"


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The command's exit code, and where its report is. ``problem`` says why there is none, or why it is refused."""

    exit_code: int
    report: Path | None
    problem: str = ""


def remove_result(folder: Path) -> None:
    """Remove the job's folder with the result of an earlier step, or whatever a command has put in its place.

    An earlier result would count as this step's result if this step is ended early.
    """
    for place in (folder.parent, folder):
        if place.is_symlink() or place.is_file():
            place.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    if os.path.lexists(folder):
        raise ReportError(
            f"{folder} cannot be removed, and would count as the result of this step; "
            "does a command write there as another user?"
        )


def save_result(result: CommandResult, folder: Path) -> Path:
    """Write the result where the next step reads it, and return the folder."""
    make_folder(folder, folder)
    data = {"exit_code": result.exit_code, "problem": result.problem, "report": str(result.report or "")}
    write_whole(folder / _FILE_NAME, json.dumps(data).encode(), folder)
    return folder


def read_result(folder: Path) -> CommandResult | None:
    """Return the result of the measuring step; None if that step did not end."""
    try:
        data = json.loads(read_bytes(folder / _FILE_NAME, LIST_BYTES, folder))
        report = Path(data["report"]) if data["report"] else None
        return CommandResult(int(data["exit_code"]), report, str(data["problem"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
