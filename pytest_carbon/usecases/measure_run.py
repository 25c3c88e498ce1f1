"""The first story as a straight line: measure -> report -> file -> pass or fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_carbon.config.load import Config
from pytest_carbon.core.energy import power_windows
from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.model import MachineSpec, Measurement, WorkerTrace
from pytest_carbon.core.report.report import Report
from pytest_carbon.extend.plugin_manager import plugin_manager
from pytest_carbon.meter.sidecar_session import Meter
from pytest_carbon.reporters.run import report_file


@dataclass(frozen=True, slots=True)
class Finished:
    """A run's report, whether a budget fails it, and what went wrong after measuring, as sentences."""

    report: Report
    failed: bool
    problems: list[str]


def finish_run(
    measurement: Measurement,
    traces: Sequence[WorkerTrace],
    outcomes: Mapping[str, Sequence[str]],
    gaps: Sequence[str],
    run: RunFacts,
    config: Config,
) -> Finished:
    """Make the report of a measured run, write it, and say whether a budget fails it."""
    report = make_report(measurement, traces, outcomes, gaps, run, config)
    problems = []
    try:
        report_file.write(report, config.report)
    except ReportError as error:
        problems.append(f"pytest-carbon: {error}")
    else:
        problems += _tell_plugins(report, config.report)
    failed = not config.gated and any(result.state == "fail" for result in report.budgets)
    problems += [f"carbon budget exceeded: {r.reason}" for r in report.budgets if r.state == "fail"]
    return Finished(report, failed, problems)


def _tell_plugins(report: Report, path: Path) -> list[str]:
    """Let other packages take part; what they raise is told and does no harm."""
    try:
        plugin_manager().hook.carbon_report_written(report=report, path=path)
    except Exception as error:  # anything at all may come out of somebody else's code
        return [f"pytest-carbon: a plugin failed when the report was written ({type(error).__name__}: {error})"]
    return []


def power_so_far(meter: Meter, spec: MachineSpec) -> tuple[float, float] | None:
    """Return the watts of the last second and the joules so far of a run that goes on; None before samples."""
    stream = meter.read_stream()
    if len(stream.readings) < 2:
        return None
    so_far = Measurement(
        meter.start_s, stream.readings[-1].at_s, stream.readings, stream.codecarbon_readings, stream.codecarbon
    )
    windows = power_windows.energy_windows(so_far, spec)
    joules = sum(w.base_j + w.dynamic_j for w in windows)
    last = windows[-1]
    return (last.base_j + last.dynamic_j) / (last.end_s - last.start_s), joules
