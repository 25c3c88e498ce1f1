"""A report's run held against the time of its file."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pytest_carbon.core.errors import ReportError
from pytest_carbon.reporters.run.file_time import refuse_other_file_times
from tests.samples import NOW, make_report


def _now() -> datetime:
    return datetime.now(UTC)


def _refuse(path: Path, ended_ago: timedelta, now: datetime | None = None) -> None:
    now = now or _now()
    run = make_report(1, ago=NOW - now + ended_ago + timedelta(seconds=60)).run
    refuse_other_file_times(run, path, now)


@pytest.mark.parametrize("ago", [timedelta(0), timedelta(hours=23), timedelta(minutes=-8)])
def test_a_run_that_ended_when_its_file_was_written_passes(tmp_path: Path, ago: timedelta) -> None:
    """A report may be fetched from another job, or get its pairs, within a day."""
    path = tmp_path / "report.json"
    path.touch()
    _refuse(path, ago)


@pytest.mark.parametrize("ago", [timedelta(hours=25), timedelta(days=2000), timedelta(minutes=-12), timedelta(days=-9)])
def test_a_run_of_another_time_than_its_file_is_refused(tmp_path: Path, ago: timedelta) -> None:
    """Both times are told, and how a report of long ago is used."""
    path = tmp_path / "report.json"
    path.touch()
    with pytest.raises(ReportError, match=r"but its file .*report.json was written at 20.*--now TIME$"):
        _refuse(path, ago)


def test_a_time_that_a_program_has_set_does_not_count(tmp_path: Path) -> None:
    """The tests may set the file's time back to that of their report; the kernel's own time of the file tells."""
    path = tmp_path / "report.json"
    path.touch()
    os.utime(path, (0.0, (_now() - timedelta(days=2000)).timestamp()))
    with pytest.raises(ReportError, match="was written at"):
        _refuse(path, timedelta(days=2000))


def test_an_old_file_that_nobody_touched_passes(tmp_path: Path) -> None:
    """A report in a file of its own time passes, also years later."""
    path = tmp_path / "report.json"
    path.touch()
    refuse_other_file_times(make_report(1, ago=NOW - _now()).run, path, _now() + timedelta(days=2000))


def test_a_file_that_is_gone(tmp_path: Path) -> None:
    """A report that was removed after it was read is an error of ours."""
    with pytest.raises(ReportError, match="was it removed meanwhile"):
        _refuse(tmp_path / "none.json", timedelta(0))
