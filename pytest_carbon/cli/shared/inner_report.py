"""The report that a measured command writes itself, because it runs ``pytest --carbon``: it is not believed blindly."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from pathlib import Path

from pytest_carbon.config.load import load_config
from pytest_carbon.config.looking_options import LOOKING
from pytest_carbon.config.pytest_settings import pytest_setting
from pytest_carbon.config.report_places import reports_beside
from pytest_carbon.core.errors import CarbonError, ReportError
from pytest_carbon.core.records.outside_check import (
    calls_pytest_somehow,
    contradiction,
    describe_outside,
    is_pytest_call,
)
from pytest_carbon.core.report import OutsideFigures
from pytest_carbon.processes.watch import CountedOutside
from pytest_carbon.reporters.run import report_file

_REPORT_OPTION = "--carbon-report"
_NO_RUN = frozenset(chain(*LOOKING.values()))


class InnerReport:
    """What a command's own report was before the command ran; ``expected`` if the command is ``pytest --carbon``.

    The option may also stand in ``addopts`` of the project's settings or in ``PYTEST_ADDOPTS``.
    """

    def __init__(
        self, command: Sequence[str], default: Path, root: Path, environment: Mapping[str, str] = os.environ
    ) -> None:
        self._only_pytest = is_pytest_call(command)
        options = [*command, *environment.get("PYTEST_ADDOPTS", "").split()]
        if calls_pytest_somehow(command) and not any(word.startswith("addopts=") for word in command):
            options += [
                word for folder in {root, Path.cwd()} for words in pytest_setting(folder, "addopts") for word in words
            ]
        self.expected = calls_pytest_somehow(command) and "--carbon" in options and not any(map(_runs_no_test, options))
        self._default, self._root = default, root
        self._default_before = _identity(default)
        self._beside = {place: _identity(place) for place in reports_beside(default)}
        named = _place(options)
        self._before = {place: _identity(place) for place in ([named] if named else _places(options, default, root))}

    def written_beside(self) -> list[Path]:
        """Return the reports that the command wrote beside the usual place, such as those of environments of tox."""
        return [place for place in reports_beside(self._default) if _identity(place) != self._beside.get(place)]

    def left_report_of_tests(self) -> bool:
        """Return whether the usual place still has the report of an earlier test run, which is not ours to replace."""
        if self._default_before is None or _identity(self._default) != self._default_before:
            return False
        with suppress(ReportError):
            return any(row.kind == "test" for row in report_file.read(self._default, self._root).rows)
        return False

    def refusal(self, exit_code: int, counted: CountedOutside) -> str | None:
        """Return a sentence on why the command's own report is not believed; None if it is, or if there is none."""
        outside = OutsideFigures(
            exit_code,
            counted.wall_s,
            counted.cpu_s,
            counted.detached_cpu_s,
            self._only_pytest,
            counted.start_cpu_s,
            counted.end_cpu_s,
        )
        written = [place for place, before in self._before.items() if _identity(place) not in (None, before)]
        if not written:
            if not self.expected or exit_code > 1:
                return None
            return (
                f"pytest --carbon ended with exit code {exit_code} and wrote no report to {next(iter(self._before))}, "
                f"{describe_outside(outside)}; name its place by --carbon-report if pytest has another root folder, "
                "else code of the tests may have prevented the report"
            )
        try:
            return contradiction(replace(report_file.read(written[0]), outside=outside))
        except ReportError as error:
            return str(error) if self.expected else None


def _runs_no_test(word: str) -> bool:
    return word in _NO_RUN or re.fullmatch(r"-[qvslx]*[hV][qvslx]*", word) is not None


def _place(options: Sequence[str]) -> Path | None:
    for word, following in zip(options, [*options[1:], ""], strict=True):
        if word == _REPORT_OPTION:
            return Path(following)
        if word.startswith(f"{_REPORT_OPTION}="):
            return Path(word.partition("=")[2])
    return None


def _places(options: Sequence[str], default: Path, root: Path) -> Iterator[Path]:
    """Yield the places of a report that no option names: of the project, and of root folders that pytest may find.

    These are the working directory, paths among the words, and all folders above them. Each may have a setting.
    """
    yield default
    paths = [Path((word.partition("=")[2] or word).partition("::")[0]).absolute() for word in options]
    found = [root, *(path for path in (Path.cwd(), *paths) if os.path.lexists(path))]
    for folder in dict.fromkeys(folder for path in found for folder in (path, *path.parents)):
        with suppress(CarbonError, OSError, ValueError):
            yield load_config(folder).report


def _identity(path: Path) -> tuple[int, ...] | None:
    """Return what differs for a file that was written anew; None if there is no file."""
    with suppress(OSError):
        status = os.lstat(path)
        return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
    return None
