"""Whether a run can have been when its report says: held against a clock that its tests could not move."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.records.ledger_records import parse_time
from pytest_carbon.core.report import RunInfo

CLOCK_TOLERANCE = timedelta(minutes=10)
"""The clock of a runner may be wrong by so much: more than time services allow, and little for a budget's window."""
_LONGEST_S = 1e9


@dataclass(frozen=True, slots=True)
class TrustedTimes:
    """When a run began at the earliest (None: not known) and ended at the latest; ``source`` is a clause on both."""

    earliest: datetime | None
    latest: datetime
    source: str


def run_end(run: RunInfo) -> datetime:
    """Return when a run says that it ended. Raises CarbonError for a start that is no time of a calendar."""
    try:
        return parse_time(run.started) + timedelta(seconds=min(run.duration_s, _LONGEST_S))
    except OverflowError:
        raise ReportError(f"run {run.id} began at {run.started}, which is at the end of the calendar") from None


def refuse_other_times(run: RunInfo, times: TrustedTimes) -> None:
    """Raise ReportError for a run that says that it was at another time than it can have been."""
    started, ended = parse_time(run.started), run_end(run)
    too_early = times.earliest is not None and started < times.earliest - CLOCK_TOLERANCE
    if too_early or ended > times.latest + CLOCK_TOLERANCE:
        raise ReportError(
            f"run {run.id} says that it went from {_short(started)} to {_short(ended)}, but {times.source}; "
            "was the clock wrong, or moved by the tests?"
        )


def _short(time: datetime) -> str:
    return time.isoformat(timespec="seconds").replace("+00:00", "Z")
