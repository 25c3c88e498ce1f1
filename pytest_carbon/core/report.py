"""The carbon report of one measured run, as a value and as JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from pytest_carbon.core.errors import ReportError
from pytest_carbon.core.model import BudgetResult, FeatureUse, GridFactor, Probe, Range, Row

SCHEMA = "pytest-carbon/report/1"
JSON_DIGITS = 7
"""Significant digits of a report's figures. Rows have more digits, so that they sum to the total within 1e-6."""
RUNNERS = ("github-hosted", "self-hosted")
BY_INSTRUCTIONS = {"reference": "instructions"}
"""What the fingerprint has in addition if reference energy comes from counted instructions; of probes it says nothing,
as in reports of older versions."""


@dataclass(frozen=True, slots=True)
class RunInfo:
    """The run: ``started`` is ISO 8601 in UTC.

    ``command`` is the program that was started, with a digest of its arguments: an argument may be a secret.
    ``selection`` is a digest of the arguments that choose tests, empty without any. Reports of older versions hold the
    whole command, and no selection.
    ``start_up_cpu_s`` are CPU seconds that pytest used before the run began, and that are in no row; None if unknown.
    """

    id: str
    started: str
    duration_s: float
    command: tuple[str, ...]
    exit_status: int
    commit: str | None
    workers: int
    branch: str | None = None
    selection: str = ""
    start_up_cpu_s: float | None = None


@dataclass(frozen=True, slots=True)
class MachineInfo:
    """The machine of the run, how its energy was measured, and how steady its speed was.

    ``method`` is ``counter``, ``modelled`` or ``unknown``; ``why`` says why that method was chosen. ``fingerprint``
    must be equal for two reports to be compared. ``full_speed`` and ``clean_share`` come from the speed probes,
    ``steal_ratio`` from the kernel; None if unknown. ``runner`` is ``github-hosted`` or ``self-hosted``, empty if
    unknown.
    """

    name: str
    cpu: str
    vcpus: int
    method: str
    source: str
    why: str
    fingerprint: Mapping[str, str]
    steal_ratio: float | None
    utilisation: float | None
    clean_share: float | None
    full_speed: float | None
    runner: str = ""

    @property
    def by_instructions(self) -> bool:
        """Whether reference energy comes from counted instructions, in each part if the report was merged."""
        return BY_INSTRUCTIONS.items() <= self.fingerprint.items()


@dataclass(frozen=True, slots=True)
class OutsideFigures:
    """What the process that started the command counted, from outside of the command.

    ``cpu_s`` are the CPU seconds of the command and of all that it waited for, ``detached_cpu_s`` those of processes
    that ran on when their parent had ended; None if unknown. ``only_pytest`` says that the command was pytest alone, on
    this machine. ``start_cpu_s`` and ``end_cpu_s`` are how many of ``cpu_s`` had been used before pytest imported code
    of the project, and when its session ended; None if pytest gave no sign of that. ``instructions`` are those of the
    command and all that it started; None where nothing counts them.
    """

    exit_code: int
    wall_s: float
    cpu_s: float | None
    detached_cpu_s: float | None
    only_pytest: bool
    start_cpu_s: float | None = None
    end_cpu_s: float | None = None
    instructions: float | None = None


@dataclass(frozen=True, slots=True)
class Totals:
    """The figures of the whole run. An unknown figure is None, never zero.

    ``reference_j`` counts the run's own work only. ``codecarbon_raw_j`` is what CodeCarbon alone reports for the
    ``codecarbon_s`` seconds that it saw, and ``codecarbon_note`` says why that differs. ``memory_j`` are the joules of
    ``energy_j`` that were modelled for memory beside a counter, ``base_j`` those that the machine takes without work.
    """

    energy_j: float | None
    low_j: float | None
    high_j: float | None
    reference_j: float
    operational_g: float | None
    embodied_g: float | None
    emissions_g: float | None
    emissions_low_g: float | None
    emissions_high_g: float | None
    codecarbon_raw_j: float | None
    codecarbon_s: float | None
    codecarbon_note: str
    memory_j: float | None = None
    base_j: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """One measured run.

    ``gaps`` are sentences about what is missing. ``code`` maps a test function (a nodeid without its parameters) to a
    digest of its code. ``pairs`` holds the paired runs that ``pytest-carbon confirm`` added, as JSON values.
    ``outside`` is what the Action's measuring step counted; None if it did not start the command.
    """

    tool: Mapping[str, str | None]
    run: RunInfo
    machine: MachineInfo
    grid: GridFactor
    totals: Totals
    rows: tuple[Row, ...]
    features: Mapping[str, FeatureUse]
    budgets: tuple[BudgetResult, ...]
    probes: tuple[Probe, ...]
    gaps: tuple[str, ...]
    code: Mapping[str, str] = field(default_factory=dict)
    pairs: Mapping[str, Any] | None = None
    outside: OutsideFigures | None = None

    @property
    def background_j(self) -> float:
        """Joules that other processes of the machine used, which no budget pays for.

        Work that left the command, which the Action counts from outside, is the run's own.
        """
        rows = [row for row in self.rows if row.kind == "background"]
        joules, cpu_s = math.fsum(row.energy_j or 0.0 for row in rows), math.fsum(row.cpu_s for row in rows)
        left_s = (self.outside.detached_cpu_s if self.outside else None) or 0.0
        return joules * max(0.0, 1 - left_s / cpu_s) if cpu_s > 0 else joules

    @property
    def own_share(self) -> float:
        """The share of the run's energy that is its own, from 0 to 1: all but ``background_j``."""
        energy_j = self.totals.energy_j
        return min(1.0, max(0.0, 1 - self.background_j / energy_j)) if energy_j else 1.0

    @property
    def own_energy_j(self) -> float | None:
        """The joules of the run without those of other processes; None if unknown."""
        return None if self.totals.energy_j is None else self.totals.energy_j * self.own_share

    @property
    def background_g(self) -> float:
        """Operational grams of ``background_j``; 0 if unknown."""
        return (self.totals.operational_g or 0.0) * (1 - self.own_share)

    @property
    def own_emissions_g(self) -> float | None:
        """The grams of the run without those of other processes; None if unknown."""
        return None if self.totals.emissions_g is None else self.totals.emissions_g - self.background_g


