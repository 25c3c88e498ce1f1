"""The reports of the last run and of the runs beside it, of one commit: of environments of tox, and of runs at once."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_carbon.cli.shared.options import configured_report, read_named_report
from pytest_carbon.config.report_places import reports_beside
from pytest_carbon.core.records.ledger_records import parse_time

if TYPE_CHECKING:
    from pytest_carbon.config.load import Config
    from pytest_carbon.core.report import Report

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class LastJob:
    """The reports of one commit and branch, by name, the last run's first; ``path`` is where that one is.

    ``left_out`` are the reports of other commits and branches, which an earlier job has left.
    """

    named: tuple[tuple[str, Report], ...]
    path: Path
    left_out: tuple[tuple[str, Report], ...] = ()

    @property
    def reports(self) -> list[Report]:
        """Every report, the last run's first."""
        return [report for _, report in self.named]

    @property
    def merged(self) -> Report:
        """All of it as one report, as the Action makes it. Raises ReportError if that cannot be."""
        from pytest_carbon.core.merge.merge_reports import merge_reports

        return merge_reports(self.named) if len(self.named) > 1 else self.reports[0]

    @property
    def together_text(self) -> str:
        """Say which runs are judged as one; empty for a single run."""
        if len(self.named) < 2:
            return ""
        names = _list(name for name, _ in self.named)
        return (
            f"{len(self.named)} runs of {_commit_text(self.reports[0])} are judged as one: {names}; to judge one of "
            "them, name its report, and remove those that are no longer true"
        )

    @property
    def left_out_text(self) -> str:
        """Say which reports belong to an earlier job; empty if there are none."""
        listed = _list(
            f"{name} ({_commit_text(report)} of {report.run.branch or 'no branch'})" for name, report in self.left_out
        )
        return (
            listed and f"left out, because the last run is of another commit or branch: {listed}; to add one, name it"
        )


def read_judged_job(arguments: argparse.Namespace, config: Config) -> LastJob:
    """Read the report that the options name, else as ``read_last_job`` does, but whatever branch had the commit."""
    if not arguments.report:
        return read_last_job(arguments, config, any_branch=True)
    path = Path(arguments.report)
    return LastJob(((path.name, read_named_report(arguments, path)),), path)


def read_last_job(arguments: argparse.Namespace, config: Config, *, any_branch: bool = False) -> LastJob:
    """Read the configured report, and those beside it that are of the same commit and branch, each run once.

    Without a report in the configured place, the newest of the others is the last run. Raises ReportError for a report
    that is not sound, for no report, and, without ``--now``, for one of the job that is not of the time of its file.
    """
    from pytest_carbon.reporters.run import report_file
    from pytest_carbon.reporters.run.file_time import refuse_other_file_times

    beside = [(place.stem, place) for place in reports_beside(config.report)]
    last = [(config.report.name, config.report)] if os.path.lexists(config.report) or not beside else []
    if not beside:
        configured_report(config)
    found = [(name, place, report_file.read(place, config.root)) for name, place in (*last, *beside)]
    if not last:
        found.sort(key=lambda one: parse_time(one[2].run.started), reverse=True)
    _, path, newest = found[0]
    job: dict[str, tuple[str, Report]] = {}
    left_out = []
    for name, place, read in found:
        report = replace(read, run=replace(read.run, branch=newest.run.branch)) if any_branch else read
        if (report.run.commit, report.run.branch) != (newest.run.commit, newest.run.branch):
            left_out.append((f"{place.parent.name}/{place.name}", report))
            continue
        if arguments.now is None:
            refuse_other_file_times(report.run, place, datetime.now(UTC))
        kept = job.get(report.run.id)
        job[report.run.id] = (name, kept[1] if kept else report)  # the last run's has the pairs that confirm adds
    return LastJob(tuple(job.values()), path, tuple(left_out))


def _commit_text(report: Report) -> str:
    return (report.run.commit or "")[:7] or "no known commit"


def _list(names: Iterable[str]) -> str:
    listed = list(names)
    more = len(listed) - _MOST_NAMED
    return ", ".join([*listed[:_MOST_NAMED], *([f"and {more} more"] if more > 0 else [])])
