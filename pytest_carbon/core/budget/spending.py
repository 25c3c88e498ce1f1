"""What the runs of a ledger use of a budget, in the unit of its limit."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pytest_carbon.core.budget.budget import Bounds, Budget, bounds_of
from pytest_carbon.core.budget.spend_history import Spend
from pytest_carbon.core.records.ledger_records import Entry, parse_time


@dataclass(frozen=True, slots=True)
class Spending:
    """The spends of a budget, and the entries that the budget pays for but whose use is not known."""

    spends: tuple[Spend, ...]
    unknown_entries: tuple[Entry, ...]


def share_of(budget: Budget, entry: Entry) -> float:
    """Return the share of an entry that a budget's holder pays, from 0 to 1.

    The repository pays the whole run, a team the shares of its features. For a summed day, the repository pays the
    entries that sum whole runs; features and teams pay the entries that sum one feature's shares.
    """
    if entry.rolled is not None and (entry.rolled == "") != (budget.team is None and budget.feature is None):
        return 0.0
    if budget.team is not None:
        return math.fsum(entry.shares.get(child, 0.0) for child in budget.children)
    return 1.0 if budget.feature is None else entry.shares.get(budget.feature, 0.0)


def run_amount(budget: Budget, entry: Entry, g_per_kwh: float | None) -> float | None:
    """Return what a whole run counts as, in the unit of the budget's limit; None if not known."""
    kind = budget.limit.kind if budget.limit else "energy"
    if kind == "mass":
        return run_grams(budget, entry, g_per_kwh)
    return entry.energy_j if kind == "energy" else entry.reference_j


def run_grams(budget: Budget, entry: Entry, g_per_kwh: float | None) -> float | None:
    """Return the grams that a whole run counts as; None if not known.

    A budget of ``work`` counts every run as if its grid had ``g_per_kwh``, so that a dirty week on the grid stops
    nobody: the operational grams are scaled, the embodied grams stay. A budget of ``located`` counts the run's own
    grams, which an assumed grid cannot give.
    """
    if budget.counts == "located":
        return None if entry.grid_assumed else entry.emissions_g
    if g_per_kwh is None or entry.embodied_g is None:
        return None
    operational_g = operational_on_grid(entry, g_per_kwh)
    return None if operational_g is None else operational_g + entry.embodied_g


def operational_on_grid(entry: Entry, g_per_kwh: float) -> float | None:
    """Return the operational grams of a whole run as if its grid had ``g_per_kwh``; None if not known.

    Grams on a grid of 0 g/kWh cannot be scaled to any other.
    """
    if entry.operational_g is None or entry.grid_g_per_kwh == g_per_kwh:
        return entry.operational_g
    return entry.operational_g * (g_per_kwh / entry.grid_g_per_kwh) if entry.grid_g_per_kwh > 0 else None


def spending_of(budget: Budget, entries: Iterable[Entry], g_per_kwh: float | None) -> Spending:
    """Return what each entry used of a budget; entries that the holder does not pay for are left out."""
    spends, unknown = [], []
    for entry in entries:
        share = share_of(budget, entry)
        if share <= 0:
            continue
        whole = run_amount(budget, entry, g_per_kwh)
        if whole is None:
            unknown.append(entry)
        else:
            spends.append(Spend(parse_time(entry.started), share * whole, entry.runs))
    return Spending(tuple(spends), tuple(unknown))


def bounds_of_use(budget: Budget, entries: Iterable[Entry], now: datetime, g_per_kwh: float | None) -> Bounds | None:
    """Return the low and high bound of what a budget's window has used, as multiples of it; None if not known.

    The bounds of runs add up: one power curve and one grid factor are wrong for all runs alike.
    """
    kind = budget.limit.kind if budget.limit else "reference"
    if kind == "reference":
        return None
    central, low, high = 0.0, 0.0, 0.0
    for entry in entries:
        share = share_of(budget, entry)
        amount = run_amount(budget, entry, g_per_kwh) if share > 0 else None
        if not amount or not budget.window.includes(parse_time(entry.started), now):
            continue
        bounds = (
            bounds_of(entry.energy_j, entry.energy_low_j, entry.energy_high_j)
            if kind == "energy"
            else bounds_of(entry.emissions_g, entry.emissions_low_g, entry.emissions_high_g)
        )
        if bounds is None:
            return None
        central += share * amount
        low += share * amount * bounds[0]
        high += share * amount * bounds[1]
    return bounds_of(central, low, high)


def to_grams(amount: float, kind: str, entry: Entry, g_per_kwh: float | None) -> float | None:
    """Convert an amount of a kind to operational grams, at the ratios of ``entry``; None if not known."""
    if kind == "mass":
        return amount
    whole = entry.energy_j if kind == "energy" else entry.reference_j
    if g_per_kwh is None or entry.operational_g is None or not whole or entry.grid_g_per_kwh <= 0:
        return None
    kwh = entry.operational_g / entry.grid_g_per_kwh
    return amount / whole * kwh * g_per_kwh