_ROW_TEXTS = ("nodeid", "phase", "worker", "feature", "outcome", "scope")
_ROW_OPTIONAL = (("amortised_j", 12), ("speed_before", 4), ("speed_after", 4))


def _refuse_non_finite(value: float) -> None:
    if not math.isfinite(value):
        raise ReportError(f"a figure of the report is {value}; this is a fault of pytest-carbon, please report it")


def _rounded(value: Any, digits: int = JSON_DIGITS) -> Any:
    """Return a float with so many significant digits, and any other value unchanged."""
    if isinstance(value, float):
        _refuse_non_finite(value)
        return float(f"{value:.{digits}g}")
    return value


def _fields_json(value: Any) -> dict[str, Any]:
    return {f.name: _rounded(getattr(value, f.name)) for f in fields(value)}


def _run_json(run: RunInfo) -> dict[str, Any]:
    out = {**_fields_json(run), "command": list(run.command)}
    if run.start_up_cpu_s is None:
        del out["start_up_cpu_s"]
    return out


_OUTSIDE_OPTIONAL = ("start_cpu_s", "end_cpu_s", "instructions")


def _outside_json(outside: OutsideFigures) -> dict[str, Any]:
    out = _fields_json(outside)
    return {name: value for name, value in out.items() if value is not None or name not in _OUTSIDE_OPTIONAL}


def _row_json(row: Row) -> dict[str, Any]:
    """Return a row without its empty fields, rounded to the picojoule and the nanosecond."""
    _refuse_non_finite(row.wall_s + row.cpu_s + row.reference_j + (row.energy_j or 0.0))
    out: dict[str, Any] = {"kind": row.kind}
    for name in _ROW_TEXTS:
        value = getattr(row, name)
        if value:
            out[name] = value
    if row.users is not None:
        out["users"] = row.users
    energy_j = None if row.energy_j is None else round(row.energy_j, 12)
    out.update(wall_s=round(row.wall_s, 9), cpu_s=round(row.cpu_s, 9), energy_j=energy_j)
    out["reference_j"] = round(row.reference_j, 12)
    for name, digits in _ROW_OPTIONAL:
        value = getattr(row, name)
        if value is not None:
            out[name] = round(value, digits)
    return out


def to_json(report: Report) -> dict[str, Any]:
    """Return a report as JSON values that fit the schema of ``pytest-carbon schema``.

    Raises ReportError for a figure that is infinite or not a number.
    """
    grid = report.grid
    out = {
        "schema": SCHEMA,
        "tool": dict(report.tool),
        "run": _run_json(report.run),
        "machine": {**_fields_json(report.machine), "fingerprint": dict(report.machine.fingerprint)},
        "grid": {
            "zone": grid.zone,
            "g_per_kwh": _rounded(grid.g_per_kwh.central),
            "low_g_per_kwh": _rounded(grid.g_per_kwh.low),
            "high_g_per_kwh": _rounded(grid.g_per_kwh.high),
            "source": grid.source,
            "year": grid.year,
            "assumed": grid.assumed,
        },
        "totals": {
            k: v for k, v in _fields_json(report.totals).items() if v is not None or k not in ("memory_j", "base_j")
        },
        "rows": [_row_json(row) for row in report.rows],
        "features": {name: _fields_json(use) for name, use in report.features.items()},
        "budgets": [_fields_json(result) for result in report.budgets],
        "probes": [_probe_json(probe) for probe in report.probes],
        "gaps": list(report.gaps),
        "code": dict(report.code),
    }
    if report.pairs is not None:
        out["pairs"] = dict(report.pairs)
    if report.outside is not None:
        out["outside"] = _outside_json(report.outside)
    return out


def _probe_json(probe: Probe) -> list[Any]:
    values = [_rounded(probe.at_s, 9), _rounded(probe.slowdown, 4), probe.worker]
    if probe.walking is not None:
        values.append(_rounded(probe.walking, 4))
        if probe.waiting is not None:
            values.append(_rounded(probe.waiting, 4))
    return values


def from_json(data: Mapping[str, Any]) -> Report:
    """Return the report of JSON values that the schema has accepted."""
    grid = data["grid"]
    return Report(
        tool=data["tool"],
        run=RunInfo(**{**data["run"], "command": tuple(data["run"]["command"])}),
        machine=MachineInfo(**data["machine"]),
        grid=GridFactor(
            grid["zone"],
            Range(grid["g_per_kwh"], grid["low_g_per_kwh"], grid["high_g_per_kwh"]),
            grid["source"],
            grid["year"],
            grid["assumed"],
        ),
        totals=Totals(**data["totals"]),
        rows=tuple(Row(**row) for row in data["rows"]),
        features={name: FeatureUse(**use) for name, use in data["features"].items()},
        budgets=tuple(BudgetResult(**result) for result in data["budgets"]),
        probes=tuple(Probe(*probe) for probe in data["probes"]),
        gaps=tuple(data["gaps"]),
        code=data.get("code", {}),
        pairs=data.get("pairs"),
        outside=OutsideFigures(**data["outside"]) if "outside" in data else None,
    )
