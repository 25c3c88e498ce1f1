"""A holder's calendar months and days: what was used in each."""

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
from pytest_carbon.core.report.ledger_records import Override

MONTHS = 13
UNKNOWN_SHARE = 0.05
"""A month of which more runs are not known than this is compared with no other."""
_OWNERS: dict[str, Machines] = {"github-hosted": "hosted", "self-hosted": "own"}


@dataclass(frozen=True, slots=True)
class AccountContext:
    """What all accounts share: when the ledger's runs begin (None without any), and as of when they are made.

    ``g_per_kwh`` is the fixed intensity of the policy's zone, ``machines`` whose those are that do not say it, and
    ``branch`` the default branch.
    """

    ledger_start: datetime | None
    now: datetime
    g_per_kwh: float | None
    machines: Machines | None
    branch: str

    def covers_month(self, month: str, holder: Budget) -> bool:
        """Return whether the ledger's runs reach back to a month's first day, by the clock of a holder."""
        zone = time_zone(holder.window.zone)
        return self.ledger_start is not None and self.ledger_start.astimezone(zone).date().isoformat() <= f"{month}-01"


class ScopeGrams(NamedTuple):
    """Located grams by scope; the first two are None where no run says whose its machine was."""

    scope_2_g: float | None
    scope_3_g: float | None
    unscoped_g: float


def month_bounds(zone: str, now: datetime, count: int = MONTHS) -> list[datetime]:
    """Return the starts of so many months, the oldest first and the last that of ``now``, and that one's end."""
    month = BudgetWindow("month", "month", None, zone)
    start, end = month.bounds(now)
    bounds = [end, start]
    while len(bounds) <= count:
        start, _ = month.previous(start)
        bounds.append(start)
    return bounds[::-1]


def consumed_amounts(holder: Budget, parts: Sequence[HolderShare], g_per_kwh: float | None) -> list[float | None]:
    """Return what each part takes of the holder's limit, in its unit (J without one); None where that is not known."""
    intensity = holder.g_per_kwh or g_per_kwh
    whole = [run_amount(holder, part.entry, intensity) for part in parts]
    return [None if one is None else one * part.share for one, part in zip(whole, parts, strict=True)]


def split_by_scope(parts: Sequence[HolderShare], machines: Machines | None) -> ScopeGrams:
    """Split located grams by scope.

    Of a hosted machine all is a service that was bought (scope 3, category 1); of an own one the electricity is
    scope 2, and its making scope 3, category 2. Source: GHG Protocol, Corporate Value Chain Standard (2011).
    """
    bought: list[float] = []
    electricity: list[float] = []
    making: list[float] = []
    nobodys: list[float] = []
    for part in parts:
        if part.emissions_g is not None:
            owner = _OWNERS.get(part.entry.runner, machines)
            made = part.share * (part.entry.embodied_g or 0.0)
            if owner == "own":
                electricity.append(part.central_g - made)
                making.append(made)
            else:
                (bought if owner else nobodys).append(part.central_g)
    known = bool(bought or electricity)
    return ScopeGrams(
        math.fsum(electricity) if known else None, math.fsum(bought + making) if known else None, math.fsum(nobodys)
    )


def compute_months(
    holder: Budget, parts: Sequence[HolderShare], overrides: Sequence[Override], books: AccountContext
) -> tuple[Month, ...]:
    """Return the holder's last 13 calendar months since the ledger's first run, the oldest first.

    They are those of the budget's time zone. ``overrides`` are the accepted ones, whose debts are off a month's budget.
    """
    bounds = month_bounds(holder.window.zone, books.now)
    cuts = [bisect_left(parts, start, key=lambda part: part.at) for start in bounds]
    out: list[Month] = []
    for n, (start, end) in enumerate(pairwise(bounds)):
        if books.ledger_start is None or end <= books.ledger_start:
            continue
        own = parts[cuts[n] : cuts[n + 1]]
        before = parts[cuts[n - 1] : cuts[n]] if out and books.covers_month(out[-1].month, holder) else ()
        if end > books.now:
            before = [part for part in before if part.at < bounds[n - 1] + (books.now - start)]
        month = _compute_month(holder, own, start, books)
        budget = _month_budget(holder, start, end, overrides)
        out.append(replace(month, over=end <= books.now, budget=budget, change=_relative_change(before, own)))
    return tuple(out)


def _compute_month(holder: Budget, parts: Sequence[HolderShare], start: datetime, books: AccountContext) -> Month:
    joules = [part.share * part.entry.energy_j for part in parts if part.entry.energy_j is not None]
    amounts = consumed_amounts(holder, parts, books.g_per_kwh) if holder.limit else []
    used = [one for one in amounts if one is not None]
    return Month(
        month=f"{start.astimezone(time_zone(holder.window.zone)):%Y-%m}",
        over=False,
        emissions_g=total_emissions(parts),
        scope_1_g=None,
        **split_by_scope(parts, books.machines)._asdict(),
        energy_j=math.fsum(joules) if joules else None,
        consumed=math.fsum(used) if holder.limit and (used or not parts) else None,
        budget=None,
        change=None,
        runs=len(parts),
        unknown_runs=sum(part.emissions_g is None for part in parts),
        pulls=len({part.entry.pr for part in parts} - {None}),
        uncounted_runs=len(amounts) - len(used),
    )


def _month_budget(holder: Budget, start: datetime, end: datetime, overrides: Sequence[Override]) -> float | None:
    """Return what a month may use: of another window than a month its part by time, without debts."""
    if holder.limit is None:
        return None
    if holder.window.kind == "month":
        return holder.limit.value - debt(overrides, holder_name(holder), holder.window, start)
    return holder.limit.value * (end - start).total_seconds() / holder.window.length_s(start)


def _relative_change(before: Sequence[HolderShare], after: Sequence[HolderShare]) -> float | None:
    """Return by what share grams are more than those before; None where too little is known of either."""
    for parts in (before, after):
        if sum(part.emissions_g is None for part in parts) > UNKNOWN_SHARE * len(parts):
            return None
    was, now = total_emissions(before), total_emissions(after)
    return now.central / was.central - 1 if was and now and was.central > 0 else None


def compute_days(
    holder: Budget, parts: Sequence[HolderShare], since: datetime, books: AccountContext
) -> tuple[Day, ...]:
    """Return the days of the holder's time zone from ``since`` on, but not before the ledger's first run."""
    if books.ledger_start is None:
        return ()
    zone = time_zone(holder.window.zone)
    day, last = max(since, books.ledger_start).astimezone(zone).date(), books.now.astimezone(zone).date()
    found: dict[str, list[tuple[HolderShare, float | None]]] = {}
    while day <= last:
        found[day.isoformat()] = []
        day += timedelta(days=1)
    recent = parts[bisect_left(parts, since - timedelta(days=1), key=lambda part: part.at) :]
    for part, used in zip(recent, consumed_amounts(holder, recent, books.g_per_kwh), strict=True):
        own = found.get(part.at.astimezone(zone).date().isoformat())
        if own is not None:
            own.append((part, used))
    return tuple(_compute_day(name, own) for name, own in found.items())


def _compute_day(name: str, own: Sequence[tuple[HolderShare, float | None]]) -> Day:
    known = [used for _, used in own if used is not None]
    consumed = math.fsum(known) if known or not own else None
    return Day(name, consumed, total_grams([part for part, _ in own]), len(own))
