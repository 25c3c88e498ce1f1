"""Whether a report's run can have been when it says: held against the time of the report's file."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.evidence.run_times import CLOCK_TOLERANCE, TrustedTimes, refuse_other_times, run_end
from pytest_carbon.core.records.ledger_records import parse_time
from pytest_carbon.core.report import RunInfo

MOST_WAIT = timedelta(days=1) - CLOCK_TOLERANCE
"""A report may be written again, or fetched from another job, so long after its run ended."""


def refuse_other_file_times(run: RunInfo, path: Path, now: datetime) -> None:
    """Raise ReportError for a run that ended after its file was written, or that ended over a day before.

    The file's time is when the kernel last changed its name, content or owner, which no program can set. ``now`` is the
    machine's clock.
    """
    try:
        status = path.stat()
    except OSError:
        raise ReportError(f"{path} cannot be looked at any more; was it removed meanwhile?") from None
    written = min(datetime.fromtimestamp(max(status.st_mtime, status.st_ctime), UTC), now)
    source = f"its file {path} was written at {written.isoformat(timespec='seconds').replace('+00:00', 'Z')}"
    duration = run_end(run) - parse_time(run.started)
    try:
        refuse_other_times(run, TrustedTimes(written - MOST_WAIT - duration, written, source))
    except ReportError as error:
        raise ReportError(
            f"{error} The file's time is when it was last written, moved, copied or touched. For a report of before "
            "that, say as of when it is used: --now TIME"
        ) from None
