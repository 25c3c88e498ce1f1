"""What a team, an owner, a feature or the repository wants to reach: now, and where its months are heading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, dropwhile, groupby
from statistics import median
from typing import Literal

from pytest_carbon.core.accounts.findings.carbon_intensity import (
    group_by_pull,
    intensity_per_merged_pull,
    intensity_per_test_run,
)
from pytest_carbon.core.accounts.findings.pull_request_effects import MergedPull
from pytest_carbon.core.accounts.monthly_use import UNKNOWN_SHARE, AccountContext, compute_months
from pytest_carbon.core.accounts.values.account import Intensity, Month, Objective
from pytest_carbon.core.accounts.values.holder_shares import HolderShare, SharesByFeature, list_holders, shares_of
from pytest_carbon.core.budget.budget import REPOSITORY, Budget, holder_name
from pytest_carbon.core.budget.overrides import accept_overrides
from pytest_carbon.core.budget.window import time_zone
from pytest_carbon.core.policy.policy import Policy, Target
from pytest_carbon.core.report.ledger_records import Override

LEAST_MONTHS = 3
"""Fewer whole months have no trend."""
ObjectiveState = Literal["reached", "on track", "off track", "not known"]


@dataclass(frozen=True, slots=True)
class MonthlyValue:
    """What was measured in a month, counted from the year 0, and whether the whole month is known well enough."""

    month: int
    value: float
    complete: bool


@dataclass(frozen=True, slots=True)
class ObjectiveInputs:
    """What objectives are told from: every feature's runs, which pull requests were merged, and all overrides."""

    by_feature: SharesByFeature
    merged: Mapping[int, MergedPull]
    context: AccountContext
    overrides: Sequence[Override]


def compute_objectives(policy: Policy, ledgers: ObjectiveInputs) -> tuple[Objective, ...]:
    """Return every objective of the policy, in its order."""
    holders = {holder_name(holder): holder for holder in list_holders(policy)}
    return tuple(_compute_objective(target, holders, ledgers) for target in policy.objectives)


def _compute_objective(target: Target, holders: Mapping[str, Budget], ledgers: ObjectiveInputs) -> Objective:
    """Tell one: now is its last whole month, and what is no sum is that of this month where none is whole."""
    figures = list(_monthly_values(target, holders, ledgers))
    series = [figure for figure in figures if figure.complete]
    now = series[-1].value if series else None
    if now is None and figures and target.measure != "per month":
        now = figures[-1].value
    projected = extrapolate(series, _month_number(target.by.isoformat()))
    return Objective(
        holder=target.holder or REPOSITORY,
        name=target.name,
        measure=target.measure,
        unit="share" if target.measure == "budget used" else "g",
        target=target.value,
        by=target.by.isoformat(),
        start=series[0].value if series else None,
        now=now,
        projected=projected,
        state=_objective_state(target, now, projected, ledgers.context),
    )


def _objective_state(
    target: Target, now: float | None, projected: float | None, books: AccountContext
) -> ObjectiveState:
    if now is not None and now <= target.value:
        return "reached"
    if now is not None and target.by < books.now.date():
        return "off track"
    if now is None or projected is None:
        return "not known"
    return "on track" if projected <= target.value else "off track"


def extrapolate(series: Sequence[MonthlyValue], at: int) -> float | None:
    """Return where a line through at least three months is heading, at least 0; None with fewer.

    Its slope is the median of those of all pairs, so that one odd month does not turn it. Source: Theil (1950),
    Sen (1968).
    """
    if len(series) < LEAST_MONTHS:
        return None
    slope = median((two.value - one.value) / (two.month - one.month) for one, two in combinations(series, 2))
    return max(median(figure.value + slope * (at - figure.month) for figure in series), 0.0)


def _month_number(text: str) -> int:
    return int(text[:4]) * 12 + int(text[5:7])


def _monthly_values(target: Target, holders: Mapping[str, Budget], ledgers: ObjectiveInputs) -> Iterator[MonthlyValue]:
    """Yield the figures of a target's months, the oldest first; of several budgets that of the fullest."""
    if target.of != "owner":
        own = [holders[target.holder or REPOSITORY]]
    else:
        own = [holder for holder in holders.values() if holder.feature and target.holder in holder.owners]
    if target.measure != "budget used":
        children = tuple(holder.feature or "" for holder in own)
        one = own[0] if target.of != "owner" else Budget(None, None, "warn", team=target.holder, children=children)
        yield from _grams_by_month(target, one, ledgers)
        return
    found = sorted(
        (figure for holder in own for figure in _budget_use_by_month(holder, ledgers)), key=lambda figure: figure.month
    )
    for _, same in groupby(found, key=lambda figure: figure.month):
        yield max(same, key=lambda figure: figure.value)


def _budget_use_by_month(holder: Budget, ledgers: ObjectiveInputs) -> Iterator[MonthlyValue]:
    for month in _months_since_first_run(holder, shares_of(holder, ledgers.by_feature), ledgers):
        if month.consumed is not None and month.budget:
            whole = _is_complete(month, holder, ledgers) and month.uncounted_runs <= UNKNOWN_SHARE * month.runs
            yield MonthlyValue(_month_number(month.month), month.consumed / month.budget, whole)


def _grams_by_month(target: Target, holder: Budget, ledgers: ObjectiveInputs) -> Iterator[MonthlyValue]:
    zone = time_zone(holder.window.zone)
    parts = shares_of(holder, ledgers.by_feature)
    pulls = group_by_pull(parts)
    own = {month: list(same) for month, same in groupby(parts, key=lambda part: f"{part.at.astimezone(zone):%Y-%m}")}
    merged = [(f"{one.at.astimezone(zone):%Y-%m}", pull) for pull, one in ledgers.merged.items()]
    for month in _months_since_first_run(holder, parts, ledgers):
        whole = _is_complete(month, holder, ledgers)
        if target.measure == "per month":
            found = month.emissions_g.central if month.emissions_g else None if month.runs else 0.0
            whole = whole and month.unknown_runs <= UNKNOWN_SHARE * month.runs
        elif target.measure == "per test run":
            found = _central_grams(intensity_per_test_run(own.get(month.month, ())))
        else:
            recent = {pull for when, pull in merged if when == month.month}
            found = _central_grams(intensity_per_merged_pull(pulls, recent, ledgers.context.branch))
        if found is not None:
            yield MonthlyValue(_month_number(month.month), found, whole)


def _months_since_first_run(holder: Budget, parts: Sequence[HolderShare], ledgers: ObjectiveInputs) -> Iterator[Month]:
    """Return a holder's months from its first run on: before that it was not there, which is no figure of 0."""
    good = accept_overrides(holder, ledgers.overrides).overrides
    return dropwhile(lambda month: not month.runs, compute_months(holder, parts, good, ledgers.context))


def _is_complete(month: Month, holder: Budget, ledgers: ObjectiveInputs) -> bool:
    return month.over and ledgers.context.covers_month(month.month, holder)


def _central_grams(intensity: Intensity | None) -> float | None:
    return intensity.emissions_g.central if intensity else None
