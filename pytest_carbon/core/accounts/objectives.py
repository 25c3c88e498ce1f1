"""What a team, an owner, a feature or the repository wants to reach: now, and where its months are heading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby
from statistics import median
from typing import Literal

from pytest_carbon.core.accounts.account import Intensity, Objective
from pytest_carbon.core.accounts.effects import Merged
from pytest_carbon.core.accounts.holders import ByFeature, holders_of, parts_of
from pytest_carbon.core.accounts.intensities import per_merged_pull, per_test_run
from pytest_carbon.core.accounts.months import Books, months_of
from pytest_carbon.core.budget import REPOSITORY, Budget
from pytest_carbon.core.model import Range
from pytest_carbon.core.policy import Policy, Target
from pytest_carbon.core.standing import name_of
from pytest_carbon.core.window import zone_of

LEAST_MONTHS = 3
"""Fewer whole months have no trend."""
State = Literal["reached", "on track", "off track", "not known"]


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured in a month, counted from the year 0, and whether the whole month is known."""

    month: int
    value: float
    whole: bool


@dataclass(frozen=True, slots=True)
class Ledgers:
    """What objectives are told from: every feature's runs, and which pull requests were merged."""

    by_feature: ByFeature
    merged: Mapping[int, Merged]
    books: Books


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
    for month in months_of(holder, parts_of(holder, ledgers.by_feature), (), ledgers.books):
        if month.consumed is not None and month.budget:
            whole = month.over and ledgers.books.whole(month.month, holder)
            yield Figure(_month_number(month.month), month.consumed / month.budget, whole)


def _grams(target: Target, holder: Budget, ledgers: Ledgers) -> Iterator[Figure]:
    zone = zone_of(holder.window.zone)
    parts = parts_of(holder, ledgers.by_feature)
    own = {month: list(same) for month, same in groupby(parts, key=lambda part: f"{part.at.astimezone(zone):%Y-%m}")}
    merged = [(f"{one.at.astimezone(zone):%Y-%m}", pull) for pull, one in ledgers.merged.items()]
    for month in months_of(holder, parts, (), ledgers.books):
        runs = own.get(month.month, [])
        if target.measure == "per month":
            found = month.emissions_g
        elif target.measure == "per test run":
            found = _each(per_test_run(runs))
        else:
            pulls = {pull for when, pull in merged if when == month.month}
            found = _each(per_merged_pull(runs, pulls, ledgers.books.branch))
        if found is not None:
            whole = month.over and ledgers.books.whole(month.month, holder)
            yield Figure(_month_number(month.month), found.central, whole)


def _each(intensity: Intensity | None) -> Range | None:
    return intensity.emissions_g if intensity else None
