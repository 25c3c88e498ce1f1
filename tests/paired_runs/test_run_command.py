"""A command run to its end, or ended with all its children."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from pytest_carbon.paired_runs.run_command import MeasureError, last_lines, run
from tests.attack import Attack


def test_exit_code_and_output_are_returned(tmp_path: Path) -> None:
    """The command runs in its folder, with its environment and without input; the file has both its outputs."""
    log = tmp_path / "log"
    code = run(["sh", "-c", "pwd; echo $COLOUR >&2; cat; exit 3"], tmp_path, {**os.environ, "COLOUR": "red"}, log)
    assert code == 3
    assert log.read_text() == f"{tmp_path}\nred\n"


@pytest.mark.parametrize("program", ["no-such-program", "./no-such-program", "nul\0byte", "/"])
def test_command_that_cannot_be_started_is_explained(tmp_path: Path, program: str) -> None:
    """The error names the command."""
    with pytest.raises(MeasureError, match=r"could not be started in .* is it spelt right"):
        run([program], tmp_path, os.environ, tmp_path / "log")


def test_command_that_takes_too_long_is_ended_with_its_children(tmp_path: Path) -> None:
    """At its time limit, a command is ended together with the processes that it started."""
    os.mkfifo(tmp_path / "line")
    line = os.open(tmp_path / "line", os.O_RDONLY | os.O_NONBLOCK)  # ends when nobody is left to write to it
    command = ["sh", "-c", "exec 3>line; sleep 600 & wait"]
    try:
        assert run(command, tmp_path, os.environ, tmp_path / "log", 0.5) is None
        assert _ended(line)
    finally:
        os.close(line)


def _ended(line: int) -> bool:
    limit_s = time.monotonic() + 60
    while time.monotonic() < limit_s:
        try:
            return os.read(line, 1) == b""
        except BlockingIOError:
            time.sleep(0.01)
    return False


def test_last_lines_are_shown(tmp_path: Path) -> None:
    """At most thirty lines are shown, also of invalid UTF-8; an empty output is said to be empty."""
    log = tmp_path / "log"
    log.write_bytes(b"".join(b"%d\n" % n for n in range(100)) + b"\xff")
    assert last_lines(log).splitlines() == [*(str(n) for n in range(71, 100)), "�"]
    log.write_bytes(b"")
    assert last_lines(log) == "(no output)"


@pytest.mark.attack("files-and-links")
@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", ["pipe", "link"])
def test_the_code_under_test_redirects_no_log(tmp_path: Path, attack: Attack, kind: str) -> None:
    """It knows the folder, and may put a pipe or a link where the log of the next run will be, or has been."""
    log = tmp_path / "log"
    make = {"pipe": lambda: os.mkfifo(log), "link": lambda: log.symlink_to(attack.outside)}[kind]
    make()
    assert run(["echo", "output"], tmp_path, os.environ, log) == 0
    assert log.read_text() == "output\n"
    log.unlink()
    make()
    shown = last_lines(log)
    attack.harmless(shown)
    assert shown.startswith("(the output cannot be read: ")
