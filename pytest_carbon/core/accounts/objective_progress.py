"""The progress of objectives: the value now, and where the past months are heading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
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
from pytest_carbon.core.policy.policy import Policy, PolicyObjective
from pytest_carbon.core.records.ledger_records import Override

LEAST_MONTHS = 3
"""Fewer complete months have no trend."""
ObjectiveState = Literal["reached", "on track", "off track", "not known"]


@dataclass(frozen=True, slots=True)
class MonthlyValue:
    """The measured value of a month (counted from the year 0), and whether the month is over and known well enough."""

    month: int
    value: float
    complete: bool


@dataclass(frozen=True, slots=True)
class ObjectiveInputs:
    """What objectives are computed from: every feature's shares, the merged pull requests and all overrides."""

    by_feature: SharesByFeature
    merged: Mapping[int, MergedPull]
    context: AccountContext
    overrides: Sequence[Override]


def compute_objectives(policy: Policy, inputs: ObjectiveInputs) -> tuple[Objective, ...]:
    """Return the progress of every objective of the policy, in the policy's order."""
    holders = {holder_name(holder): holder for holder in list_holders(policy)}
    return tuple(_compute_objective(target, holders, inputs) for target in policy.objectives)


def _compute_objective(target: PolicyObjective, holders: Mapping[str, Budget], inputs: ObjectiveInputs) -> Objective:
    """Compute one objective. "Now" is the last complete month; a ratio falls back to the latest incomplete one."""
    values = list(_monthly_values(target, holders, inputs))
    series = [value for value in values if value.complete]
    now = series[-1].value if series else None
    if now is None and values and target.measure != "per month":
        now = values[-1].value
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
        state=_objective_state(target, now, projected, inputs.context),
    )


def _objective_state(
    target: PolicyObjective, now: float | None, projected: float | None, context: AccountContext
) -> ObjectiveState:
    if now is not None and now <= target.value:
        return "reached"
    if now is not None and target.by < context.now.date():
        return "off track"
    if now is None or projected is None:
        return "not known"
    return "on track" if projected <= target.value else "off track"


def extrapolate(series: Sequence[MonthlyValue], at: int) -> float | None:
    """Return the value of a trend line at month ``at``, at least 0; None for fewer than LEAST_MONTHS months.

    The slope is the median slope of all pairs of months, so that one outlier does not turn the line. Source: Theil
    (1950), Sen (1968).
    """
    if len(series) < LEAST_MONTHS:
        return None
    pairs = combinations(series, 2)
    slope = median((after.value - before.value) / (after.month - before.month) for before, after in pairs)
    return max(median(point.value + slope * (at - point.month) for point in series), 0.0)


def _month_number(text: str) -> int:
    return int(text[:4]) * 12 + int(text[5:7])


def _monthly_values(
    target: PolicyObjective, holders: Mapping[str, Budget], inputs: ObjectiveInputs
) -> Iterator[MonthlyValue]:
    """Yield the value of each month, oldest first; of an owner's several budgets, the fullest one's."""
    if target.of != "owner":
        own = [holders[target.holder or REPOSITORY]]
    else:
        own = [holder for holder in holders.values() if holder.feature and target.holder in holder.owners]
    if target.measure != "budget used":
        features = tuple(holder.feature or "" for holder in own)
        holder = own[0] if target.of != "owner" else Budget(None, None, "warn", team=target.holder, children=features)
        yield from _grams_by_month(target, holder, inputs)
        return
    values = [value for holder in own for value in _budget_use_by_month(holder, inputs)]
    for _, of_month in groupby(sorted(values, key=lambda value: value.month), key=lambda value: value.month):
        yield max(of_month, key=lambda value: value.value)


def _budget_use_by_month(holder: Budget, inputs: ObjectiveInputs) -> Iterator[MonthlyValue]:
    for month in _months_since_first_run(holder, shares_of(holder, inputs.by_feature), inputs):
        if month.consumed is not None and month.budget:
            complete = _is_complete(month, holder, inputs) and month.uncounted_runs <= UNKNOWN_SHARE * month.runs
            yield MonthlyValue(_month_number(month.month), month.consumed / month.budget, complete)


def _grams_by_month(target: PolicyObjective, holder: Budget, inputs: ObjectiveInputs) -> Iterator[MonthlyValue]:
    zone = time_zone(holder.window.zone)
    shares = shares_of(holder, inputs.by_feature)
    pulls = group_by_pull(shares)
    by_month = {month: list(group) for month, group in groupby(shares, lambda share: _month_of(share.at, zone))}
    for month in _months_since_first_run(holder, shares, inputs):
        complete = _is_complete(month, holder, inputs)
        if target.measure == "per month":
            grams = month.emissions_g.central if month.emissions_g else None if month.runs else 0.0
            complete = complete and month.unknown_runs <= UNKNOWN_SHARE * month.runs
        elif target.measure == "per test run":
            grams = _central_grams(intensity_per_test_run(by_month.get(month.month, ())))
        else:
            merged = {pr for pr, pull in inputs.merged.items() if _month_of(pull.at, zone) == month.month}
            grams = _central_grams(intensity_per_merged_pull(pulls, merged, inputs.context.branch))
        if grams is not None:
            yield MonthlyValue(_month_number(month.month), grams, complete)


def _month_of(at: datetime, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%Y-%m}"


def _months_since_first_run(holder: Budget, shares: Sequence[HolderShare], inputs: ObjectiveInputs) -> Iterator[Month]:
    """Return a holder's months from its first run on: earlier months have no value, which is not a value of 0."""
    accepted = accept_overrides(holder, inputs.overrides).overrides
    return dropwhile(lambda month: not month.runs, compute_months(holder, shares, accepted, inputs.context))


def _is_complete(month: Month, holder: Budget, inputs: ObjectiveInputs) -> bool:
    return month.over and inputs.context.covers_month(month.month, holder)


def _central_grams(intensity: Intensity | None) -> float | None:
    return intensity.emissions_g.central if intensity else None
