"""Figures of a run that no machine can have, or that lie outside of their own range."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_carbon.core.records.ledger_records import Entry

MOST_WATTS = 50_000.0
"""More than any machine takes: a server with eight of the largest accelerators takes some 15 kW."""
CLOCKS_S = 1.0
"""Two clocks that are read one after the other, and the start of the run, may differ by so much (s)."""
_ROUNDING = 1e-4


def out_of_range(what: str, low: float | None, central: float | None, high: float | None, unit: str) -> Iterator[str]:
    """Yield a sentence if a known figure lies below its low or above its high bound."""
    if central is None:
        return
    slack = _ROUNDING * central + 1e-9
    if (low is not None and low > central + slack) or (high is not None and high < central - slack):
        bounds = " to ".join("unknown" if bound is None else f"{bound:g}" for bound in (low, high))
        yield f"{what} {central:g} {unit}, outside of its own range of {bounds} {unit}"


def entry_contradictions(entry: Entry) -> Iterator[str]:
    """Yield sentences on figures of an entry that contradict each other or that no machine can have."""
    yield from out_of_range("the energy is", entry.energy_low_j, entry.energy_j, entry.energy_high_j, "J")
    yield from out_of_range("the emissions are", entry.emissions_low_g, entry.emissions_g, entry.emissions_high_g, "g")
    known = entry.energy_j is not None and entry.wall_s is not None
    if known and (entry.energy_j or 0.0) > MOST_WATTS * ((entry.wall_s or 0.0) + CLOCKS_S):
        yield f"{entry.energy_j:g} J in {entry.wall_s:g} s are more than any machine takes"
