"""Why the grams of a holder changed from one period to the next: its work, the grid, or the machines."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.spending import share_of
from pytest_carbon.core.quantities import J_PER_KWH
from pytest_carbon.core.records.ledger_records import Entry, parse_time

Driver = Literal["work", "grid", "both", "embodied"]


@dataclass(frozen=True, slots=True)
class PeriodUse:
    """What a holder's runs of a period used.

    ``g_per_kwh`` is operational grams divided by energy, so it includes the data centre's overhead.
    ``runs`` is the number of runs that it paid for.
    """

    energy_j: float
    g_per_kwh: float
    embodied_g: float
    runs: int = 1


@dataclass(frozen=True, slots=True)
class GramsChange:
    """A change in grams, split by driver. ``main_driver`` has the largest part; it is None if nothing changed."""

    work_g: float
    grid_g: float
    both_g: float
    embodied_g: float
    main_driver: Driver | None


def sum_period(entries: Iterable[Entry], share_of: Callable[[Entry], float]) -> PeriodUse | None:
    """Sum a holder's shares of the runs of a period; None if the energy used is 0 or not known.

    Runs whose energy or grams are not known are left out.
    """
    energy, operational, embodied = [], [], []
    for entry in entries:
        share = share_of(entry)
        if share == 0:
            continue
        if entry.energy_j is None or entry.operational_g is None or entry.embodied_g is None:
            continue
        energy.append(entry.energy_j * share)
        operational.append(entry.operational_g * share)
        embodied.append(entry.embodied_g * share)
    energy_j = math.fsum(energy)
    if energy_j == 0:
        return None
    return PeriodUse(energy_j, math.fsum(operational) * J_PER_KWH / energy_j, math.fsum(embodied), len(energy))


def split_change(before: PeriodUse, after: PeriodUse) -> GramsChange:
    """Split the change in grams into more work on the old grid, the old work on the new grid, both, and embodied grams.

    With E the energy and I the intensity, the identity is E1 I1 - E0 I0 = dE I0 + E0 dI + dE dI.
    """
    more_kwh = (after.energy_j - before.energy_j) / J_PER_KWH
    dirtier = after.g_per_kwh - before.g_per_kwh
    parts: dict[Driver, float] = {
        "work": more_kwh * before.g_per_kwh,
        "grid": before.energy_j / J_PER_KWH * dirtier,
        "both": more_kwh * dirtier,
        "embodied": after.embodied_g - before.embodied_g,
    }
    main = max(parts, key=lambda part: abs(parts[part]))
    return GramsChange(parts["work"], parts["grid"], parts["both"], parts["embodied"], main if parts[main] else None)


def _driver_text(driver: Driver, change: GramsChange, before: PeriodUse, after: PeriodUse) -> str:
    """Name a driver with its direction. Of the work, name the number of runs or what each took: what moved more."""
    if driver == "grid":
        return "a dirtier grid" if change.grid_g > 0 else "a cleaner grid"
    if driver == "embodied":
        return f"{'more' if change.embodied_g > 0 else 'less'} of the machines' making"
    if driver == "both":
        return "work and grid together"
    by_number = math.log(after.runs / before.runs)
    by_each = math.log(after.energy_j) - math.log(before.energy_j) - by_number
    if abs(by_number) >= abs(by_each):
        return f"{'more' if by_number > 0 else 'fewer'} runs ({after.runs} after {before.runs})"
    return f"{'more' if by_each > 0 else 'less'} energy in each run"


def main_driver_text(budget: Budget, runs: Sequence[Entry], now: datetime) -> str:
    """Return the main driver of the change in located grams from the last window to this one; empty if not known.

    A month that is not over is compared with an equally long part of the last month.
    """
    start, _ = budget.window.bounds(now)
    earlier, earlier_end = budget.window.previous(now)
    earlier_end = min(earlier_end, earlier + (now - start))
    share = partial(share_of, budget)
    timed = [(parse_time(run.started), run) for run in runs]
    before = sum_period([run for at, run in timed if earlier <= at < earlier_end], share)
    after = sum_period([run for at, run in timed if start <= at <= now], share)
    if before is None or after is None:
        return ""
    change = split_change(before, after)
    return _driver_text(change.main_driver, change, before, after) if change.main_driver else ""
