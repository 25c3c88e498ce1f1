"""What a team, an owner, a feature or the repository wants to reach: now, and where its months are heading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, dropwhile, groupby
from statistics import median
from typing import Literal

from pytest_carbon.core.accounts.findings.carbon_intensity import by_pull, per_merged_pull, per_test_run
from pytest_carbon.core.accounts.findings.pull_request_effects import Merged
from pytest_carbon.core.accounts.monthly_use import UNKNOWN_SHARE, Books, months_of
from pytest_carbon.core.accounts.values.account import Intensity, Month, Objective
from pytest_carbon.core.accounts.values.holder_shares import ByFeature, Part, holders_of, parts_of
from pytest_carbon.core.budget.budget import REPOSITORY, Budget
from pytest_carbon.core.budget.budget_status import accept_overrides, name_of
from pytest_carbon.core.budget.window import time_zone
from pytest_carbon.core.policy.policy import Policy, Target
from pytest_carbon.core.report.ledger_records import Override

LEAST_MONTHS = 3
"""Fewer whole months have no trend."""
State = Literal["reached", "on track", "off track", "not known"]


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured in a month, counted from the year 0, and whether the whole month is known well enough."""

    month: int
    value: float
    whole: bool


@dataclass(frozen=True, slots=True)
class Ledgers:
    """What objectives are told from: every feature's runs, which pull requests were merged, and all overrides."""

    by_feature: ByFeature
    merged: Mapping[int, Merged]
    books: Books
    overrides: Sequence[Override]


def objectives_of(policy: Policy, ledgers: Ledgers) -> tuple[Objective, ...]:
    """Return every objective of the policy, in its order."""
    holders = {name_of(holder): holder for holder in holders_of(policy)}
    return tuple(_objective(target, holders, ledgers) for target in policy.objectives)


def _objective(target: Target, holders: Mapping[str, Budget], ledgers: Ledgers) -> Objective:
    """Tell one: now is its last whole month, and what is no sum is that of this month where none is whole."""
    figures = list(_figures(target, holders, ledgers))
    series = [figure for figure in figures if figure.whole]
    now = series[-1].value if series else None
    if now is None and figures and target.measure != "per month":
        now = figures[-1].value
    projected = trend(series, _month_number(target.by.isoformat()))
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
        state=_state(target, now, projected, ledgers.books),
    )


def _state(target: Target, now: float | None, projected: float | None, books: Books) -> State:
    if now is not None and now <= target.value:
        return "reached"
    if now is not None and target.by < books.now.date():
        return "off track"
    if now is None or projected is None:
        return "not known"
    return "on track" if projected <= target.value else "off track"


def trend(series: Sequence[Figure], at: int) -> float | None:
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


def _figures(target: Target, holders: Mapping[str, Budget], ledgers: Ledgers) -> Iterator[Figure]:
    """Yield the figures of a target's months, the oldest first; of several budgets that of the fullest."""
    if target.of != "owner":
        own = [holders[target.holder or REPOSITORY]]
    else:
        own = [holder for holder in holders.values() if holder.feature and target.holder in holder.owners]
    if target.measure != "budget used":
        children = tuple(holder.feature or "" for holder in own)
        one = own[0] if target.of != "owner" else Budget(None, None, "warn", team=target.holder, children=children)
        yield from _grams(target, one, ledgers)
        return
    found = sorted((figure for holder in own for figure in _used(holder, ledgers)), key=lambda figure: figure.month)
    for _, same in groupby(found, key=lambda figure: figure.month):
        yield max(same, key=lambda figure: figure.value)


def _used(holder: Budget, ledgers: Ledgers) -> Iterator[Figure]:
    for month in _months(holder, parts_of(holder, ledgers.by_feature), ledgers):
        if month.consumed is not None and month.budget:
            whole = _whole(month, holder, ledgers) and month.uncounted_runs <= UNKNOWN_SHARE * month.runs
            yield Figure(_month_number(month.month), month.consumed / month.budget, whole)


def _grams(target: Target, holder: Budget, ledgers: Ledgers) -> Iterator[Figure]:
    zone = time_zone(holder.window.zone)
    parts = parts_of(holder, ledgers.by_feature)
    pulls = by_pull(parts)
    own = {month: list(same) for month, same in groupby(parts, key=lambda part: f"{part.at.astimezone(zone):%Y-%m}")}
    merged = [(f"{one.at.astimezone(zone):%Y-%m}", pull) for pull, one in ledgers.merged.items()]
    for month in _months(holder, parts, ledgers):
        whole = _whole(month, holder, ledgers)
        if target.measure == "per month":
            found = month.emissions_g.central if month.emissions_g else None if month.runs else 0.0
            whole = whole and month.unknown_runs <= UNKNOWN_SHARE * month.runs
        elif target.measure == "per test run":
            found = _each(per_test_run(own.get(month.month, ())))
        else:
            recent = {pull for when, pull in merged if when == month.month}
            found = _each(per_merged_pull(pulls, recent, ledgers.books.branch))
        if found is not None:
            yield Figure(_month_number(month.month), found, whole)


def _months(holder: Budget, parts: Sequence[Part], ledgers: Ledgers) -> Iterator[Month]:
    """Return a holder's months from its first run on: before that it was not there, which is no figure of 0."""
    good = accept_overrides(holder, ledgers.overrides).overrides
    return dropwhile(lambda month: not month.runs, months_of(holder, parts, good, ledgers.books))


def _whole(month: Month, holder: Budget, ledgers: Ledgers) -> bool:
    return month.over and ledgers.books.whole(month.month, holder)


def _each(intensity: Intensity | None) -> float | None:
    return intensity.emissions_g.central if intensity else None
