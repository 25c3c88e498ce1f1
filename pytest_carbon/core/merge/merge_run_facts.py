"""Merges what the parts of one run say about their run, machine, speed, code and grid."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from pytest_carbon.core.model import GridFactor, Range
from pytest_carbon.core.quantities import sum_or_unknown
from pytest_carbon.core.records.kept_command import join_selections
from pytest_carbon.core.records.ledger_records import parse_time
from pytest_carbon.core.report import MachineInfo, Report, RunInfo
from pytest_carbon.core.verdict.wording import shorten

LONGEST_TEXT = 4096
"""Characters that the schema of a report allows in a text."""
_METHODS = ("unknown", "modelled", "counter")


def join_texts(texts: Iterable[str]) -> str:
    """Return the different texts in alphabetical order, with commas between them, shortened to ``LONGEST_TEXT``."""
    return shorten(", ".join(sorted(set(texts))), LONGEST_TEXT)


def weighted_mean(values: Sequence[float | None], weights: Sequence[float | None]) -> float | None:
    """Return the weighted mean; None if a value or a weight is None, or if all weights are 0."""
    total_weight = sum_or_unknown(weights)
    weighted_sum = sum_or_unknown(
        None if v is None or w is None else v * w for v, w in zip(values, weights, strict=True)
    )
    return None if weighted_sum is None or not total_weight else weighted_sum / total_weight


def merge_fingerprints(fingerprints: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return all fields of the fingerprints, each with all its different values."""
    names = sorted(set().union(*fingerprints))
    return {name: join_texts(fingerprint.get(name, "") for fingerprint in fingerprints) for name in names}


def mean_full_speed(speeds: Sequence[float | None]) -> float | None:
    """Return the mean of the known full speeds; None if no full speed is known."""
    known = [speed for speed in speeds if speed]
    return math.fsum(known) / len(known) if known else None


def speed_factor(own: float | None, merged: float | None) -> float:
    """Return the factor for a part's slowdowns that turns its own full speed into the merged full speed.

    Each part ran on its own machine and Python, so its slowdowns can only be compared with its own full speed.
    """
    return merged / own if own and merged else 1.0


def scale_slowdown(slowdown: float | None, factor: float) -> float | None:
    """Return a slowdown times a factor; None stays None."""
    return None if slowdown is None else slowdown * factor


def merge_code(codes: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """Return the digest of every function. Several digests (each Python has its own) become a digest of all of them."""
    by_function: dict[str, set[str]] = {}
    for code in codes:
        for function, digest in code.items():
            by_function.setdefault(function, set()).add(digest)
    return {function: _joint_digest(digests) for function, digests in by_function.items()}


def _joint_digest(digests: set[str]) -> str:
    if len(digests) == 1:
        return next(iter(digests))
    return hashlib.sha256(",".join(sorted(digests)).encode()).hexdigest()[:12]


def merge_tools(reports: Sequence[Report]) -> dict[str, str | None]:
    """Return the programs that measured, each with all its different versions."""
    return {
        key: join_texts(filter(None, (report.tool.get(key) for report in reports))) or None for key in reports[0].tool
    }


def merge_runs(reports: Sequence[Report]) -> RunInfo:
    """Return the run of all parts: as long as the longest part, with an id made of the parts' ids."""
    runs = [report.run for report in reports]
    ids = "\n".join(sorted(run.id for run in runs))
    return RunInfo(
        id=f"merged-{hashlib.sha256(ids.encode()).hexdigest()[:24]}",
        started=min((run.started for run in runs), key=lambda started: (parse_time(started), started)),
        duration_s=max(run.duration_s for run in runs),
        command=tuple(chain.from_iterable(dict.fromkeys(run.command for run in runs))),
        exit_status=next((run.exit_status for run in runs if run.exit_status), 0),
        commit=runs[0].commit,
        workers=sum(run.workers for run in runs),
        branch=runs[0].branch,
        selection=join_selections(runs),
    )


def merge_machines(named: Mapping[str, Report], full_speed: float | None) -> MachineInfo:
    """Return the machines of all parts as one: the sum of their CPUs, and the least certain method.

    The fingerprint has the number of parts, because a test that ran in three parts costs more than in two. It does not
    have the parts' names, so that jobs of another workflow can be the base.
    """
    reports = list(named.values())
    machines = [report.machine for report in reports]
    cpu_s = [report.run.duration_s * report.machine.vcpus for report in reports]
    probes = [len(report.probes) for report in reports]
    return MachineInfo(
        name=join_texts(machine.name for machine in machines),
        cpu=join_texts(machine.cpu for machine in machines),
        vcpus=sum(machine.vcpus for machine in machines),
        method=min((machine.method for machine in machines), key=_METHODS.index),
        source=join_texts(machine.source for machine in machines),
        why=join_texts(machine.why for machine in machines),
        fingerprint={**merge_fingerprints([machine.fingerprint for machine in machines]), "parts": str(len(named))},
        steal_ratio=weighted_mean([machine.steal_ratio for machine in machines], cpu_s),
        utilisation=weighted_mean([machine.utilisation for machine in machines], cpu_s),
        clean_share=weighted_mean([machine.clean_share for machine in machines], probes),
        full_speed=full_speed,
        runner=runners.pop() if len(runners := {machine.runner for machine in machines}) == 1 else "",
    )


def merge_grids(reports: Sequence[Report]) -> GridFactor:
    """Return the grid of all parts: for several grids, their mean by energy with the widest range."""
    grids = [report.grid for report in reports]
    if len(set(grids)) == 1:
        return grids[0]
    centrals = [grid.g_per_kwh.central for grid in grids]
    by_energy = weighted_mean(centrals, [report.totals.energy_j for report in reports])
    years = {grid.year for grid in grids}
    return GridFactor(
        zone=join_texts(grid.zone for grid in grids),
        g_per_kwh=Range(
            math.fsum(centrals) / len(grids) if by_energy is None else by_energy,
            min(grid.g_per_kwh.low for grid in grids),
            max(grid.g_per_kwh.high for grid in grids),
        ),
        source=join_texts(grid.source for grid in grids),
        year=years.pop() if len(years) == 1 else None,
        assumed=any(grid.assumed for grid in grids),
    )
