"""What a holder used in each calendar month and day."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from pytest_carbon.core.accounts.values.account import Day, Month
from pytest_carbon.core.accounts.values.holder_shares import HolderShare, total_emissions, total_grams
from pytest_carbon.core.budget.budget import Budget, holder_name
from pytest_carbon.core.budget.overrides import debt
from pytest_carbon.core.budget.spending import run_amount
from pytest_carbon.core.budget.window import BudgetWindow, time_zone
from pytest_carbon.core.policy.policy import Machines
from pytest_carbon.core.records.ledger_records import Override

MONTHS = 13
UNKNOWN_SHARE = 0.05
"""A month is not compared if the emissions of a larger share of its runs are not known."""
_OWNERS: dict[str, Machines] = {"github-hosted": "hosted", "self-hosted": "own"}


@dataclass(frozen=True, slots=True)
class AccountContext:
    """What all accounts have in common: the start of the ledger's first run (None without runs) and the time ``now``.

    ``g_per_kwh`` is the fixed grid intensity of the policy's zone, ``machines`` the owner of machines whose runs do not
    name one, ``branch`` the default branch.
    """

    ledger_start: datetime | None
    now: datetime
    g_per_kwh: float | None
    machines: Machines | None
    branch: str

    def covers_month(self, month: str, holder: Budget) -> bool:
        """Return whether the ledger reaches back to a month's first day, in the time zone of a holder's budget."""
        zone = time_zone(holder.window.zone)
        return self.ledger_start is not None and self.ledger_start.astimezone(zone).date().isoformat() <= f"{month}-01"


class ScopeGrams(NamedTuple):
    """Located grams by scope; scopes 2 and 3 are None if no run's machine has a known owner."""

    scope_2_g: float | None
    scope_3_g: float | None
    unscoped_g: float


def month_bounds(zone: str, now: datetime, count: int = MONTHS) -> list[datetime]:
    """Return the starts of the last ``count`` months, oldest first, then the end of the current one."""
    month = BudgetWindow("month", "month", None, zone)
    start, end = month.bounds(now)
    bounds = [end, start]
    while len(bounds) <= count:
        start, _ = month.previous(start)
        bounds.append(start)
    return bounds[::-1]


def consumed_amounts(holder: Budget, shares: Sequence[HolderShare], g_per_kwh: float | None) -> list[float | None]:
    """Return what each share uses of the holder's limit, in the limit's unit (J without a limit); None if not known."""
    intensity = holder.g_per_kwh or g_per_kwh
    amounts = [run_amount(holder, share.entry, intensity) for share in shares]
    return [None if amount is None else amount * share.share for amount, share in zip(amounts, shares, strict=True)]


def split_by_scope(shares: Sequence[HolderShare], machines: Machines | None) -> ScopeGrams:
    """Split located grams by scope.

    A hosted machine is a purchased service: all its grams are scope 3, category 1. The electricity of a machine of
    one's own is scope 2, its manufacture scope 3, category 2. Source: GHG Protocol, Corporate Value Chain Standard
    (2011).
    """
    hosted: list[float] = []
    electricity: list[float] = []
    manufacture: list[float] = []
    unscoped: list[float] = []
    for share in shares:
        if share.emissions_g is not None:
            owner = _OWNERS.get(share.entry.runner, machines)
            embodied_g = share.share * (share.entry.embodied_g or 0.0)
            if owner == "own":
                electricity.append(share.central_g - embodied_g)
                manufacture.append(embodied_g)
            else:
                (hosted if owner else unscoped).append(share.central_g)
    known = bool(hosted or electricity)
    return ScopeGrams(
        math.fsum(electricity) if known else None,
        math.fsum(hosted + manufacture) if known else None,
        math.fsum(unscoped),
    )


