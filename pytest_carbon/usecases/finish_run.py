"""The first story as a straight line: measurement -> report -> file -> pass or fail."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_carbon.config.load import DEFAULT_REPORT, GATE_VARIABLE, Config
from pytest_carbon.config.policy_above import passed_over_policy
from pytest_carbon.config.policy_files import NO_FILE
from pytest_carbon.config.report_places import free_place, place_of_command
from pytest_carbon.core.energy import power_windows
from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.model import MachineSpec, Measurement, WorkerTrace
from pytest_carbon.core.report import Report
from pytest_carbon.extend.extensions import Extensions, Fault, installed_extensions
from pytest_carbon.files.read_bounded import REPORT_BYTES, read_bytes
from pytest_carbon.files.write_safely import NameTakenError
from pytest_carbon.meter.sidecar_session import Meter
from pytest_carbon.reporters.run import report_file
from pytest_carbon.reporters.run.headline import step_text
from pytest_carbon.usecases.make_report import Invocation, make_report


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """A run's report, whether a budget fails the run, and sentences on what else went wrong.

    ``where`` says where the report is, and the next step; empty if the report could not be written.
    """

    report: Report
    failed: bool
    problems: list[str]
    where: str = ""


def finish_run(
    measurement: Measurement,
    traces: Sequence[WorkerTrace],
    outcomes: Mapping[str, Sequence[str]],
    gaps: Sequence[str],
    invocation: Invocation,
    config: Config,
    *,
    replaces: bool = True,
) -> FinishedRun:
    """Make the report of a measured run, write the report, and judge the limits per run.

    A report that cannot be written is a problem, and does not fail the run. If the project's settings name a place that
    it cannot be written to, it is written to the usual place. Unless it ``replaces`` what another run has written
    there, it is written beside that, which is a problem, too.
    """
    extensions = installed_extensions()
    report = make_report(measurement, traces, outcomes, gaps, invocation, config)
    report = replace(report, gaps=(*report.gaps, *map(str, extensions.faults)))
    problems: list[str] = []
    where = ""
    try:
        config = replace(config, report=_write(report, config, problems, replaces))
        where = _where_text(report, invocation, config)
        report = _notify_extensions(report, config, extensions)
    except ReportError as error:
        problems.append(f"pytest-carbon: {error}")
    failed = not config.gated and any(result.state == "fail" for result in report.budgets)
    later = f"; a gate judges this later, so nothing fails here ({GATE_VARIABLE}=1)" if config.gated else ""
    exceeded = (result.reason for result in report.budgets if result.state == "fail")
    problems += [f"carbon budget exceeded: {reason}{later}" for reason in exceeded]
    return FinishedRun(report, failed, problems, where)


def _where_text(report: Report, run: Invocation, config: Config) -> str:
    """Say where the report is, and the next step, unless a gap names another folder's policy as what to mend."""
    folder = run.folder or run.root
    place = config.report.relative_to(folder) if config.report.is_relative_to(folder) else config.report
    has_policy = config.source != NO_FILE or bool(passed_over_policy(config, folder, ()))
    has_ledger = _may_have_ledger(config, run.environment)
    beside = config.report == place_of_command(config.report)
    named = shlex.quote(str(place)) if beside or config.report_named else ""
    step = step_text(report, has_policy=has_policy, has_ledger=has_ledger, gated=config.gated, place=named)
    if beside:
        step = f"that of the tests stays{f'; {step}' if step else ''}"
    return f"{place}; {step}" if step else str(place)


def _may_have_ledger(config: Config, environment: Mapping[str, str]) -> bool:
    """Return whether the run may have a ledger: a folder that is there, or a branch or database, which nobody asks."""
    settings = config.ledger
    elsewhere = settings.branch or settings.sql or (environment.get("CI") and not settings.folder_named)
    return bool(elsewhere) or (config.root / settings.folder).exists()


def _write(report: Report, config: Config, problems: list[str], replaces: bool) -> Path:
    """Write the report and return where it is. Raises ReportError if it cannot be written."""
    usual = config.root / DEFAULT_REPORT
    try:
        return _write_in_free_place(report, config, problems, replaces)
    except ReportError as error:
        if config.report_named or config.report == usual:
            raise
        problems.append(f"pytest-carbon: {error}")
        report_file.write(report, usual, config.root, named=False)
        problems.append(
            f"the report of this run is in {DEFAULT_REPORT} instead; name a new file as `report` in {config.source}"
        )
        return usual


def _write_in_free_place(report: Report, config: Config, problems: list[str], replaces: bool) -> Path:
    place, option = config.report, config.report_option
    while True:
        try:
            report_file.write(report, place, config.root, named=config.report_named, option=option, replaces=replaces)
            break
        except NameTakenError:
            place = free_place(config.report)
    if place != config.report:
        problems.append(
            f"pytest-carbon: another run wrote {config.report} while this one ran; the report of this run is {place}. "
            f"pytest-carbon ledger append and check take both; to name the places, use {option}"
        )
    return place


def _notify_extensions(report: Report, config: Config, extensions: Extensions) -> Report:
    """Call ``carbon_report_written`` of each extension, and return the report, with the new faults among its gaps.

    With new faults, the report is written again, unless an extension has changed the file. Raises ReportError if the
    report cannot be written.
    """
    earlier_faults, written = set(extensions.faults), _content(config)
    list(extensions.call("carbon_report_written", lambda answer: answer, report=report, path=config.report))
    faults: list[Fault] = [fault for fault in extensions.faults if fault not in earlier_faults]
    if faults:
        report = replace(report, gaps=(*report.gaps, *map(str, faults)))
        if _content(config) == written:
            option = config.report_option
            report_file.write(report, config.report, config.root, named=config.report_named, option=option)
    return report


def _content(config: Config) -> bytes | None:
    """Return the bytes of the report's file; None if they cannot be read."""
    try:
        return read_bytes(config.report, REPORT_BYTES, config.root)
    except OSError:
        return None


def power_so_far(meter: Meter, spec: MachineSpec) -> tuple[float, float] | None:
    """Return a running measurement's watts in the last second and its joules so far.

    Returns None before two readings of a clock that runs.
    """
    stream = meter.read_stream()
    if len(stream.readings) < 2:
        return None
    so_far = Measurement(
        meter.start_s, stream.readings[-1].at_s, stream.readings, stream.codecarbon_readings, stream.codecarbon
    )
    windows = power_windows.energy_windows(so_far, spec)
    if not windows:
        return None
    energy_j = sum(w.base_j + w.dynamic_j for w in windows)
    last = windows[-1]
    return (last.base_j + last.dynamic_j) / (last.end_s - last.start_s), energy_j
