"""The lines of text of a report: sorted, cut and rounded once, for every reporter."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pytest_carbon.core.model import LEAST_AT_FULL_SPEED, UNATTRIBUTED, FeatureUse, Range, Row
from pytest_carbon.core.quantities import (
    BOUND_DIGITS,
    KWH_TEXT,
    Kind,
    format_energy,
    format_mass,
    format_number,
    format_value_and_limit,
)
from pytest_carbon.core.report import Report

BAR_CELLS = 8
OTHER_PROCESSES = "other processes"
LEAST_SHOWN_SHARE = 1e-6
"""A smaller share of the energy is a rounding."""
LEAST_NAMED_CPUS = 0.1
"""The least that other processes used of the machine's CPUs to be named as what slows it."""
_EIGHTHS = " ▏▎▍▌▋▊▉"
_OTHER_ROWS = (
    ("collection", "collect", "collection and imports"),
    ("collection", "start", "start of the workers"),
    ("collection", "stop", "end of the workers"),
    ("collection", "session", "pytest itself"),
    ("command", "", "the command"),
    ("idle", "", "idle: no test was running"),
    ("background", "", "background: other processes"),
    ("tool", "", "pytest-carbon itself"),
)
STATE_WORDS = {"pass": "pass", "warn": "over, warning", "fail": "over, fail", "inconclusive": "inconclusive"}


@dataclass(frozen=True, slots=True)
class EnergyLine:
    """One line of the table of where the energy went. ``share`` is of the run's energy (0..1), None if unknown."""

    label: str
    energy: str
    share: float | None
    reference: str
    note: str = ""
    kind: str = "test"


@dataclass(frozen=True, slots=True)
class FeatureLine:
    """One line of the table of features. ``budget`` and ``state`` are those of its limit per run, empty without one."""

    name: str
    tests: str
    share: float
    energy: str
    emissions: str
    budget: str
    state: str


@dataclass(slots=True)
class _RowSum:
    label: str
    kind: str
    energy_j: float | None = 0.0
    reference_j: float = 0.0
    outcome: str = ""
    users: int | None = None
    attempts: int = 0

    def add(self, row: Row) -> None:
        both = self.energy_j is not None and row.energy_j is not None
        self.energy_j = (self.energy_j or 0.0) + (row.energy_j or 0.0) if both else None
        self.reference_j += row.reference_j
        self.outcome = row.outcome or self.outcome
        self.users = row.users if row.users is not None else self.users
        self.attempts += row.phase == "call"

    @property
    def sort_j(self) -> float:
        return self.energy_j if self.energy_j is not None else self.reference_j


def bar(share: float, cells: int = BAR_CELLS) -> str:
    """Draw a share (0..1) as a bar of at most ``cells`` block characters. Only a share of 0 gives an empty bar."""
    eighths = round(min(1.0, max(0.0, share)) * cells * 8)
    eighths = max(eighths, 1) if share > 0 else 0
    full, part = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[part] if part else "")


def whole_percent(share: float) -> str:
    """Write a share as whole per cent. Only 0 is written as 0 %, and only 1 as 100 %."""
    value = share * 100
    if 0 < value < 1:
        return "<1 %"
    if 99 < value < 100:
        return ">99 %"
    return f"{value:.0f} %"


def _sum_rows(rows: Sequence[Row]) -> tuple[list[_RowSum], list[_RowSum]]:
    tests: dict[str, _RowSum] = {}
    fixtures: dict[str, _RowSum] = {}
    for row in rows:
        if row.kind in ("test", "fixture"):
            table = tests if row.kind == "test" else fixtures
            label = row.nodeid if row.kind == "test" else f"fixture {row.nodeid} ({row.scope})"
            table.setdefault(row.nodeid, _RowSum(label, row.kind)).add(row)
    return _costliest_first(tests.values()), _costliest_first(fixtures.values())


def _costliest_first(sums: Iterable[_RowSum]) -> list[_RowSum]:
    return sorted(sums, key=lambda s: (-s.sort_j, s.label))


