"""Sums of a ledger's day, so that a budget can be judged without reading every run."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from pytest_carbon.core.records.ledger_records import Entry

SUMMED_FIELDS = (
    "energy_j", "energy_low_j", "energy_high_j", "reference_j", "operational_g", "embodied_g", "emissions_low_g",
    "emissions_high_g", "tests",
)  # fmt: skip
GRID_FIELDS = ("grid_zone", "grid_g_per_kwh", "grid_assumed")
_MAY_BE_UNKNOWN = ("energy_j", "reference_j", "operational_g", "embodied_g")


def sum_day(day: date, entries: Iterable[Entry]) -> list[Entry]:
    """Return the sums of a day's corrected entries: of the whole runs and, for each feature, of its shares of them.

    Runs are summed apart if their grids differ or if other figures of them are unknown. So a budget gets the same
    result from the sums as from the runs: unknown runs are still counted, and grams belong to one grid.
    """
    groups: dict[tuple[Any, ...], list[tuple[Entry, float]]] = {}
    for entry in entries:
        grid = (getattr(entry, name) for name in GRID_FIELDS)
        unknown = (getattr(entry, name) is None for name in _MAY_BE_UNKNOWN)
        group = (*grid, *unknown)
        for feature, share in (("", 1.0), *entry.shares.items()):
            if share > 0:
                groups.setdefault((feature, *group), []).append((entry, share))
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
    """Return sums of a day as an entry that starts at noon. No run can have its id, which begins with ``rolled/``."""
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
