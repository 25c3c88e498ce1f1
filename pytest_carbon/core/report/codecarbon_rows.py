"""What CodeCarbon measured as entries of the ledger: rows of its ``emissions.csv``, one a run.

CodeCarbon writes kWh, which hold the data centre's overhead, kg, and the local time of the run's end. Rows of one run
add up: each holds all that the run had used by then.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from pytest_carbon.core.errors import LedgerError
from pytest_carbon.core.quantities import J_PER_KWH
from pytest_carbon.core.report.ledger_records import Entry, fingerprint_digest

REQUIRED_COLUMNS = ("timestamp", "run_id", "duration", "emissions", "energy_consumed")
_MACHINE_COLUMNS = ("cpu_model", "cpu_count", "gpu_model", "gpu_count", "ram_total_size", "os", "python_version",
            "codecarbon_version", "tracking_mode")  # fmt: skip
_SAFE_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", re.ASCII)
_RELATIVE_ROUNDING = 1e-6  # a ledger keeps nine digits of a figure
_G_PER_KG = 1000.0
_CUMULATIVE_FIELDS = ("wall_s", "energy_j", "operational_g")


@dataclass(frozen=True, slots=True)
class CodeCarbonRow:
    """What a run had used ``wall_s`` seconds after its start, at ``ended``; ``energy_j`` is without the overhead."""

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
    """What a ledger has of a run already."""

    wall_s: float = 0.0
    energy_j: float = 0.0
    operational_g: float = 0.0


@dataclass(frozen=True, slots=True)
class ImportTerms:
    """What a row does not say: who pays, and the grams an hour of the machine's making, None where not known."""

    shares: Mapping[str, float]
    embodied_g_per_h: float | None = None


def parse_row(row: Mapping[str, str | None], line: int, zone: str, timezone: tzinfo) -> CodeCarbonRow:
    """Read a row; ``zone`` is the electricity grid's, ``clock`` that of times without a zone.

    Raises LedgerError with the reason for a row that is none.
    """
    texts = {name: (value or "").strip() for name, value in row.items()}
    if any("\0" in text for text in texts.values()):
        raise LedgerError("it holds a zero byte")
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


def _parse_timestamp(text: str, clock: tzinfo) -> datetime:
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=clock)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise LedgerError(f"its timestamp is {text[:40]!r}; it must be a time such as 2026-01-02T03:04:05") from None


def recorded_use(entries: Iterable[Entry]) -> dict[str, RecordedUse]:
    """Return what entries have of each run."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.run, []).append(entry)
    return {run: RecordedUse(*(_sum(own, name) for name in _CUMULATIVE_FIELDS)) for run, own in found.items()}


def _sum(entries: Iterable[Entry], name: str) -> float:
    return math.fsum(getattr(entry, name) or 0.0 for entry in entries)


def _grams_per_kwh(row: CodeCarbonRow, recorded: RecordedUse, increase: Mapping[str, float]) -> float:
    """Return the grams a kWh of the time since ``last``; those of the whole run where next to nothing was used since.

    CodeCarbon may ask for the grid's intensity again and again, so that it is another in every row of a run.
    """
    if increase["energy_j"] <= _RELATIVE_ROUNDING * recorded.energy_j:
        return row.operational_g / row.energy_kwh
    return max(increase["operational_g"], 0.0) / (row.energy_kwh * increase["energy_j"] / row.energy_j)


def entry_since(row: CodeCarbonRow, recorded: RecordedUse | None, terms: ImportTerms) -> Entry | None:
    """Return the entry of what a run used after ``last``, which is what is known of it; None if that was nothing.

    A run that used no energy at all was not measured: its energy and grams are not known. The id is made of the run and
    of how many milliseconds it had lasted. Raises LedgerError where the run would have used less than before.
    """
    if recorded is not None and row.wall_s <= recorded.wall_s * (1 + _RELATIVE_ROUNDING):
        return None
    recorded = recorded or RecordedUse()
    increase = {name: getattr(row, name) - getattr(recorded, name) for name in _CUMULATIVE_FIELDS}
    if any(part < -_RELATIVE_ROUNDING * getattr(recorded, name) for name, part in increase.items()):
        raise LedgerError("it says less than an earlier row of its run, though the rows of a run add up")
    known = row.energy_kwh > 0
    try:
        started = row.ended - timedelta(seconds=increase["wall_s"])
    except OverflowError:
        raise LedgerError(f"its duration is {row.wall_s:g} s, so that it would have begun before all time") from None
    making = terms.embodied_g_per_h
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
        grid_g_per_kwh=_grams_per_kwh(row, recorded, increase) if known else 0.0,
        grid_assumed=not row.zone,
        energy_j=max(increase["energy_j"], 0.0) if known else None,
        energy_low_j=None,
        energy_high_j=None,
        reference_j=None,
        operational_g=max(increase["operational_g"], 0.0) if known else None,
        embodied_g=None if making is None else making * increase["wall_s"] / 3600,
        emissions_low_g=None,
        emissions_high_g=None,
        tests=0,
        shares=dict(terms.shares),
        wall_s=increase["wall_s"],
    )
