"""Runs held against times that their tests could not move."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pytest_carbon.core.errors import CarbonError, ReportError
from pytest_carbon.core.evidence.run_times import TrustedTimes, refuse_other_times
from pytest_carbon.core.report import RunInfo
from tests.samples import NOW, make_report

TIMES = TrustedTimes(NOW, NOW + timedelta(hours=1), "its job ran from noon to one")


def _run(after: timedelta, duration_s: float = 60.0) -> RunInfo:
    return make_report(1, ago=-after, duration_s=duration_s).run


@pytest.mark.parametrize(
    "run",
    [_run(timedelta(0)), _run(timedelta(minutes=-9)), _run(timedelta(minutes=68)), _run(timedelta(minutes=1), 3500.0)],
    ids=["in it", "a slow clock", "a fast clock", "long"],
)
def test_a_run_within_its_job_passes(run: RunInfo) -> None:
    """A clock may be wrong by minutes."""
    refuse_other_times(run, TIMES)


@pytest.mark.parametrize(
    "run",
    [
        _run(timedelta(days=-2000)),
        _run(timedelta(minutes=-11)),
        _run(timedelta(minutes=71)),
        _run(timedelta(minutes=5), 4200.0),
        _run(timedelta(days=30)),
        _run(timedelta(0), 1e15),
    ],
    ids=["years ago", "before the job", "after the job", "longer than the job", "in the future", "for ages"],
)
def test_a_run_outside_of_its_job_is_refused(run: RunInfo) -> None:
    """The error has the times of the run, and those that are trusted."""
    with pytest.raises(ReportError, match=r"run run-1 says that it went from \d{4}-.*Z, but its job ran from noon to"):
        refuse_other_times(run, TIMES)


@pytest.mark.parametrize("started", ["9999-12-31T23:59:59Z", "2026-99-99T00:00:00Z", "2026-01-01T00:00:00"])
def test_a_start_that_is_no_time_is_refused(started: str) -> None:
    """The ends of the calendar and texts that only look like times end in an error of ours."""
    with pytest.raises(CarbonError):
        refuse_other_times(replace(_run(timedelta(0)), started=started), TIMES)


def test_without_a_known_beginning_only_the_end_counts() -> None:
    """What is not known refuses nothing."""
    refuse_other_times(_run(timedelta(days=-2000)), replace(TIMES, earliest=None))
