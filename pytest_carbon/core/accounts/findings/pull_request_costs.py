"""What pull requests cost a holder: their own runs (sunk), and what their changes add to later runs (recurring)."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import median

from pytest_carbon.core.accounts.findings.feature_steps import PaidByLabel, paid_by_tests
from pytest_carbon.core.accounts.findings.pull_request_effects import Effect, MergedPull
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
    paid_by_label: PaidByLabel = paid_by_tests


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
    runs = _count_runs(holder, recent, history.paid_by_label)
    costs = [_compute_cost(holder, pr, shares, history, runs) for pr, shares in sorted(by_pull.items())]
    return [cost for cost in costs if cost.runs or cost.recurring_g]


@dataclass(slots=True)
class _JobRuns:
    """How many recent runs of a job the holder paid for: its share of them, and by tests, whole runs with its tests.

    ``at`` and ``own_j`` are the starts of the runs in which its own tests are known, and what they took.
    """

    paid: float = 0.0
    by_tests: float = 0.0
    tested: int = 0
    at: list[datetime] = field(default_factory=list)
    own_j: list[float] = field(default_factory=list)


def _count_runs(holder: Budget, recent: Iterable[HolderShare], paid_by_label: PaidByLabel) -> dict[str, _JobRuns]:
    """Count the holder's recent runs by job.

    A change of this suite does not make runs of another tool or of another repository costlier.
    """
    runs: dict[str, _JobRuns] = {}
    whole = holder.feature is None and holder.team is None
    for share in recent:
        if share.entry.reference_j is not None and not share.entry.elsewhere:
            own = runs.setdefault(share.entry.job, _JobRuns())
            own.paid += share.share
            by_label = not whole and paid_by_label(share.entry)
            if not whole and not by_label:
                own.by_tests += share.share
                own.tested += 1
            if not by_label:
                own.at.append(share.at)
                own.own_j.append(share.share * share.entry.reference_j)
    return runs


def _compute_cost(
    holder: Budget, pr: int, shares: Sequence[HolderShare], history: PullHistory, runs: Mapping[str, _JobRuns]
) -> PullCost:
    """Return the cost of one pull request; ``runs`` are the recent runs of each job that the holder paid for."""
    merged = history.merged.get(pr)
    added = [_added_j(holder, effect, runs) for effect in merged.changed] if merged else []
    recurring_g = _recurring_g(holder, merged, history, added) if merged and any(added) else None
    not_in_grams = merged is None or (recurring_g is None and any(added))
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
        caused_in=_caused_in(merged) if merged else None,
        per_run=_per_run(holder, merged, runs) if merged and recurring_g is not None else None,
    )


def _caused_in(merged: MergedPull) -> tuple[str, ...] | None:
    """Return the features in whose tests a pull request's changes are; None if one of them is not known."""
    parts = [effect.features for effect in merged.changed]
    if any(not features for features in parts) or not merged.effects:
        return None
    return tuple(sorted({name for features in parts for name in features or ()}))


def _added_j(holder: Budget, effect: Effect, runs: Mapping[str, _JobRuns]) -> float:
    """Return the reference joules that a change adds to the recent runs of its job, the holder's part of them.

    A run that labels pay has the whole change in the holder's share. Any other run has it in the tests of the features
    that caused it, so it costs other features nothing; if those are not known, it counts for all in their shares.
    """
    own, step_j = runs.get(effect.job, _JobRuns()), effect.step_j or 0.0
    if effect.features is None:
        return step_j * own.paid
    return step_j * (own.paid - own.by_tests) + _caused_j(holder, effect.features) * own.tested


def _caused_j(holder: Budget, features: Mapping[str, float]) -> float:
    """Return the part of a step that is in the tests of a team's or a feature's own."""
    names = holder.children if holder.team is not None else (holder.feature or "",)
    return math.fsum(features.get(name, 0.0) for name in names)


def _per_run(holder: Budget, merged: MergedPull, runs: Mapping[str, _JobRuns]) -> float | None:
    """Return by how much of what they took before the holder's own tests changed in a run; None if that is not known.

    What they took before is the median of the recent runs since the merge, less the step.
    """
    steps_j, before_j = 0.0, 0.0
    for effect in merged.changed:
        own = runs.get(effect.job, _JobRuns())
        after_j = own.own_j[bisect_left(own.at, merged.at) :]
        whole = holder.feature is None and holder.team is None
        step_j = effect.step_j if whole else _caused_j(holder, effect.features or {})
        if after_j and step_j:
            steps_j += step_j
            before_j += median(after_j) - step_j
    return steps_j / before_j if steps_j and before_j > 0 else None


def _recurring_g(holder: Budget, merged: MergedPull, history: PullHistory, added: Sequence[float]) -> float | None:
    """Return what a pull request's changes add to a window, in located grams.

    None if a change cannot be converted to grams or scaled to a window.
    """
    grams = []
    for effect, added_j in zip(merged.changed, added, strict=True):
        scale = history.scale_to_window.get((holder.window, effect.job))
        added_g = to_grams(added_j, "reference", effect.run, effect.run.grid_g_per_kwh)
        if scale is None or added_g is None:
            return None
        grams.append(added_g * scale)
    return math.fsum(grams)


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
