"""Runs the command that measures, or merges reports that other steps wrote. The command gets no token."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from github_action.event import log_commands
from github_action.event.github_context import GitHubContext
from github_action.event.inputs import ActionInputs
from github_action.steps.command_result import CommandResult, remove_result
from github_action.steps.confirm_growth import CommitsToCompare, confirm_growth, find_commits
from pytest_carbon.config.load import GATE_VARIABLE, load_config
from pytest_carbon.config.report_places import reports_beside
from pytest_carbon.core.errors import CarbonError, ReportError
from pytest_carbon.core.evidence.run_times import TrustedTimes, refuse_other_times
from pytest_carbon.core.merge.merge_reports import merge_reports
from pytest_carbon.core.records.outside_check import (
    contradiction,
    describe_outside,
    difference_of_command,
    is_only_pytest,
)
from pytest_carbon.core.report import OutsideFigures, Report
from pytest_carbon.core.verdict.wording import shorten
from pytest_carbon.files.follow_links import refuse_outside
from pytest_carbon.files.write_safely import remove_file
from pytest_carbon.meter.work_counters.instruction_counter import counter_here
from pytest_carbon.processes.watch import CountedOutside, Watch
from pytest_carbon.reporters.run import report_file
from pytest_carbon.reporters.run.file_time import refuse_other_file_times

_OURS = ("CARBON_", "INPUT_")
"""How variables with our inputs begin; some runners that are not GitHub's set INPUT_TOKEN, too."""
_SHOWN_CHARACTERS = 300
_MOST_REPORTS = 64


def measure(context: GitHubContext, inputs: ActionInputs, environment: Mapping[str, str] = os.environ) -> CommandResult:
    """Run the command in the project's folder, or merge the given reports, and confirm growth that is in doubt.

    The command's environment lacks all variables of the Action, so the token and the ledger's URL. The report is read
    when the command and all that it left running have ended. It is kept in the folder of the job, which is made after
    that. A report that contradicts what was counted from outside of the command is kept beside the problem.
    """
    folder = inputs.workspace / inputs.working_directory
    if not folder.is_dir():
        problem = (
            f"there is no folder {inputs.working_directory!r} to measure in; is the input working-directory right?"
        )
        return CommandResult(1, None, problem)
    command_environment = {name: value for name, value in environment.items() if not name.startswith(_OURS)}
    command_environment[GATE_VARIABLE] = "1"
    place, problem, outside, commits = folder, "", None, None
    if inputs.command:
        commits = find_commits(context, folder)
        place, problem = _remove_old_report(folder)
        outside, left = _run(inputs.command, folder, command_environment)
        problem = problem or left
    remove_result(inputs.job_folder)
    exit_code, kept = outside.exit_code if outside else 0, inputs.job_folder / "report.json"
    try:
        if problem:
            raise ReportError(problem)
        if inputs.reports or outside is None:
            report = _merge_given_reports(inputs, folder)
        else:
            report = _read_report(place, folder, outside)
        problem = contradiction(report) or ""
        report_file.write(report, kept)
        if commits is not None and not problem:
            _confirm(context, inputs, commits, kept, folder, command_environment)
        return CommandResult(exit_code, kept, problem)
    except (CarbonError, OSError, ValueError) as error:
        return CommandResult(exit_code, None, str(error).replace(str(folder), inputs.working_directory))


def _remove_old_report(folder: Path) -> tuple[Path, str]:
    """Remove the report of an earlier run. Return its place, and why that failed: then a report could be of either run.

    The command may change the setting of the place, so only this place counts afterwards.
    """
    try:
        report = load_config(folder).report
        for place in (report, *reports_beside(report)):
            refuse_outside(place, folder)
            remove_file(place, folder)
    except OSError as error:
        return (
            folder,
            f"the report of an earlier run cannot be removed: {error.filename}: {error.strerror}; "
            "remove it in a step before",
        )
    except (CarbonError, ValueError) as error:
        return folder, str(error)
    return report, ""


def _run(command: str, folder: Path, environment: Mapping[str, str]) -> tuple[OutsideFigures, str]:
    """Run a command that writes to our output, and end what it leaves running.

    Return what was counted from outside, and why its report cannot be believed: a process that survived could write to
    it. The exit code after a signal is 128 plus its number.
    """
    counter = counter_here()
    with Watch(end_left=True) as watch:
        words = ["bash", "-eo", "pipefail", "-c", command]
        code = subprocess.run(
            words,
            cwd=folder,
            env={**environment, **watch.marks.environment},
            pass_fds=watch.marks.descriptors,
            check=False,
        ).returncode
    counted = watch.counted
    if counted.ended:
        names = shorten(", ".join(counted.ended), _SHOWN_CHARACTERS)
        log_commands.notice(f"ended what the command left running: {names}", "pytest-carbon")
    if counted.kept:
        names = shorten(", ".join(counted.kept), _SHOWN_CHARACTERS)
        log_commands.warning(f"the command left running, and it could not be ended: {names}", "pytest-carbon")
    exit_code = code if code >= 0 else 128 - code
    outside = OutsideFigures(
        exit_code,
        counted.wall_s,
        counted.cpu_s,
        counted.detached_cpu_s,
        is_only_pytest(command),
        counted.start_cpu_s,
        counted.end_cpu_s,
        None if counter is None else counter.counted(),
    )
    return outside, describe_survivors(counted)