def _energy_line(total_j: float | None, sum_: _RowSum, note: str = "") -> EnergyLine:
    known = sum_.energy_j is not None
    return EnergyLine(
        label=sum_.label,
        energy=format_energy(sum_.energy_j) if sum_.energy_j is not None else "unknown",
        share=sum_.sort_j / total_j if known and total_j else None,
        reference=format_energy(sum_.reference_j) if sum_.reference_j > 0 else "",
        note=note,
        kind=sum_.kind,
    )


def _test_note(sum_: _RowSum) -> str:
    words = [sum_.outcome] if sum_.outcome not in ("", "passed") else []
    return ", ".join(words + ([f"{sum_.attempts} runs"] if sum_.attempts > 1 else []))


def _keep_costliest(sums: Sequence[_RowSum], top: int, noun: str) -> tuple[Sequence[_RowSum], _RowSum | None]:
    """Return the costliest sums, and the sum of the others; a single other sum is kept instead."""
    if len(sums) <= top + 1:
        return sums, None
    rest = _RowSum(f"{len(sums) - top} more {noun}", noun)
    for sum_ in sums[top:]:
        rest.add(Row("test", sum_.energy_j, 0.0, 0.0, sum_.reference_j))
    return sums[:top], rest


def energy_lines(report: Report, top: int) -> list[EnergyLine]:
    """Return where the energy went: the costliest tests, the costliest wide fixtures, the others, and other rows.

    ``top`` tests are shown, and a third as many fixtures, but at least 3.
    """
    total_j = report.totals.energy_j
    tests, fixtures = _sum_rows(report.rows)
    out = []
    for sums, limit, noun in ((tests, top, "tests"), (fixtures, max(3, top // 3), "fixtures")):
        shown, rest = _keep_costliest(sums, limit, noun)
        for sum_ in shown:
            note = f"{sum_.users} users" if sum_.users is not None else _test_note(sum_)
            out.append(_energy_line(total_j, sum_, "1 user" if note == "1 users" else note))
        out += [_energy_line(total_j, rest)] if rest else []
    for kind, phase, label in _OTHER_ROWS:
        sum_ = _RowSum(label, kind)
        rows = [row for row in report.rows if row.kind == kind and (not phase or row.phase == phase)]
        for row in rows:
            sum_.add(row)
        if rows and (sum_.sort_j > 0 or sum_.reference_j > 0):
            sum_.reference_j = sum_.reference_j if kind in ("collection", "command") else 0.0
            out.append(_energy_line(total_j, sum_))
    return out


def own_ranges(report: Report) -> tuple[Range | None, Range | None]:
    """Return joules and grams of the run with their bounds, without other processes of the machine; None if unknown."""
    totals, own_g = report.totals, report.own_emissions_g
    energy_j = _range(report.own_energy_j, totals.low_j, totals.high_j, report.own_share)
    share = own_g / totals.emissions_g if own_g is not None and totals.emissions_g else 1.0
    return energy_j, _range(own_g, totals.emissions_low_g, totals.emissions_high_g, share)


def _range(central: float | None, low: float | None, high: float | None, share: float) -> Range | None:
    return None if central is None or low is None or high is None else Range(central, share * low, share * high)


def duration(value: float) -> str:
    """Write seconds with two digits, and from two minutes on as minutes."""
    if value < 120:
        return f"{value:.2g} s" if value < 10 else f"{value:.0f} s"
    return f"{value / 60:.0f} min"


def method_facts(report: Report) -> list[tuple[str, str]]:
    """Return how the run was measured, as pairs of a heading and a text."""
    machine, grid, totals = report.machine, report.grid, report.totals
    method = {
        "counter": "counter, read from the hardware by CodeCarbon",
        "modelled": "modelled from the machine's utilisation and power curve",
        "unknown": "unknown: neither a counter nor the machine's CPU time can be read here",
    }[machine.method]
    if machine.method == "counter" and totals.energy_j and totals.memory_j:
        counted = format_energy(max(0.0, totals.energy_j - totals.memory_j))
        method = f"counter: {counted} read from the hardware by CodeCarbon"
        method += f", and {format_energy(totals.memory_j)} modelled for memory, which has no counter"
    if own_j := own_ranges(report)[0]:
        low, high = (format_energy(bound_j, BOUND_DIGITS) for bound_j in own_j[1:])
        method += f"; between {low} and {high}"
    year = f", {grid.year}" if grid.year else ""
    facts = [
        ("method", method),
        ("machine", f"{machine.name} ({machine.cpu}, {machine.vcpus} CPUs)"),
        ("grid", f"{grid.zone}, {grid.g_per_kwh.central:.0f} g/kWh ({grid.source}{year}); {KWH_TEXT}"),
    ]
    if totals.embodied_g is not None and totals.operational_g is not None:
        operational, embodied = format_mass(totals.operational_g - report.background_g), format_mass(totals.embodied_g)
        parts = f"{operational} operational, {embodied} embodied"
        facts.append(("grams", f"{parts} (the run's share of the machine's manufacture)"))
    if machine.by_instructions:
        facts.append(("reference", "by the instructions that the CPU counted, which do not depend on its speed"))
    if machine.clean_share is not None:
        facts.append(("speed", _speed_text(report, machine.clean_share)))
    if totals.codecarbon_raw_j is not None and machine.method == "modelled" and totals.codecarbon_s:
        alone = f"{format_energy(totals.codecarbon_raw_j)} for the {duration(totals.codecarbon_s)} it saw"
        facts.append(("CodeCarbon", f"alone: {alone}; why it differs: pytest-carbon doctor"))
    return facts


def _speed_text(report: Report, at_full_speed: float) -> str:
    """Say how many probes ran at full speed; if a comparison wants more, what else ran, and what to do."""
    machine = report.machine
    text = f"at full speed in {whole_percent(at_full_speed)} of {len(report.probes)} probes"
    if at_full_speed >= LEAST_AT_FULL_SPEED or machine.by_instructions:
        return text
    wanted = f"{text}; a comparison wants {whole_percent(LEAST_AT_FULL_SPEED)} or more: run again when less else runs"
    others_s = math.fsum(row.cpu_s for row in report.rows if row.kind == "background")
    cpus = others_s / report.run.duration_s if report.run.duration_s > 0 else 0.0
    used = f" ({OTHER_PROCESSES} used {format_number(cpus, BOUND_DIGITS)} of {machine.vcpus} CPUs)"
    return wanted + (used if cpus >= LEAST_NAMED_CPUS else "")


def feature_lines(report: Report) -> list[FeatureLine]:
    """Return one line for each feature, in the report's order, and last what other processes used, of no feature."""
    total_j, own_j, others_j = report.totals.energy_j, report.own_energy_j, report.background_j
    uses = dict(report.features)
    if others_j and total_j and own_j and (rest := uses.pop(UNATTRIBUTED, None)):
        rest_j = max(0.0, rest.energy_j - others_j)
        if rest.tests or rest_j > LEAST_SHOWN_SHARE * total_j:
            uses[UNATTRIBUTED] = replace(rest, share=rest_j / total_j, energy_j=rest_j)
        g_per_j = (report.own_emissions_g or 0.0) / own_j
        uses = {name: replace(use, emissions_g=use.energy_j * g_per_j) for name, use in uses.items()}
        uses[OTHER_PROCESSES] = FeatureUse(0, others_j / total_j, others_j, 0.0, report.background_g)
    budgets = {result.feature: result for result in report.budgets}
    out = []
    for name, use in uses.items():
        result = budgets.get(name)
        out.append(
            FeatureLine(
                name,
                "" if name == OTHER_PROCESSES else str(use.tests),
                use.share,
                format_energy(use.energy_j),
                format_mass(use.emissions_g),
                _budget_text(result.used, result.limit_value, result.kind, result.limit) if result else "",
                STATE_WORDS[result.state] if result else "",
            )
        )
    return out


def _budget_text(used: float | None, limit: float, kind: Kind, text: str) -> str:
    if used is None:
        return f"? of {text}"
    return " of ".join(format_value_and_limit(used, limit, kind))
