"""Merges the parts of one CI run (the shards of a suite, a matrix of Pythons) into one report."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.merge.merge_paired_runs import merge_paired_runs
from pytest_carbon.core.merge.merge_run_facts import (
    join_texts,
    mean_full_speed,
    merge_code,
    merge_grids,
    merge_machines,
    merge_runs,
    merge_tools,
    scale_slowdown,
    speed_factor,
)
from pytest_carbon.core.model import UNATTRIBUTED, FeatureUse, Probe, Row
from pytest_carbon.core.quantities import sum_or_unknown
from pytest_carbon.core.records.outside_check import refuse_contradiction
from pytest_carbon.core.report import OutsideFigures, Report, Totals

_SUMMED_TOTALS = (
    "energy_j", "low_j", "high_j", "reference_j", "operational_g", "embodied_g", "emissions_g", "emissions_low_g",
    "emissions_high_g", "codecarbon_raw_j", "codecarbon_s", "memory_j", "base_j",
)  # fmt: skip
_Parts = Mapping[str, Report]


def merge_reports(parts: Sequence[tuple[str, Report]]) -> Report:
    """Return one report of all parts, given as pairs of a name and a report; a single part is returned as it is.

    The parts' figures are summed; a sum is unknown if one of its figures is. The parts ran in parallel, so the run took
    as long as the longest part. Their order does not matter. The verdict judges limits per run, so the result has no
    budgets. Raises ReportError for no part, for different parts with one name or run, for parts of different commits or
    branches, and for a part that contradicts what was counted from outside.
    """
    named, repeated = _by_name(parts)
    for name, report in named.items():
        refuse_contradiction(report, name)
    reports = list(named.values())
    if len(reports) == 1:
        return replace(reports[0], gaps=(*reports[0].gaps, *repeated)) if repeated else reports[0]
    for field in ("commit", "branch"):
        _refuse_different(named, field)
    full_speed = mean_full_speed([report.machine.full_speed for report in reports])
    totals = _sum_totals(reports)
    rows = tuple(chain.from_iterable(_rows(name, report, full_speed) for name, report in named.items()))
    pairs, left_out = merge_paired_runs(
        {name: report.pairs for name, report in named.items() if report.pairs is not None}
    )
    return Report(
        tool=merge_tools(reports),
        run=merge_runs(reports),
        machine=merge_machines(named, full_speed),
        grid=merge_grids(reports),
        totals=totals,
        rows=rows,
        features=_sum_features(reports, totals, rows),
        budgets=(),
        probes=tuple(chain.from_iterable(_probes(name, report, full_speed) for name, report in named.items())),
        gaps=(*repeated, *_merge_gaps(named), *left_out, *_part_gaps(named)),
        code=merge_code([report.code for report in reports]),
        pairs=pairs,
        outside=_merge_outside(reports),
    )


def _merge_outside(reports: Sequence[Report]) -> OutsideFigures | None:
    """Return what left the commands of the parts, which their own rows count as background; None if nothing did."""
    counted = [(report, report.outside) for report in reports if report.outside is not None]
    left_s = math.fsum(
        min(outside.detached_cpu_s or 0.0, math.fsum(row.cpu_s for row in report.rows if row.kind == "background"))
        for report, outside in counted
    )
    if not left_s:
        return None
    slowest_s = max(outside.wall_s for _, outside in counted)
    return OutsideFigures(max(outside.exit_code for _, outside in counted), slowest_s, None, left_s, only_pytest=False)


def _by_name(parts: Sequence[tuple[str, Report]]) -> tuple[dict[str, Report], list[str]]:
    """Return each run once, in the order of the parts' names, and a sentence for each run that came twice."""
    named: dict[str, Report] = {}
    seen: dict[str, str] = {}  # a run's id -> the name of its first part
    repeated = []
    for name, report in sorted(parts, key=lambda part: (part[0], part[1].run.id)):
        run = report.run.id
        if run in seen and report != named[seen[run]]:
            raise ReportError(
                f"the parts {seen[run]!r} and {name!r} say that both are run {run}, with different figures; "
                "was a report changed?"
            )
        if run in seen:
            repeated.append(f"part {name} is the same run as part {seen[run]}, and counts once")
        elif name in named:
            raise ReportError(
                f"two parts are called {name!r}, the runs {named[name].run.id} and {run}; give each job another name"
            )
        else:
            named[name], seen[run] = report, name
    if not named:
        raise ReportError("there is no report to merge; run pytest --carbon in at least one job")
    return named, repeated


