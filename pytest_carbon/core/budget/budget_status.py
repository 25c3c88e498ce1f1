"""Where a budget stands: the spends of its window, its debt, its end, and why it changed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from pytest_carbon.core.budget import burn_rate, change_drivers
from pytest_carbon.core.budget import overrides as override
from pytest_carbon.core.budget.budget import REPOSITORY, Budget
from pytest_carbon.core.budget.forecast import MOST_HISTORY_D, forecast
from pytest_carbon.core.budget.spending import share_of, spending_of, to_grams
from pytest_carbon.core.budget.window import to_utc
from pytest_carbon.core.report.ledger_records import Entry, Override, moment
from pytest_carbon.core.verdict.verdict import BudgetStatus, Burn

LEAST_RUNS = 5
INSTANT = timedelta(microseconds=1)
RECENT_D = 8
"""Days up to now that are always read run by run: the longest of the windows of a burn rate, and a day."""


@dataclass(frozen=True, slots=True)
class AcceptedOverrides:
    """A holder's overrides that the policy accepts, and why the others were refused."""

    overrides: tuple[Override, ...]
    refusals: tuple[str, ...]


def name_of(budget: Budget) -> str:
    """Return what a budget's holder is called."""
    return budget.team or budget.feature or REPOSITORY


def accept_overrides(budget: Budget, overrides: Sequence[Override]) -> AcceptedOverrides:
    """Return the overrides of a budget that hold what the policy asks of one, in the order of their grant.

    Who approves in another repository is for its policy to say, and so is why one there was refused.
    """
    good: list[Override] = []
    refusals = []
    for one in sorted((o for o in overrides if o.feature == name_of(budget)), key=lambda o: (moment(o.granted), o.id)):
        granted = moment(one.granted)
        rolling = budget.window.kind == "rolling"
        at = granted + INSTANT if rolling else budget.window.bounds(granted)[1]
        debts = override.debt(good, one.feature, budget.window, at)
        why = override.refusal_reason(one, budget.limit, () if one.elsewhere else budget.approvers, debts)
        good += [] if why else [one]
        refusals += [why] if why and not one.elsewhere else []
    return AcceptedOverrides(tuple(good), tuple(refusals))


def budget_status(
    budget: Budget,
    runs: Sequence[Entry],
    overrides: Sequence[Override],
    now: datetime,
    g_per_kwh: float | None,
    pr: int | None,
    own: str | None,
) -> BudgetStatus | None:
    """Return where a budget's window stands; None without a limit for one.

    ``overrides`` are the accepted ones. The run ``own``, and all of the pull request ``pr``, are ``sunk``. What
    this change will add later is left open.
    """
    limit = budget.limit
    if limit is None:
        return None
    intensity = budget.g_per_kwh or g_per_kwh
    all_spent = spending_of(budget, runs, intensity)
    name = name_of(budget)
    debt = override.debt(overrides, name, budget.window, now)
    left = max(limit.value - debt, 0.0)
    projection = forecast(all_spent.spends, left, budget.window, now, f"{name} {now:%Y-%m-%d}")
    found = burn_rate.standing(
        all_spent.spends, limit.value, budget.window, now, debt, projection.p50 if projection else None
    )
    mine = [run for run in runs if run.id == own or (pr is not None and run.pr == pr)]
    sunk = spending_of(budget, [run for run in mine if budget.window.includes(moment(run.started), now)], intensity)
    unknown = sum(run.runs for run in all_spent.unknown_entries if budget.window.includes(moment(run.started), now))
    untold = unknown > 0 and not found.runs and found.limit > 0  # of a limit that debt took whole nothing is left
    return BudgetStatus(
        kind=limit.kind,
        window=budget.window.text,
        limit=found.limit,
        debt=found.debt,
        consumed=found.consumed,
        remaining=found.remaining,
        used=found.used if found.used is not None else 1.0,
        state="unknown" if untold else found.state,
        runs=found.runs,
        unknown_runs=unknown,
        burn=tuple(Burn(b.long_s, b.short_s, b.long_rate, b.short_rate, b.threshold, b.firing) for b in found.burn),
        exhausted_in_s=found.exhausted_in_s,
        p10=projection.p10 if projection else None,
        p50=projection.p50 if projection else None,
        p90=projection.p90 if projection else None,
        sunk=math.fsum(spend.amount for spend in sunk.spends),
        recurring=None,
        cause=_cause(budget, runs, now),
    )