def describe_survivors(counted: CountedOutside) -> str:
    """Return why nothing that a command wrote can be believed: it left what could not be killed. Empty if it can.

    Another user's process, such as a service that the command began by sudo, is only named.
    """
    names = shorten(", ".join(counted.survived), _SHOWN_CHARACTERS)
    return names and (
        f"the command left running what could not be killed ({names}), so its report could still change; "
        "does a test start a process that forks all the time?"
    )


def _read_report(place: Path, folder: Path, outside: OutsideFigures) -> Report:
    """Read the command's report, and add what was counted from outside. Raises ReportError if there is none.

    A command that ran pytest several times, in several environments of tox or at once, has several: they are merged.
    """
    beside = [] if outside.only_pytest else reports_beside(place)
    if len(beside) > _MOST_REPORTS:
        raise ReportError(
            f"the command wrote {len(beside)} reports; at most {_MOST_REPORTS} are merged; split the command over jobs"
        )
    named = [(path.stem, _read_one(path, folder, outside)) for path in beside]
    last = _read_one(place, folder, outside) if not beside or os.path.lexists(place) else None
    if last is not None and last not in [report for _, report in named]:  # else it is the last environment's
        named.append(("last", last))
    report = replace(merge_reports(named), outside=outside)
    difference = difference_of_command(report)
    return replace(report, gaps=(*report.gaps, difference)) if difference else report


def _read_one(place: Path, folder: Path, outside: OutsideFigures) -> Report:
    """Read a report that the command wrote. Raises ReportError if there is none, and if it is not of the command."""
    refuse_outside(place, folder)
    if not place.is_file():
        raise ReportError(
            f"the command ended with exit code {outside.exit_code} and wrote no report to {place}, "
            f"{describe_outside(outside)}; does it run pytest with --carbon, in the input "
            "working-directory? If pytest has a root folder above that one, add --rootdir ."
        )
    report = replace(report_file.read(place, folder), outside=None)
    ended = datetime.now(UTC)
    began = ended - timedelta(seconds=outside.wall_s)
    source = f"the command ran from {began:%Y-%m-%dT%H:%M:%SZ} to {ended:%Y-%m-%dT%H:%M:%SZ}"
    refuse_other_times(report.run, TrustedTimes(began, ended, source))
    if outside.only_pytest and report.pairs is not None:
        raise ReportError(
            f"{place} has pairs of base and head, which pytest never measures; did a test write the report?"
        )
    return report


def _confirm(
    context: GitHubContext,
    inputs: ActionInputs,
    commits: CommitsToCompare,
    kept: Path,
    folder: Path,
    environment: Mapping[str, str],
) -> None:
    """Let ``pytest-carbon confirm`` add its pairs to the kept report. Raises ReportError if anything else changed.

    The project's own pytest-carbon may be older than the Action, and does not get what was counted from outside.
    """
    before = report_file.read(kept)
    given = replace(before, outside=None)
    report_file.write(given, kept)
    with Watch(end_left=True) as watch:
        confirm_growth(context, inputs, commits, kept, folder, environment)
    if survived := describe_survivors(watch.counted):
        raise ReportError(survived)
    after = report_file.read(kept)
    if replace(after, pairs=given.pairs) != given:
        raise ReportError(
            "the report was changed while base and head were measured, other than by their figures; "
            "did a test write it?"
        )
    report_file.write(replace(after, outside=before.outside), kept)


def _merge_given_reports(inputs: ActionInputs, folder: Path) -> Report:
    """Merge the reports that the input's patterns match."""
    try:
        paths = sorted({path for pattern in inputs.reports for path in folder.glob(pattern) if path.is_file()})
    except (ValueError, NotImplementedError) as error:
        raise ReportError(
            f"the input reports has a pattern that is not below working-directory ({error}); "
            "write one such as out/*.json"
        ) from error
    if not paths:
        raise ReportError(
            f"no file in {folder} matches the input reports ({', '.join(inputs.reports)}); "
            "did the step that writes the reports run before?"
        )
    reports = [(path, report_file.read(path, folder)) for path in paths]
    for path, report in reports:
        refuse_other_file_times(report.run, path, datetime.now(UTC))
    return merge_reports([(path.relative_to(folder).as_posix(), report) for path, report in reports])
