"""What runs in a ledger take of a budget, in the unit of its limit."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.burn_rate import Spend
from pytest_carbon.core.report.ledger_records import Entry, moment


@dataclass(frozen=True, slots=True)
class Spending:
    """A budget's spends, and the runs it paid for whose use is not known."""

    spends: tuple[Spend, ...]
    unknown_entries: tuple[Entry, ...]


def share_of(budget: Budget, entry: Entry) -> float:
    """Return the share of a run that a budget's holder pays: all of it for the repository, its features' for a team.

    Of a day that was summed up, the repository pays the whole runs, and the others what was summed for their features.
    """
    if entry.rolled is not None and (entry.rolled == "") != (budget.team is None and budget.feature is None):
        return 0.0
    if budget.team is not None:
        return math.fsum(entry.shares.get(child, 0.0) for child in budget.children)
    return 1.0 if budget.feature is None else entry.shares.get(budget.feature, 0.0)


def run_amount(budget: Budget, entry: Entry, g_per_kwh: float | None) -> float | None:
    """Return what a whole run counts for in the unit of the window's limit; None where that is not known."""
    kind = budget.limit.kind if budget.limit else "energy"
    if kind == "mass":
        return run_grams(budget, entry, g_per_kwh)
    return entry.energy_j if kind == "energy" else entry.reference_j


def run_grams(budget: Budget, entry: Entry, g_per_kwh: float | None) -> float | None:
    """Return the grams that a whole run counts for; None where they are not known.

    ``work`` is in grams as if every run had been on a grid of ``g_per_kwh``, so that a dirty week on the grid
    freezes nobody: the energy with the data centre's overhead, and the machine's making as it is. ``located`` is
    the run's own grams, which an assumed grid cannot give.
    """
    if budget.counts == "located":
        return None if entry.grid_assumed else entry.emissions_g
    if g_per_kwh is None or entry.operational_g is None or entry.embodied_g is None or entry.grid_g_per_kwh <= 0:
        return None
    return entry.operational_g * (g_per_kwh / entry.grid_g_per_kwh) + entry.embodied_g


def spending_of(budget: Budget, entries: Iterable[Entry], g_per_kwh: float | None) -> Spending:
    """Return what each run took of a budget."""
    spends, unknown = [], []
    for entry in entries:
        share = share_of(budget, entry)
        if share <= 0:
            continue
        whole = run_amount(budget, entry, g_per_kwh)
        if whole is None:
            unknown.append(entry)
        else:
            spends.append(Spend(moment(entry.started), share * whole, entry.runs))
    return Spending(tuple(spends), tuple(unknown))


def to_grams(amount_: float, kind: str, entry: Entry, g_per_kwh: float | None) -> float | None:
    """Return the grams that an amount of a kind stands for, on a machine like that of ``entry``; None if unknown."""
    if kind == "mass":
        return amount_
    whole = entry.energy_j if kind == "energy" else entry.reference_j
    if g_per_kwh is None or entry.operational_g is None or not whole or entry.grid_g_per_kwh <= 0:
        return None
    kwh = entry.operational_g / entry.grid_g_per_kwh
    return amount_ / whole * kwh * g_per_kwh