def compute_months(
    holder: Budget, shares: Sequence[HolderShare], overrides: Sequence[Override], context: AccountContext
) -> tuple[Month, ...]:
    """Return the holder's last 13 calendar months in the budget's time zone, oldest first, from the first run on.

    ``overrides`` are the accepted overrides; their debts reduce a month's budget.
    """
    bounds = month_bounds(holder.window.zone, context.now)
    cuts = [bisect_left(shares, start, key=lambda share: share.at) for start in bounds]
    months: list[Month] = []
    for n, (start, end) in enumerate(pairwise(bounds)):
        if context.ledger_start is None or end <= context.ledger_start:
            continue
        own = shares[cuts[n] : cuts[n + 1]]
        before = shares[cuts[n - 1] : cuts[n]] if months and context.covers_month(months[-1].month, holder) else ()
        if end > context.now:
            before = [share for share in before if share.at < bounds[n - 1] + (context.now - start)]
        month = _compute_month(holder, own, start, context)
        budget = _month_budget(holder, start, end, overrides)
        months.append(replace(month, over=end <= context.now, budget=budget, change=_relative_change(before, own)))
    return tuple(months)


def _compute_month(holder: Budget, shares: Sequence[HolderShare], start: datetime, context: AccountContext) -> Month:
    joules = [share.share * share.entry.energy_j for share in shares if share.entry.energy_j is not None]
    amounts = consumed_amounts(holder, shares, context.g_per_kwh) if holder.limit else []
    known = [amount for amount in amounts if amount is not None]
    return Month(
        month=f"{start.astimezone(time_zone(holder.window.zone)):%Y-%m}",
        over=False,
        emissions_g=total_emissions(shares),
        scope_1_g=None,
        **split_by_scope(shares, context.machines)._asdict(),
        energy_j=math.fsum(joules) if joules else None,
        consumed=math.fsum(known) if holder.limit and (known or not shares) else None,
        budget=None,
        change=None,
        runs=len(shares),
        unknown_runs=sum(share.emissions_g is None for share in shares),
        pulls=len({share.entry.pr for share in shares} - {None}),
        uncounted_runs=len(amounts) - len(known),
    )


def _month_budget(holder: Budget, start: datetime, end: datetime, overrides: Sequence[Override]) -> float | None:
    """Return a month's budget: a monthly limit less debts, or the limit of another window prorated by time."""
    if holder.limit is None:
        return None
    if holder.window.kind == "month":
        return holder.limit.value - debt(overrides, holder_name(holder), holder.window, start)
    return holder.limit.value * (end - start).total_seconds() / holder.window.length_s(start)


def _relative_change(before: Sequence[HolderShare], after: Sequence[HolderShare]) -> float | None:
    """Return the relative change of grams; None if more than UNKNOWN_SHARE of the runs of either month are unknown."""
    for shares in (before, after):
        if sum(share.emissions_g is None for share in shares) > UNKNOWN_SHARE * len(shares):
            return None
    old, new = total_emissions(before), total_emissions(after)
    return new.central / old.central - 1 if old and new and old.central > 0 else None


def compute_days(
    holder: Budget, shares: Sequence[HolderShare], since: datetime, context: AccountContext
) -> tuple[Day, ...]:
    """Return the days from ``since`` to now in the holder's time zone, but none before the ledger's first run."""
    if context.ledger_start is None:
        return ()
    zone = time_zone(holder.window.zone)
    day, last = max(since, context.ledger_start).astimezone(zone).date(), context.now.astimezone(zone).date()
    by_day: dict[str, list[tuple[HolderShare, float | None]]] = {}
    while day <= last:
        by_day[day.isoformat()] = []
        day += timedelta(days=1)
    recent = shares[bisect_left(shares, since - timedelta(days=1), key=lambda share: share.at) :]
    for share, amount in zip(recent, consumed_amounts(holder, recent, context.g_per_kwh), strict=True):
        runs = by_day.get(share.at.astimezone(zone).date().isoformat())
        if runs is not None:
            runs.append((share, amount))
    return tuple(_compute_day(day, runs) for day, runs in by_day.items())


def _compute_day(day: str, runs: Sequence[tuple[HolderShare, float | None]]) -> Day:
    known = [amount for _, amount in runs if amount is not None]
    consumed = math.fsum(known) if known or not runs else None
    return Day(day, consumed, total_grams([share for share, _ in runs]), len(runs))
