"""Ledger entries from the rows of CodeCarbon's ``emissions.csv``.

CodeCarbon writes kWh (with the data centre's overhead), kg, and the local time at which it wrote the row. The rows of
one run are cumulative: each holds everything that the run has used since its start.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.quantities import J_PER_KWH
from pytest_carbon.core.records.ledger_records import Entry
from pytest_carbon.core.records.run_entry import fingerprint_digest

REQUIRED_COLUMNS = ("timestamp", "run_id", "duration", "emissions", "energy_consumed")
_MACHINE_COLUMNS = ("cpu_model", "cpu_count", "gpu_model", "gpu_count", "ram_total_size", "os", "python_version",
            "codecarbon_version", "tracking_mode")  # fmt: skip
_SAFE_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", re.ASCII)
_RELATIVE_ROUNDING = 1e-6  # a ledger keeps nine significant digits
_G_PER_KG = 1000.0
_CUMULATIVE_FIELDS = ("wall_s", "energy_j", "operational_g")


@dataclass(frozen=True, slots=True)
class CodeCarbonRow:
    """What a run had used ``wall_s`` seconds after its start, at ``ended``.

    ``energy_kwh`` includes the data centre's overhead; ``energy_j`` does not.
    """

    line: int
    run: str
    ended: datetime
    wall_s: float
    energy_kwh: float
    energy_j: float
    operational_g: float
    job: str
    zone: str
    machine: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class RecordedUse:
    """The sums that a ledger already holds for one run."""

    wall_s: float = 0.0
    energy_j: float = 0.0
    operational_g: float = 0.0


@dataclass(frozen=True, slots=True)
class ImportTerms:
    """What the user adds to each row: the payers' shares, and embodied grams per hour (None if unknown)."""

    shares: Mapping[str, float]
    embodied_g_per_h: float | None = None


def parse_row(row: Mapping[str, str | None], line: int, zone: str, timezone: tzinfo) -> CodeCarbonRow:
    """Return a row's values. ``zone`` is the grid zone, ``timezone`` the time zone of timestamps without one.

    Raises LedgerError, with the reason, for a row that cannot be used.
    """
    texts = {name: (value or "").strip() for name, value in row.items()}
    if any("\0" in text for text in texts.values()):
        raise LedgerError("it holds a zero byte; the file is damaged")
    if not _SAFE_RUN.fullmatch(texts["run_id"]):
        raise LedgerError(f"its run_id is {texts['run_id'][:80]!r}; it must be letters, digits and dashes")
    energy_kwh = _number(texts, "energy_consumed")
    pue = _number(texts, "pue") if texts.get("pue") else 1.0
    if pue < 1:
        raise LedgerError(f"its pue is {texts['pue'][:40]!r}; it must be at least 1")
    cpu, gpu, mode = (texts.get(name, "") for name in ("cpu_model", "gpu_model", "tracking_mode"))
    machine = ", ".join(part for part in (cpu, gpu) if part) or "unknown"
    return CodeCarbonRow(
        line,
        texts["run_id"],
        _parse_timestamp(texts["timestamp"], timezone),
        _number(texts, "duration"),
        energy_kwh,
        energy_kwh * J_PER_KWH / pue,
        _number(texts, "emissions") * _G_PER_KG,
        texts.get("project_name", ""),
        zone,
        machine + (" (one process)" if mode == "process" else ""),
        fingerprint_digest({name: texts.get(name, "") for name in _MACHINE_COLUMNS}),
    )


def _number(texts: Mapping[str, str], name: str) -> float:
    text = texts[name]
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value < math.inf:
        raise LedgerError(f"its {name} is {text[:40]!r}; it must be a number that is not negative")
    return value


def _parse_timestamp(text: str, timezone: tzinfo) -> datetime:
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=timezone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise LedgerError(f"its timestamp is {text[:40]!r}; it must be a time such as 2026-01-02T03:04:05") from None


def recorded_use(entries: Iterable[Entry]) -> dict[str, RecordedUse]:
    """Return the sums of the entries of each run, by the run's id."""
    by_run: dict[str, list[Entry]] = {}
    for entry in entries:
        by_run.setdefault(entry.run, []).append(entry)
    return {run: RecordedUse(*(_sum(own, name) for name in _CUMULATIVE_FIELDS)) for run, own in by_run.items()}


def _sum(entries: Iterable[Entry], name: str) -> float:
    return math.fsum(getattr(entry, name) or 0.0 for entry in entries)


def _grams_per_kwh(row: CodeCarbonRow, recorded: RecordedUse, increase: Mapping[str, float]) -> float:
    """Return the grid factor in g/kWh since the recorded use, or of the whole run if almost no energy was used since.

    The factor may differ between rows of one run, because CodeCarbon may look it up again for each row.
    """
    if increase["energy_j"] <= _RELATIVE_ROUNDING * recorded.energy_j:
        return row.operational_g / row.energy_kwh
    return max(increase["operational_g"], 0.0) / (row.energy_kwh * increase["energy_j"] / row.energy_j)


def entry_of_increase(row: CodeCarbonRow, recorded: RecordedUse | None, terms: ImportTerms) -> Entry | None:
    """Return the entry of what a run used since its recorded use; None if the row lasted no longer.

    A run that used no energy at all was not measured: its energy and grams are unknown. The entry's id is the run's id
    and the milliseconds that the run had lasted. Raises LedgerError if a sum is smaller than the recorded one.
    """
    if recorded is not None and row.wall_s <= recorded.wall_s * (1 + _RELATIVE_ROUNDING):
        return None
    recorded = recorded or RecordedUse()
    increase = {name: getattr(row, name) - getattr(recorded, name) for name in _CUMULATIVE_FIELDS}
    if any(part < -_RELATIVE_ROUNDING * getattr(recorded, name) for name, part in increase.items()):
        raise LedgerError("a sum in it is smaller than in an earlier row of its run; the rows of a run must add up")
    measured = row.energy_kwh > 0
    try:
        started = row.ended - timedelta(seconds=increase["wall_s"])
    except OverflowError:
        raise LedgerError(f"its duration is {row.wall_s:g} s, so it would have started before the year 1") from None
    return Entry(
        id=f"{row.run}.{row.wall_s * 1000:.0f}",
        run=row.run,
        attempt=1,
        job=row.job,
        started=started.isoformat(timespec="seconds"),
        commit=None,
        branch=None,
        pr=None,
        labels=(),
        method="unknown",
        machine=row.machine,
        fingerprint=row.fingerprint,
        grid_zone=row.zone,
        grid_g_per_kwh=_grams_per_kwh(row, recorded, increase) if measured else 0.0,
        grid_assumed=not row.zone,
        energy_j=max(increase["energy_j"], 0.0) if measured else None,
        energy_low_j=None,
        energy_high_j=None,
        reference_j=None,
        operational_g=max(increase["operational_g"], 0.0) if measured else None,
        embodied_g=None if terms.embodied_g_per_h is None else terms.embodied_g_per_h * increase["wall_s"] / 3600,
        emissions_low_g=None,
        emissions_high_g=None,
        tests=0,
        shares=dict(terms.shares),
        wall_s=increase["wall_s"],
    )