def history_needed(budgets: Iterable[Budget], now: datetime) -> timedelta:
    """Return how far back runs count for where these budgets stand: two windows, and the days of the projection."""
    longest_s = max((budget.window.length_s(now) for budget in budgets), default=0.0)
    return max(timedelta(seconds=2 * longest_s), timedelta(days=MOST_HISTORY_D)) + timedelta(days=2)


def exact_days(budgets: Iterable[Budget], now: datetime) -> set[date]:
    """Return the days in UTC that must be read run by run, so that where these budgets stand is exact.

    They are the last ones, and those in which something begins or ends that is asked for: windows, those before them,
    those of burn rates, and the days of the pace. From sums of the other days follow the same figures, but for what
    looks at single days or moments: the projection, when a budget will be exhausted (to half a day), and the pace and
    the usual number of runs of a ledger that is younger than what they look at.
    """
    moments = [
        now - timedelta(seconds=length_s)
        for long_s, short_s, _ in burn_rate.WINDOW_PAIRS
        for length_s in (long_s, short_s)
    ]
    moments += [now - timedelta(days=burn_rate.PACE_D)] + [now - timedelta(days=ago) for ago in range(-1, RECENT_D + 1)]
    for budget in budgets:
        start, _ = budget.window.bounds(now)
        earlier, earlier_end = budget.window.previous(now)
        length = timedelta(seconds=budget.window.length_s(now))
        moments += [start, earlier, min(earlier_end, earlier + (now - start)), now - length]
    return {to_utc(at).date() for at in moments}


def fits(standing: BudgetStatus) -> bool:
    """Return whether a window has something left, and room for what this change will add to it."""
    adds = max(standing.recurring or 0.0, 0.0)
    return standing.consumed < standing.limit and standing.consumed + adds <= standing.limit


_CAUSES = {
    "work": "more or less work",
    "grid": "a cleaner or dirtier grid",
    "both": "work and grid together",
    "embodied": "the machines' making",
}


def _cause(budget: Budget, runs: Sequence[Entry], now: datetime) -> str:
    """Say why the located grams of this window differ from those of the one before; empty if that is not known.

    A month that is not over is compared with as much of the last one.
    """
    start, _ = budget.window.bounds(now)
    earlier, earlier_end = budget.window.previous(now)
    earlier_end = min(earlier_end, earlier + (now - start))
    share = partial(share_of, budget)
    timed = [(moment(run.started), run) for run in runs]
    before = change_drivers.sum_period([run for at, run in timed if earlier <= at < earlier_end], share)
    after = change_drivers.sum_period([run for at, run in timed if start <= at <= now], share)
    if before is None or after is None:
        return ""
    change = change_drivers.split_change(before, after)
    return _CAUSES[change.main_driver] if change.main_driver else ""


def expected_runs(runs: Sequence[Entry], budget: Budget, now: datetime) -> float | None:
    """Return how many runs a window is likely to have, from those of the last one; None with fewer than 5.

    What another tool or another repository measured is no run of this suite: a change of its tests adds nothing there.
    """
    length_s = budget.window.length_s(now)
    whole = [run for run in runs if not run.rolled and run.reference_j is not None and run.runs > run.elsewhere]
    ages_s = [(now - moment(run.started)).total_seconds() for run in whole]
    recent = sum(run.runs - run.elsewhere for run, age_s in zip(whole, ages_s, strict=True) if 0 <= age_s <= length_s)
    if recent < LEAST_RUNS:
        return None
    seen_s = min(length_s, max(*ages_s, burn_rate.DAY_S))
    return recent * length_s / seen_s


def recurring_cost(budget: Budget, per_run_j: float, own: Entry, g_per_kwh: float | None, runs: float) -> float | None:
    """Return what a difference of so many reference joules a run adds in a window, in the limit's unit."""
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
