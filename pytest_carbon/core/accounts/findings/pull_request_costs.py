"""What pull requests cost a holder: their own runs (sunk), and what their changes add to later runs (recurring)."""

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
    """The merged pull requests of the repository, for all holders.

    ``merged_in_window`` are the pull requests merged in each window, ``changed_in_window`` those of them that changed
    the cost of a run. ``scale_to_window`` is the factor, by window and job, from the number of runs in the window's
    length before now to the number in a whole window; None if too few runs are known.
    """

    merged: Mapping[int, MergedPull]
    merged_in_window: Mapping[BudgetWindow, frozenset[int]]
    changed_in_window: Mapping[BudgetWindow, tuple[int, ...]]
    scale_to_window: Mapping[tuple[BudgetWindow, str], float | None]


def compute_pull_costs(
    holder: Budget, window: Sequence[HolderShare], recent: Sequence[HolderShare], history: PullHistory
) -> list[PullCost]:
    """Return the cost of every pull request that ran in the holder's window, or was merged in it with a changed cost.

    ``window`` are the holder's shares in its window, ``recent`` its shares in a window's length before now.
    """
    by_pull: dict[int, list[HolderShare]] = {pr: [] for pr in history.changed_in_window[holder.window]}
    for share in window:
        if share.entry.pr is not None:
            by_pull.setdefault(share.entry.pr, []).append(share)
    paid: dict[str, list[float]] = {}
    for share in recent:
        # a change of this suite does not make runs of another tool or another repository costlier
        if share.entry.reference_j is not None and not share.entry.elsewhere:
            paid.setdefault(share.entry.job, []).append(share.share)
    runs = {job: math.fsum(shares) for job, shares in paid.items()}
    costs = [_compute_cost(holder, pr, shares, history, runs) for pr, shares in sorted(by_pull.items())]
    return [cost for cost in costs if cost.runs or cost.recurring_g]


def _compute_cost(
    holder: Budget, pr: int, shares: Sequence[HolderShare], history: PullHistory, runs: Mapping[str, float]
) -> PullCost:
    """Return the cost of one pull request; ``runs`` is how many recent runs of each job the holder paid for."""
    merged = history.merged.get(pr)
    recurring_g = _recurring_g(holder, merged, history, runs) if merged else None
    not_in_grams = merged is None or (recurring_g is None and bool(merged.changed))
    sureness: Sureness = "unknown"
    if merged and merged.effects and not not_in_grams:
        sureness = "sure" if all(effect.sureness == "sure" for effect in merged.effects) else "not sure"
    return PullCost(
        pr=pr,
        sunk_g=total_grams(shares),
        runs=len(shares),
        recurring_g=recurring_g,
        sureness=sureness,
        merged=merged.at.astimezone(time_zone(holder.window.zone)).date().isoformat() if merged else None,
    )


def _recurring_g(holder: Budget, merged: MergedPull, history: PullHistory, runs: Mapping[str, float]) -> float | None:
    """Return what a pull request's changes add to a window, in located grams.

    None if no change was detected, or if a change cannot be converted to grams or scaled to a window.
    """
    grams = []
    for effect in merged.changed:
        scale = history.scale_to_window.get((holder.window, effect.job))
        per_run_g = to_grams(effect.step_j or 0.0, "reference", effect.run, effect.run.grid_g_per_kwh)
        if scale is None or per_run_g is None:
            return None
        grams.append(per_run_g * runs.get(effect.job, 0.0) * scale)
    return math.fsum(grams) if grams else None


def pick_costliest(costs: Sequence[PullCost]) -> tuple[PullCost, ...]:
    """Return the MOST_PULLS costliest pull requests, sunk and recurring cost together, without those that save."""
    costly = [cost for cost in costs if not _saves(cost) and _total_g(cost) > 0]
    return tuple(sorted(costly, key=lambda cost: (-_total_g(cost), cost.pr))[:MOST_PULLS])


def pick_largest_savings(costs: Sequence[PullCost]) -> tuple[PullCost, ...]:
    """Return the MOST_PULLS pull requests that save most, after subtracting the cost of their own runs."""
    return tuple(sorted(filter(_saves, costs), key=lambda cost: (_total_g(cost), cost.pr))[:MOST_PULLS])


def _saves(cost: PullCost) -> bool:
    return cost.recurring_g is not None and cost.recurring_g < 0


def _total_g(cost: PullCost) -> float:
    return (cost.sunk_g or 0.0) + (cost.recurring_g or 0.0)
