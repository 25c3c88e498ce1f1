"""The progress of a long task: a line now and then, or a bar on a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from contextlib import suppress
from typing import Any

import pytest

from pytest_carbon.cli.shared.progress import Progress


def test_a_quick_task_shows_no_progress(project: Any, database: str) -> None:
    """Standard output has the result alone, and standard error is empty."""
    done = project.carbon("ledger", "sync", "org/one=one", "--sql", database, "--json")
    assert done.err == ""
    assert json.loads(done.out)["added"] == 5


def test_a_slow_task_prints_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    """A name in the line cannot command a CI or a terminal."""
    with Progress(line_every_s=0) as progress:
        progress.begin("::error::\x1b[31m (1 of 2)")
        progress(5, 20)
    assert capsys.readouterr().err == ": :error::\\x1b[31m (1 of 2): 5 of 20, 0 s so far\n"


@pytest.fixture
def database(project: Any) -> str:
    """A database, and a ledger with five runs in the folder ``one``."""
    assert project.carbon("ledger", "migrate", "--sql", "sqlite:///runs.db", now=None).code == 0
    reports = [project.report(number, branch="main") for number in range(1, 6)]
    assert project.carbon("ledger", "append", *reports, "--folder", "one").code == 0
    return "sqlite:///runs.db"


def _read_terminal(terminal: int) -> bytes:
    """Return everything that was sent to a terminal whose other end is closed."""
    shown = b""
    with suppress(OSError):  # Linux signals the end so
        while part := os.read(terminal, 100_000):
            shown += part
    return shown


def test_a_terminal_shows_a_bar(database: str) -> None:
    """The bar is gone at the end; the result stays."""
    reader, terminal = pty.openpty()
    verb = [sys.executable, "-m", "pytest_carbon.cli", "ledger", "sync", "org/one=one", "--sql", database]
    done = subprocess.run(
        verb, stdout=subprocess.PIPE, stderr=terminal, check=True, env={**os.environ, "TERM": "xterm"}
    )
    os.close(terminal)
    shown = _read_terminal(reader).decode()
    os.close(reader)
    assert done.stdout.startswith(b"org/one: added 5 records and 5 baselines")
    assert "org/one (1 of 1)" in shown
    assert shown.endswith("\x1b[2K")
