"""What pull requests cost a holder: their own runs, and what their changes add to every run after them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pytest_carbon.core.accounts.findings.pull_request_effects import MergedPull
from pytest_carbon.core.accounts.values.account import MOST_PULLS, PullCost, Sureness
from pytest_carbon.core.accounts.values.holder_shares import HolderShare, total_grams
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.spending import to_grams
from pytest_carbon.core.budget.window import BudgetWindow, time_zone


@dataclass(frozen=True, slots=True)
class PullHistory:
    """What pull requests did, for all holders: all that were merged, and by window those of them merged in it.

    ``changed`` are those of ``recent`` that changed what a run takes. ``stretch`` says for a window and a job by how
    much the runs of the last such time are multiplied to be those of a whole window; None where too few are known.
    """

    merged: Mapping[int, MergedPull]
    merged_in_window: Mapping[BudgetWindow, frozenset[int]]
    changed_in_window: Mapping[BudgetWindow, tuple[int, ...]]
    scale_to_window: Mapping[tuple[BudgetWindow, str], float | None]


def compute_pull_costs(
    holder: Budget, window: Sequence[HolderShare], lately: Sequence[HolderShare], pulls: PullHistory
) -> list[PullCost]:
    """Return what every pull request cost that ran in the holder's window, or was merged in it and changed its runs.

    ``window`` are the holder's parts in its window, ``lately`` those of as long a time before now.
    """
    own: dict[int, list[HolderShare]] = {pull: [] for pull in pulls.changed_in_window[holder.window]}
    for part in window:
        if part.entry.pr is not None:
            own.setdefault(part.entry.pr, []).append(part)
    paid: dict[str, list[float]] = {}
    for part in lately:
        # runs of another tool, or of another repository, do not take more by a change of this suite
        if part.entry.reference_j is not None and not part.entry.elsewhere:
            paid.setdefault(part.entry.job, []).append(part.share)
    runs = {job: math.fsum(shares) for job, shares in paid.items()}
    found = [_compute_cost(holder, pull, parts, pulls, runs) for pull, parts in sorted(own.items())]
    return [cost for cost in found if cost.runs or cost.recurring_g]


def _compute_cost(
    holder: Budget, pull: int, own: Sequence[HolderShare], pulls: PullHistory, runs: Mapping[str, float]
) -> PullCost:
    merged = pulls.merged.get(pull)
    recurring_g = _recurring_g(holder, merged, pulls, runs) if merged else None
    untold = merged is None or (recurring_g is None and bool(merged.changed))
    sureness: Sureness = "unknown"
    if merged and merged.effects and not untold:
        sureness = "sure" if all(effect.sureness == "sure" for effect in merged.effects) else "not sure"
    return PullCost(
        pr=pull,
        sunk_g=total_grams(own),
        runs=len(own),
        recurring_g=recurring_g,
        sureness=sureness,
        merged=merged.at.astimezone(time_zone(holder.window.zone)).date().isoformat() if merged else None,
    )


def _recurring_g(holder: Budget, merged: MergedPull, pulls: PullHistory, runs: Mapping[str, float]) -> float | None:
    """Return what the changes add in a window, in located grams; None where none was seen, or it cannot be told."""
    grams = []
    for effect in merged.changed:
        stretch = pulls.scale_to_window.get((holder.window, effect.job))
        each = to_grams(effect.step_j or 0.0, "reference", effect.run, effect.run.grid_g_per_kwh)
        if stretch is None or each is None:
            return None
        grams.append(each * runs.get(effect.job, 0.0) * stretch)
    return math.fsum(grams) if grams else None


def pick_costliest(costs: Sequence[PullCost]) -> tuple[PullCost, ...]:
    """Return the five that cost most, of those that save nothing."""
    known = [cost for cost in costs if not _saves(cost) and _total_g(cost) > 0]
    return tuple(sorted(known, key=lambda cost: (-_total_g(cost), cost.pr))[:MOST_PULLS])


def pick_largest_savings(costs: Sequence[PullCost]) -> tuple[PullCost, ...]:
    """Return the five that saved most: whose change makes later runs cheaper, what they cost themselves included."""
    return tuple(sorted(filter(_saves, costs), key=lambda cost: (_total_g(cost), cost.pr))[:MOST_PULLS])


def _saves(cost: PullCost) -> bool:
    return cost.recurring_g is not None and cost.recurring_g < 0


def _total_g(cost: PullCost) -> float:
    return (cost.sunk_g or 0.0) + (cost.recurring_g or 0.0)
