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
from pytest_carbon.core.report.ledger_records import Entry, digest

NEEDED = ("timestamp", "run_id", "duration", "emissions", "energy_consumed")
_MACHINE = ("cpu_model", "cpu_count", "gpu_model", "gpu_count", "ram_total_size", "os", "python_version",
            "codecarbon_version", "tracking_mode")  # fmt: skip
_SAFE_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}", re.ASCII)
_ROUNDING = 1e-6  # a ledger keeps nine digits of a figure
_G_PER_KG = 1000.0
_ADDING = ("wall_s", "energy_j", "operational_g")


@dataclass(frozen=True, slots=True)
class Reading:
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
class Covered:
    """What a ledger has of a run already."""

    wall_s: float = 0.0
    energy_j: float = 0.0
    operational_g: float = 0.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What a row does not say: who pays, and the grams an hour of the machine's making, None where not known."""

    shares: Mapping[str, float]
    embodied_g_per_h: float | None = None


def reading(row: Mapping[str, str | None], line: int, zone: str, clock: tzinfo) -> Reading:
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
    return Reading(
        line,
        texts["run_id"],
        _moment(texts["timestamp"], clock),
        _number(texts, "duration"),
        energy_kwh,
        energy_kwh * J_PER_KWH / pue,
        _number(texts, "emissions") * _G_PER_KG,
        texts.get("project_name", ""),
        zone,
        machine + (" (one process)" if mode == "process" else ""),
        digest({name: texts.get(name, "") for name in _MACHINE}),
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


def _moment(text: str, clock: tzinfo) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=clock)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise LedgerError(f"its timestamp is {text[:40]!r}; it must be a time such as 2026-01-02T03:04:05") from None


def covered(entries: Iterable[Entry]) -> dict[str, Covered]:
    """Return what entries have of each run."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.run, []).append(entry)
    return {run: Covered(*(_sum(own, name) for name in _ADDING)) for run, own in found.items()}


def _sum(entries: Iterable[Entry], name: str) -> float:
    return math.fsum(getattr(entry, name) or 0.0 for entry in entries)


def _intensity(one: Reading, last: Covered, parts: Mapping[str, float]) -> float:
    """Return the grams a kWh of the time since ``last``; those of the whole run where next to nothing was used since.

    CodeCarbon may ask for the grid's intensity again and again, so that it is another in every row of a run.
    """
    if parts["energy_j"] <= _ROUNDING * last.energy_j:
        return one.operational_g / one.energy_kwh
    return max(parts["operational_g"], 0.0) / (one.energy_kwh * parts["energy_j"] / one.energy_j)


def entry_since(one: Reading, last: Covered | None, terms: Terms) -> Entry | None:
    """Return the entry of what a run used after ``last``, which is what is known of it; None if that was nothing.

    A run that used no energy at all was not measured: its energy and grams are not known. The id is made of the run and
    of how many milliseconds it had lasted. Raises LedgerError where the run would have used less than before.
    """
    if last is not None and one.wall_s <= last.wall_s * (1 + _ROUNDING):
        return None
    last = last or Covered()
    parts = {name: getattr(one, name) - getattr(last, name) for name in _ADDING}
    if any(part < -_ROUNDING * getattr(last, name) for name, part in parts.items()):
        raise LedgerError("it says less than an earlier row of its run, though the rows of a run add up")
    known = one.energy_kwh > 0
    try:
        started = one.ended - timedelta(seconds=parts["wall_s"])
    except OverflowError:
        raise LedgerError(f"its duration is {one.wall_s:g} s, so that it would have begun before all time") from None
    making = terms.embodied_g_per_h
    return Entry(
        id=f"{one.run}.{one.wall_s * 1000:.0f}",
        run=one.run,
        attempt=1,
        job=one.job,
        started=started.isoformat(timespec="seconds"),
        commit=None,
        branch=None,
        pr=None,
        labels=(),
        method="unknown",
        machine=one.machine,
        fingerprint=one.fingerprint,
        grid_zone=one.zone,
        grid_g_per_kwh=_intensity(one, last, parts) if known else 0.0,
        grid_assumed=not one.zone,
        energy_j=max(parts["energy_j"], 0.0) if known else None,
        energy_low_j=None,
        energy_high_j=None,
        reference_j=None,
        operational_g=max(parts["operational_g"], 0.0) if known else None,
        embodied_g=None if making is None else making * parts["wall_s"] / 3600,
        emissions_low_g=None,
        emissions_high_g=None,
        tests=0,
        shares=dict(terms.shares),
        wall_s=parts["wall_s"],
    )
