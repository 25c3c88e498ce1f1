"""A day of a ledger summed up, so that a budget can be judged without reading every run of it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from pytest_carbon.core.report.ledger_records import Entry

SUMMED_FIELDS = (
    "energy_j", "energy_low_j", "energy_high_j", "reference_j", "operational_g", "embodied_g", "emissions_low_g",
    "emissions_high_g", "tests",
)  # fmt: skip
GRID_FIELDS = ("grid_zone", "grid_g_per_kwh", "grid_assumed")
_MAY_BE_UNKNOWN = ("energy_j", "reference_j", "operational_g", "embodied_g")


def sum_day(day: date, entries: Iterable[Entry]) -> list[Entry]:
    """Sum a day's corrected entries: the whole runs and, for every feature, its shares of them.

    Runs on different grids, or of which other figures are known, are summed apart, so that every budget takes from
    the sums what it takes from the runs: what is not known stays unknown and is counted, and grams are of their grid.
    """
    groups: dict[tuple[Any, ...], list[tuple[Entry, float]]] = {}
    for entry in entries:
        kind = (
            *(getattr(entry, name) for name in GRID_FIELDS),
            *(getattr(entry, name) is None for name in _MAY_BE_UNKNOWN),
        )
        for feature, share in (("", 1.0), *entry.shares.items()):
            if share > 0:
                groups.setdefault((feature, *kind), []).append((entry, share))
    return [
        day_entry(f"{day}/{number}", day, {"rolled": key[0], "runs": len(parts), **_sums(parts)})
        for number, (key, parts) in enumerate(groups.items())
    ]


def _sums(parts: Sequence[tuple[Entry, float]]) -> dict[str, Any]:
    sums: dict[str, Any] = {name: getattr(parts[0][0], name) for name in GRID_FIELDS}
    for name in SUMMED_FIELDS:
        figures = [(getattr(entry, name), share) for entry, share in parts]
        unknown = any(figure is None for figure, _ in figures)
        sums[name] = None if unknown else math.fsum(figure * share for figure, share in figures)
    return {**sums, "tests": round(sums["tests"])}


def day_entry(id_: str, day: date, values: Mapping[str, Any]) -> Entry:
    """Return what was summed for a day as an entry of its noon; its id is one that no run can have."""
    feature = values["rolled"]
    return Entry(
        id=f"rolled/{id_}",
        run="",
        attempt=1,
        job="",
        started=f"{day}T12:00:00+00:00",
        commit=None,
        branch=None,
        pr=None,
        labels=(),
        method="",
        machine="",
        fingerprint="",
        shares={feature: 1.0} if feature else {},
        **values,
    )