def _refuse_different(named: _Parts, field: str) -> None:
    values: dict[str | None, str] = {}
    for name, report in named.items():
        values.setdefault(getattr(report.run, field), name)
    if len(values) > 1:
        listed = ", ".join(f"{value or 'none'} in part {name}" for value, name in values.items())
        raise ReportError(f"the parts are not of one {field}: {listed}; all jobs must measure the same checkout")


def _sum_totals(reports: Sequence[Report]) -> Totals:
    sums: dict[str, Any] = {
        name: sum_or_unknown(getattr(report.totals, name) for report in reports) for name in _SUMMED_TOTALS
    }
    return Totals(**sums, codecarbon_note=join_texts(report.totals.codecarbon_note for report in reports))


def _prefixed_worker(name: str, worker: str) -> str:
    return f"{name}/{worker}" if worker else name


def _rows(name: str, report: Report, full_speed: float | None) -> Iterator[Row]:
    """Yield a part's rows, with their speeds scaled to the merged full speed."""
    factor = speed_factor(report.machine.full_speed, full_speed)
    for row in report.rows:
        before, after = scale_slowdown(row.speed_before, factor), scale_slowdown(row.speed_after, factor)
        yield replace(row, worker=_prefixed_worker(name, row.worker), speed_before=before, speed_after=after)


def _probes(name: str, report: Report, full_speed: float | None) -> Iterator[Probe]:
    factor = speed_factor(report.machine.full_speed, full_speed)
    for probe in report.probes:
        yield replace(probe, slowdown=probe.slowdown * factor, worker=_prefixed_worker(name, probe.worker))


def _sum_features(reports: Sequence[Report], totals: Totals, rows: Sequence[Row]) -> dict[str, FeatureUse]:
    """Return the use of each feature over all parts; a part without features is unattributed."""
    if not totals.energy_j or totals.emissions_g is None or not any(report.features for report in reports):
        return {}
    uses: dict[str, list[FeatureUse]] = {}
    for report in reports:
        for name, use in (report.features or {UNATTRIBUTED: _unattributed_use(report)}).items():
            uses.setdefault(name, []).append(use)
    tests: dict[str, set[str]] = {}
    for row in rows:
        if row.kind in ("test", "command"):
            tests.setdefault(row.feature or UNATTRIBUTED, set()).add(row.nodeid)
    summed = {}
    for name in sorted(uses, key=lambda name: (name == UNATTRIBUTED, name)):
        energy_j = math.fsum(use.energy_j for use in uses[name])
        reference_j = math.fsum(use.reference_j for use in uses[name])
        emissions_g = math.fsum(use.emissions_g for use in uses[name])
        share = energy_j / totals.energy_j
        summed[name] = FeatureUse(len(tests.get(name, ())), share, energy_j, reference_j, emissions_g)
    return summed


def _unattributed_use(report: Report) -> FeatureUse:
    reference_j = math.fsum(row.reference_j for row in report.rows if row.kind in ("test", "command"))
    return FeatureUse(0, 1.0, report.totals.energy_j or 0.0, reference_j, report.totals.emissions_g or 0.0)


def _merge_gaps(named: _Parts) -> list[str]:
    """Return sentences about parts with unknown energy, and about several grids."""
    without = [name for name, report in named.items() if report.totals.energy_j is None]
    zones = sorted({report.grid.zone for report in named.values()})
    gaps = []
    if without:
        gaps.append(f"the energy of this run is unknown, because the energy of part {', '.join(without)} is unknown")
    if len(zones) > 1:
        gaps.append(f"the parts ran on several grids ({', '.join(zones)}); the grid factor is their mean by energy")
    return gaps


def _part_gaps(named: _Parts) -> Iterator[str]:
    """Yield the gaps of the parts; a gap of all parts is named once and without the parts' names."""
    parts: dict[str, list[str]] = {}
    for name, report in named.items():
        for gap in dict.fromkeys(report.gaps):
            parts.setdefault(gap, []).append(name)
    for gap, names in parts.items():
        yield gap if len(names) == len(named) else f"part {', '.join(names)}: {gap}"
