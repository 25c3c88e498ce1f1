"""Makes the report of a run: measurement -> attribution -> rows -> footprint -> limits per run."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_carbon import __version__
from pytest_carbon.config.load import Config
from pytest_carbon.config.policy_above import passed_over_policy
from pytest_carbon.config.unused_paths import unused_paths
from pytest_carbon.core.budget import budget
from pytest_carbon.core.energy import power_windows, reference_energy
from pytest_carbon.core.energy.attribution import attribute
from pytest_carbon.core.energy.counted_work.instruction_counts import CountedRun
from pytest_carbon.core.energy.feature_shares import feature_uses
from pytest_carbon.core.energy.footprint import footprint
from pytest_carbon.core.energy.report_rows import make_rows, own_reference_j, probes_of
from pytest_carbon.core.model import MachineFacts, MachineSpec, Measurement, Probe, Row, WorkerTrace
from pytest_carbon.core.records.kept_command import kept_command, selection_of
from pytest_carbon.core.report import BY_INSTRUCTIONS, RUNNERS, MachineInfo, Report, RunInfo, Totals
from pytest_carbon.git.refusal import why_git_refuses
from pytest_carbon.meter import fingerprint, machine_table
from pytest_carbon.meter.wall_clock import kernel_time
from pytest_carbon.usecases.configured_grid import grid_of_run
from pytest_carbon.usecases.report_gaps import describe_long_without_probe, describe_lost_counts, find_gaps

if TYPE_CHECKING:
    from pytest_carbon.grid.runner.detect_region import RunnerRegion


@dataclass(frozen=True, slots=True)
class Invocation:
    """The command of a run, its exit status and folder, and by nodeid a digest of the test function's code.

    ``start_up_cpu_s`` are the CPU seconds that its process used before the run began; None if unknown. ``environment``
    has the variables that the command was started with, which name its branch. ``folder`` is the working directory at
    that time.
    """

    command: tuple[str, ...]
    exit_status: int
    root: Path
    code: Mapping[str, str] = field(default_factory=dict)
    start_up_cpu_s: float | None = None
    environment: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    folder: Path | None = None


def make_report(
    measurement: Measurement,
    traces: Sequence[WorkerTrace],
    outcomes: Mapping[str, Sequence[str]],
    gaps: Sequence[str],
    run: Invocation,
    config: Config,
    detect: Callable[[], RunnerRegion] | None = None,
) -> Report:
    """Return the report of a measured run. Each joule is in one row, and the totals are the sums of the rows.

    ``detect`` is another way to ask for the region of this machine, which is done only if the policy says so.
    """
    facts, spec = machine_table.this_machine(run.environment, config.machine)
    grid, grid_gap = grid_of_run(config, run.environment, detect)
    local_traces = [trace for trace in traces if trace.same_machine]
    counter = power_windows.uses_counter(measurement)
    windows = power_windows.energy_windows(measurement, spec) if len(measurement.readings) > 1 else []
    attribution = attribute(windows, local_traces) if windows else None
    rows = make_rows(traces, attribution, outcomes, config.feature_paths)
    duration_s = measurement.end_s - measurement.start_s
    memory_j = power_windows.modelled_memory_j(measurement) if counter else 0.0
    foot = (
        footprint(attribution.total_j, duration_s, spec, grid, counter=counter, memory_j=memory_j)
        if attribution
        else None
    )
    emissions = foot.emissions_g if foot else None
    features = feature_uses(rows, attribution.total_j, emissions.central) if attribution and emissions else {}
    reference_j = own_reference_j(rows)
    ran = any(row.kind in ("test", "command") and row.outcome != "skipped" for row in rows)
    raw_j, raw_s, raw_note = _codecarbon_energy(measurement, counter)
    probes = [replace(p, at_s=max(0.0, p.at_s - measurement.start_s)) for p in probes_of(local_traces)]
    machine = _machine_info(measurement, facts, spec, counter, traces, probes)
    workers = len([trace for trace in traces if any(span.kind == "test" for span in trace.spans)])
    report = Report(
        tool={
            "name": "pytest-carbon",
            "version": __version__,
            "codecarbon": measurement.codecarbon.version if measurement.codecarbon else None,
        },
        run=_run_info(run, config, duration_s, workers),
        machine=machine,
        grid=grid,
        totals=Totals(
            energy_j=foot.energy_j.central if foot else None,
            low_j=foot.energy_j.low if foot else None,
            high_j=foot.energy_j.high if foot else None,
            reference_j=reference_j,
            operational_g=foot.operational_g.central if foot else None,
            embodied_g=foot.embodied_g.central if foot else None,
            emissions_g=emissions.central if emissions else None,
            emissions_low_g=emissions.low if emissions else None,
            emissions_high_g=emissions.high if emissions else None,
            codecarbon_raw_j=raw_j,
            codecarbon_s=raw_s,
            codecarbon_note=raw_note,
            memory_j=memory_j if counter else None,
            base_j=sum(window.base_j for window in windows) if windows else None,
        ),
        rows=tuple(rows),
        features=features,
        budgets=(),
        probes=tuple(probes),
        gaps=(
            *measurement.gaps,
            *gaps,
            *_gaps_of_project(run, config, rows),
            *(() if machine.by_instructions else describe_long_without_probe(traces)),
            *describe_lost_counts(traces),
            *([grid_gap] if grid_gap else []),
            *find_gaps(measurement, counter, grid, machine, bool(windows), f"{config.option_prefix}zone"),
        ),
        code=run.code,
    )
    features = budget.own_feature_uses(report)
    results = budget.judge_per_run_limits(config.budgets, features, budget.run_use(report), grid, tests_ran=ran)
    return replace(report, budgets=tuple(results))


def _gaps_of_project(run: Invocation, config: Config, rows: Sequence[Row]) -> list[str]:
    """Return sentences on a repository that git refuses, a policy that is passed over, and paths without a file."""
    refused = why_git_refuses(run.root) if fingerprint.checked_out_commit(run.root) is None else ""
    files = {row.nodeid.partition("::")[0] for row in rows if row.kind == "test"}
    passed_over = passed_over_policy(config, run.folder or run.root, files)
    return [sentence for sentence in (refused, passed_over, unused_paths(config, files) if files else "") if sentence]


def _run_info(run: Invocation, config: Config, duration_s: float, workers: int) -> RunInfo:
    started = kernel_time() - timedelta(seconds=duration_s)
    return RunInfo(
        id=f"{started:%Y%m%dT%H%M%SZ}-{uuid.uuid4().hex[:12]}",
        started=started.isoformat(timespec="milliseconds"),
        duration_s=duration_s,
        command=kept_command(run.command),
        selection=next(iter(selection_of(run.command)), ""),
        exit_status=run.exit_status,
        commit=fingerprint.commit_of_run(run.root, run.environment),
        workers=workers,
        branch=fingerprint.branch_of_run(run.root, config, run.environment),
        start_up_cpu_s=run.start_up_cpu_s,
    )


def _machine_info(
    measurement: Measurement,
    facts: MachineFacts,
    spec: MachineSpec,
    counter: bool,
    traces: Sequence[WorkerTrace],
    probes: Sequence[Probe],
) -> MachineInfo:
    measured = len(measurement.readings) > 1
    first, last = (measurement.readings[0], measurement.readings[-1]) if measured else (None, None)
    total_s = last.total_s - first.total_s if first and last else 0.0
    codecarbon = measurement.codecarbon
    hardware = ", ".join(codecarbon.hardware) if codecarbon else ""
    return MachineInfo(
        name=spec.name,
        cpu=facts.cpu,
        vcpus=facts.vcpus,
        method="counter" if counter else "modelled" if measured else "unknown",
        source=f"CodeCarbon's counters: {hardware}" if counter else spec.source,
        why=spec.why,
        fingerprint=fingerprint.fingerprint(facts.cpu, facts.vcpus, len(traces))
        | (BY_INSTRUCTIONS if CountedRun(traces).is_complete else {}),
        steal_ratio=(last.steal_s - first.steal_s) / total_s if first and last and total_s > 0 else None,
        utilisation=min(1.0, (last.busy_s - first.busy_s) / total_s) if first and last and total_s > 0 else None,
        clean_share=reference_energy.clean_share(probes),
        full_speed=reference_energy.full_speed_of_run(probes),
        runner=facts.runner if facts.runner in RUNNERS else "",
    )


def _codecarbon_energy(measurement: Measurement, counter: bool) -> tuple[float | None, float | None, str]:
    """Return CodeCarbon's own joules, the seconds that they are of, and a note that explains the difference to ours."""
    counted = measurement.codecarbon_readings
    if not counted:
        return None, None, "CodeCarbon measured nothing of this run"
    note = (
        "the counted joules above are CodeCarbon's own; for memory, its guess by the number of modules is taken down"
        if counter
        else "CodeCarbon found no counter; it takes the rated power of a whole processor and its memory, on a cubic "
        "curve; the figures above take this machine's share of a server, on a measured curve"
    )
    first, last = counted[0], counted[-1]
    return last.total_j - first.total_j, last.at_s - first.at_s, note
