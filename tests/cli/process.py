"""The command line in a process of its own, and in a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any


def run_cli(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder, with more environment variables."""
    return subprocess.run(
        [sys.executable, "-m", "pytest_carbon.cli", *arguments],
        cwd=cwd, capture_output=True, text=True, check=False, timeout=60,
        env={**os.environ, "COLUMNS": "100", **environment},
    )  # fmt: skip


def read_report(folder: Path) -> dict[str, Any]:
    """Return the report in the configured place of a folder."""
    report: dict[str, Any] = json.loads((folder / ".carbon" / "report.json").read_text())
    return report


def run_in_terminal(arguments: list[str], cwd: Path, answers: str = "", **environment: str) -> tuple[int, str]:
    """Run the command line in a pseudo-terminal; return the exit code and everything that was shown.

    ``answers`` are what the user has typed, in advance.
    """
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        variables = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CI")}
        os.execve(  # noqa: S606
            sys.executable, [sys.executable, "-m", "pytest_carbon.cli", *arguments],
            {**variables, "TERM": "xterm", "COLUMNS": "100", **environment},
        )  # fmt: skip
    os.write(terminal, answers.encode())
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode()
