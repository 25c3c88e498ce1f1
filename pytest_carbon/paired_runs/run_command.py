"""Runs one command to its end, or ends it. It has its own process group and no terminal; its output goes to a file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pytest_carbon.core.errors import CarbonError
from pytest_carbon.files.read_bounded import LOG_BYTES, open_regular
from pytest_carbon.files.write_safely import open_new
from pytest_carbon.processes.watch import CountedOutside, Watch

GRACE_S = 5.0
_LINES_SHOWN, _TAIL_BYTES = 30, 20_000


class MeasureError(CarbonError):
    """A side cannot be measured: it lacks the folder of the tests, or a command could not be started or failed."""


def run(
    command: Sequence[str],
    cwd: Path,
    environment: Mapping[str, str],
    log: Path,
    limit_s: float | None = None,
    left: Callable[[CountedOutside], object] = lambda _: None,
) -> int | None:
    """Run a command and return its exit code; None if it took longer than ``limit_s`` and was ended.

    A relative program is looked up in ``cwd``. If this process is interrupted, the command and its children are ended
    first. What the command leaves running is ended; ``left`` is called with that. Raises MeasureError if the command
    cannot be started.
    """
    with Watch(end_left=True) as watch:
        code = _run(command, cwd, environment, log, limit_s)
    left(watch.counted)
    return code


def _run(
    command: Sequence[str], cwd: Path, environment: Mapping[str, str], log: Path, limit_s: float | None
) -> int | None:
    with open_new(log) as output:
        try:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise MeasureError(
                f"{command[0]!r} could not be started in {cwd} ({reason}); is it spelt right?"
            ) from error
        try:
            code = process.wait(timeout=limit_s)
        except subprocess.TimeoutExpired:
            _end(process)
            return None
        except BaseException:
            _end(process)
            raise
    if sys.platform != "linux":  # where the watch does not see what was left running, the group is ended at least
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    return code


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ask the command's process group to end; kill it after GRACE_S. Its id is not reused before ``wait`` returns."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(timeout=GRACE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def last_lines(log: Path) -> str:
    """Return the last lines of a command's output, for an error message."""
    try:
        with open_regular(log, LOG_BYTES, log.parent) as file:
            file.seek(-min(_TAIL_BYTES, file.seek(0, os.SEEK_END)), os.SEEK_END)
            lines = file.read(_TAIL_BYTES).decode("utf-8", "replace").splitlines()
    except OSError as error:
        return f"(the output cannot be read: {error.strerror})"
    return "\n".join(lines[-_LINES_SHOWN:]) or "(no output)"
