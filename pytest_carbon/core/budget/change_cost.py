"""What a change costs a budget: what its runs have used already, and what it will add in every window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.spend_history import LEAST_HISTORY_D, LEAST_RUNS, ProjectionBasis
from pytest_carbon.core.budget.spending import spending_of, to_grams
from pytest_carbon.core.budget.window import DAY_S
from pytest_carbon.core.records.ledger_records import Entry, parse_time


def runs_of_change(runs: Sequence[Entry], pr: int | None, own_id: str | None) -> list[Entry]:
    """Return the run of the id ``own_id`` and all runs of the pull request ``pr``."""
    return [run for run in runs if run.id == own_id or (pr is not None and run.pr == pr)]


def sunk_cost(budget: Budget, change_runs: Sequence[Entry], now: datetime, g_per_kwh: float | None) -> float:
    """Return what the runs of a change have used of the current window, in the unit of the limit.

    ``g_per_kwh`` is the intensity of the policy's zone. Runs whose use is not known count as 0.
    """
    in_window = [run for run in change_runs if budget.window.includes(parse_time(run.started), now)]
    return math.fsum(spend.amount for spend in spending_of(budget, in_window, budget.g_per_kwh or g_per_kwh).spends)


def expected_runs(runs: Sequence[Entry], budget: Budget, now: datetime) -> float | None:
    """Return how many runs a window is likely to have, from the runs of the last window; None with fewer than 5.

    Runs that another tool or another repository measured do not count: a change of this suite's tests adds nothing to
    them.
    """
    basis = expected_runs_basis(runs, budget, now)
    return None if basis is None else basis.runs * budget.window.length_s(now) / max(basis.seconds, DAY_S)


def expected_runs_basis(runs: Sequence[Entry], budget: Budget, now: datetime) -> ProjectionBasis | None:
    """Return how many runs the last window had, and over which time, as for ``expected_runs``."""
    length_s = budget.window.length_s(now)
    whole = [run for run in runs if not run.rolled and run.reference_j is not None and run.runs > run.elsewhere]
    ages_s = [(now - parse_time(run.started)).total_seconds() for run in whole]
    recent = sum(run.runs - run.elsewhere for run, age_s in zip(whole, ages_s, strict=True) if 0 <= age_s <= length_s)
    if recent < LEAST_RUNS:
        return None
    history_s = max(ages_s)
    return ProjectionBasis(recent, min(length_s, history_s), history_s >= LEAST_HISTORY_D * DAY_S)


def recurring_cost(budget: Budget, per_run_j: float, own: Entry, g_per_kwh: float | None, runs: float) -> float | None:
    """Return what ``per_run_j`` more reference joules in each run add in a window, in the unit of the limit.

    ``own`` is the run under judgement, whose ratios convert joules; ``runs`` is the expected number of runs. Returns
    None if not known.
    """
    if budget.limit is None or not own.reference_j:
        return None
    kind = budget.limit.kind
    if kind == "mass":
        located = None if own.grid_assumed else own.grid_g_per_kwh
        each = to_grams(
            per_run_j, "reference", own, located if budget.counts == "located" else budget.g_per_kwh or g_per_kwh
        )
    elif kind == "energy":
        each = None if own.energy_j is None else per_run_j / own.reference_j * own.energy_j
    else:
        each = per_run_j
    return None if each is None else each * runs
