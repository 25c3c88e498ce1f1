"""Marks reach the watcher through a pipe that the children of the sender do not get."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from pytest_carbon.processes.marks import VARIABLE, MarkReader, MarkSender

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a command inherits no pipe")
SEND = "from pytest_carbon.processes.marks import MarkSender; m = MarkSender(); m.send()"
WAIT = "; import time; time.sleep(0.2); "


def _marks_of(code: str, change: Callable[[str], str] = str) -> int:
    marks: list[int] = []
    reader = MarkReader(lambda: marks.append(1))
    environment = {name: change(value) for name, value in reader.environment.items()}
    command = [sys.executable, "-c", code]
    subprocess.run(command, env={**os.environ, **environment}, pass_fds=reader.descriptors, check=True)
    reader.close()
    reader.close()
    return len(marks)


@pytest.mark.parametrize(
    ("code", "marks"),
    [
        ("pass", 0),
        (SEND, 1),
        (f"{SEND}{WAIT}m.send()", 2),
        (f"{SEND}{WAIT}import subprocess, sys; subprocess.run([sys.executable, '-c', {SEND!r}], close_fds=False)", 1),
        (f"import os; os.closerange(3, 99); {SEND}; f = open(os.devnull); m.send()", 0),
    ],
    ids=["none", "one", "two", "not of a child", "closed"],
)
def test_each_mark_is_noted(code: str, marks: int) -> None:
    """What the command sends is noted, and nothing of what it starts."""
    assert _marks_of(code) == marks


@pytest.mark.parametrize("change", [lambda _: "", lambda _: "x", lambda _: "99:1:1", lambda v: v + "1", lambda _: "-1"])
def test_a_name_that_is_not_that_of_the_pipe_is_no_error(change: Callable[[str], str]) -> None:
    """Nothing is written to another file that has the number of the pipe."""
    assert _marks_of(SEND, change) == 0


def test_without_a_watcher_nothing_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most runs have none; and a watcher that has gone is none."""
    monkeypatch.delenv(VARIABLE, raising=False)
    MarkSender().send()
    reader = MarkReader(lambda: None)
    monkeypatch.setenv(VARIABLE, reader.environment[VARIABLE])
    sender = MarkSender()
    assert VARIABLE not in os.environ
    reader.close()
    sender.send()


def test_a_process_that_keeps_the_pipe_does_not_hold_up_the_watcher() -> None:
    """The end is told by the watcher, not by the end of the pipe."""
    reader = MarkReader(lambda: None)
    with subprocess.Popen(["sleep", "600"], pass_fds=reader.descriptors) as process:
        reader.close()
        assert process.poll() is None
        process.kill()
