"""The report that a measured command writes itself, because it runs ``pytest --carbon``: it is not believed blindly."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.records.outside_check import contradiction, describe_outside, is_pytest_call
from pytest_carbon.core.report import OutsideFigures
from pytest_carbon.processes.watch import CountedOutside
from pytest_carbon.reporters.run import report_file

_REPORT_OPTION = "--carbon-report"


class InnerReport:
    """What a command's own report was before the command ran; ``expected`` if the command is ``pytest --carbon``."""

    def __init__(self, command: Sequence[str], default: Path) -> None:
        self._only_pytest = is_pytest_call(command)
        self.expected = self._only_pytest and "--carbon" in command
        self._place = _place(command) or default
        self._before = _identity(self._place)

    def refusal(self, exit_code: int, counted: CountedOutside) -> str | None:
        """Return a sentence on why the command's own report is not believed; None if it is, or if there is none."""
        outside = OutsideFigures(
            exit_code, counted.wall_s, counted.cpu_s, counted.detached_cpu_s, only_pytest=self._only_pytest
        )
        if _identity(self._place) in (None, self._before):
            if not self.expected or exit_code > 1:
                return None
            return (
                f"pytest --carbon ended with exit code {exit_code} and wrote no report to {self._place}, "
                f"{describe_outside(outside)}; code of the tests may have prevented that"
            )
        try:
            return contradiction(replace(report_file.read(self._place), outside=outside))
        except ReportError as error:
            return str(error) if self.expected else None


def _place(command: Sequence[str]) -> Path | None:
    for word, following in zip(command, [*command[1:], ""], strict=True):
        if word == _REPORT_OPTION:
            return Path(following)
        if word.startswith(f"{_REPORT_OPTION}="):
            return Path(word.partition("=")[2])
    return None


def _identity(path: Path) -> tuple[int, ...] | None:
    """Return what differs for a file that was written anew; None if there is no file."""
    with suppress(OSError):
        status = os.lstat(path)
        return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
    return None
