"""The lines of text of a report: sorted, cut and rounded once, for every reporter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pytest_carbon.core.model import Row
from pytest_carbon.core.quantities import KWH_TEXT, Kind, format_energy, format_mass, format_value_and_limit
from pytest_carbon.core.report import Report

BAR_CELLS = 8
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
_STATE_WORDS = {"pass": "pass", "warn": "over, warning", "fail": "over, fail", "inconclusive": "inconclusive"}


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
    tests: int
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


def headline(report: Report) -> str:
    """Write in one line the energy and grams of the run, with the range of the grams."""
    totals = report.totals
    seconds = _seconds(report.run.duration_s)
    if totals.energy_j is None or totals.emissions_g is None:
        return f"energy unknown; {format_energy(totals.reference_j)} of reference energy in {seconds}"
    low, high = totals.emissions_low_g or 0.0, totals.emissions_high_g or 0.0
    return (
        f"{format_energy(totals.energy_j)} and {format_mass(totals.emissions_g, 2)} CO2e "
        f"(between {format_mass(low, 2)} and {format_mass(high, 2)}) in {seconds}"
    )


def _seconds(value: float) -> str:
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
        method += f", and {format_energy(totals.memory_j, 2)} modelled for memory, which has no counter"
    if totals.low_j is not None and totals.high_j is not None:
        method += f"; between {format_energy(totals.low_j, 2)} and {format_energy(totals.high_j, 2)}"
    year = f", {grid.year}" if grid.year else ""
    facts = [
        ("method", method),
        ("machine", f"{machine.name} ({machine.cpu}, {machine.vcpus} CPUs)"),
        ("grid", f"{grid.zone}, {grid.g_per_kwh.central:.0f} g/kWh ({grid.source}{year}); {KWH_TEXT}"),
    ]
    if totals.embodied_g is not None and totals.operational_g is not None:
        parts = f"{format_mass(totals.operational_g, 2)} operational, {format_mass(totals.embodied_g, 2)} embodied"
        facts.append(("grams", f"{parts} (the run's share of the machine's manufacture)"))
    if machine.by_instructions:
        facts.append(("reference", "by the instructions that the CPU counted, which do not depend on its speed"))
    if machine.clean_share is not None:
        clean = whole_percent(machine.clean_share)
        facts.append(("speed", f"near the machine's full speed in {clean} of {len(report.probes)} probes"))
    if totals.codecarbon_raw_j is not None and machine.method == "modelled" and totals.codecarbon_s:
        alone = f"{format_energy(totals.codecarbon_raw_j)} for the {_seconds(totals.codecarbon_s)} it saw"
        facts.append(("CodeCarbon", f"alone: {alone}; why it differs: pytest-carbon doctor"))
    return facts


def feature_lines(report: Report) -> list[FeatureLine]:
    """Return one line for each feature, in the report's order."""
    budgets = {result.feature: result for result in report.budgets}
    out = []
    for name, use in report.features.items():
        result = budgets.get(name)
        out.append(
            FeatureLine(
                name,
                use.tests,
                use.share,
                format_energy(use.energy_j),
                format_mass(use.emissions_g, 2),
                _budget_text(result.used, result.limit_value, result.kind, result.limit) if result else "",
                _STATE_WORDS[result.state] if result else "",
            )
        )
    return out


def _budget_text(used: float | None, limit: float, kind: Kind, text: str) -> str:
    if used is None:
        return f"? of {text}"
    return " of ".join(format_value_and_limit(used, limit, kind))
