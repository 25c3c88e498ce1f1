"""Why a holder's month took more or less than the month before: the terms of the change, and which of them to name."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pytest_carbon.core.accounts.decomposition.pull_request_parts import PullPart, PullStep, split_work
from pytest_carbon.core.accounts.decomposition.split_change import Split, split_change
from pytest_carbon.core.accounts.decomposition.window_use import (
    GramRule,
    Kind,
    gram_rule,
    kind_of_run,
    sum_groups,
)
from pytest_carbon.core.accounts.findings.feature_steps import PaidByLabel
from pytest_carbon.core.accounts.monthly_use import AccountContext, month_bounds
from pytest_carbon.core.accounts.text.change_sentence import write_change
from pytest_carbon.core.accounts.values.holder_shares import HolderShare
from pytest_carbon.core.accounts.values.window_change import ChangeTerm, WindowChange
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.budget.window import time_zone

EXPLAINED_FROM = timedelta(days=7)
"""A month is explained once it is so old; before that, the month before it is."""
LEAST_SHARE = 0.05
"""A smaller part of the mean of both months is not named."""
LEAST_SHARE_OF_RUNS = 0.20
"""The same for the number of runs: two months differ by up to three working days of twenty anyway."""
LEAST_TOLD = 0.9
"""The least share of the newest month's runs whose grams are known: what is not known is not counted as nothing."""
LEAST_SHARE_OF_PULL = 0.01
"""The same for a pull request, whose step the runs have borne out already."""
SIGMAS, SIGMAS_OF_RUNS = 3.0, 2.0
LEAST_RUNS, LEAST_DAYS = 5, 4
"""Fewer runs, or days with runs, do not show how much days differ."""


@dataclass(frozen=True, slots=True)
class _Windows:
    """Two months by the start of each and the end of what is compared, and whether the later one is over."""

    before: tuple[datetime, datetime]
    after: tuple[datetime, datetime]
    over: bool

    def days(self) -> tuple[int, int]:
        lengths = [max((end - start).days, 1) for start, end in (self.before, self.after)]
        return lengths[0], lengths[1]

    def cut(self, shares: Sequence[HolderShare]) -> tuple[Sequence[HolderShare], Sequence[HolderShare]]:
        cuts = [
            (bisect_left(shares, start, key=_started), bisect_right(shares, end, key=_started))
            for start, end in (self.before, self.after)
        ]
        return shares[slice(*cuts[0])], shares[slice(*cuts[1])]


@dataclass(frozen=True, slots=True)
class ChangeInputs:
    """What the changes of all holders have in common.

    ``steps`` are those of merged pull requests that later runs bear out, ``whole`` are all runs of the ledger, whoever
    pays for them. ``new_kinds`` keeps which kinds of runs the ledger has in only one of two windows.
    """

    steps: Sequence[PullStep]
    paid_by_label: PaidByLabel
    whole: Sequence[HolderShare]
    new_kinds: dict[_Windows, frozenset[Kind]] = field(default_factory=dict)


def explain_change(
    holder: Budget, shares: Sequence[HolderShare], context: AccountContext, inputs: ChangeInputs
) -> WindowChange | None:
    """Return why a holder's newest comparable month differs from the month before.

    None if the ledger does not reach back over both, if neither has a run of the holder, or if the grams of more than a
    tenth of the newest month's runs are not known: unknown grams are no saving.
    """
    windows = _choose_windows(holder, context)
    zone = time_zone(holder.window.zone)
    months = [f"{start.astimezone(zone):%Y-%m}" for start in (windows.before[0], windows.after[0])]
    if not context.covers_month(months[0], holder):
        return None
    parts = windows.cut(shares)
    if not parts[0] and not parts[1]:
        return None
    change = _split(holder, parts, windows, context, inputs)
    if change is None:
        return None
    change = replace(change, month=months[1], month_before=months[0], so_far=not windows.over)
    return replace(change, sentence=write_change(change, holder_features(holder)))


def _started(share: HolderShare) -> datetime:
    return share.at


def _choose_windows(holder: Budget, context: AccountContext) -> _Windows:
    """Return the current month so far and the same stretch of the last one; in its first week, the last two months."""
    instant = timedelta(microseconds=1)
    earliest, earlier, start, _ = month_bounds(holder.window.zone, context.now, 3)
    if context.now - start < EXPLAINED_FROM:
        return _Windows((earliest, earlier - instant), (earlier, start - instant), over=True)
    until = min(earlier + (context.now - start), start - instant)
    return _Windows((earlier, until), (start, context.now), over=False)


def _split(
    holder: Budget,
    parts: tuple[Sequence[HolderShare], Sequence[HolderShare]],
    windows: _Windows,
    context: AccountContext,
    inputs: ChangeInputs,
) -> WindowChange | None:
    rule, features = gram_rule(holder, context.g_per_kwh), holder_features(holder)
    new = _new_kinds(windows, context.branch, inputs)
    told = (
        [[share for share in part if kind_of_run(share.entry, context.branch) not in new] for part in parts]
        if new
        else parts
    )
    starts = [start.toordinal() for start, _ in (windows.before, windows.after)]
    uses = [
        sum_groups(part, start, rule, inputs.paid_by_label, whole=features is None)
        for part, start in zip(told, starts, strict=True)
    ]
    split = split_change(uses[0], uses[1], windows.days(), fixed_grid=rule.fixed_g_per_kwh is not None)
    if split.after.told < LEAST_TOLD * split.after.runs:
        return None
    coverage_g = [_grams_of_kinds(part, new, rule, context.branch) for part in parts]
    split.parts["coverage"] += coverage_g[1] - coverage_g[0]
    steps = [step for step in inputs.steps if windows.before[0] <= step.at <= windows.after[1]]
    pulls = split_work(
        steps, (told[0], told[1]), (uses[0], uses[1]), split.work_g_per_j, features, inputs.paid_by_label
    )
    before_g, after_g = (
        math.fsum((amounts.operational_g, amounts.embodied_g, more_g))
        for amounts, more_g in zip((split.before, split.after), coverage_g, strict=True)
    )
    terms = _terms(split, pulls, (before_g + after_g) / 2, holder.window.zone)
    return WindowChange("", "", False, before_g, after_g, split.before.runs, split.after.runs, terms, "")


def holder_features(holder: Budget) -> frozenset[str] | None:
    """Return the features whose tests are a holder's own; None for the repository, whose tests are all."""
    if holder.team is not None:
        return frozenset(holder.children)
    return None if holder.feature is None else frozenset((holder.feature,))


def _new_kinds(windows: _Windows, branch: str, inputs: ChangeInputs) -> frozenset[Kind]:
    """Return the kinds of runs that the ledger has in only one of two windows: they were not told in the other one."""
    if windows not in inputs.new_kinds:
        before, after = ({kind_of_run(share.entry, branch) for share in part} for part in windows.cut(inputs.whole))
        inputs.new_kinds[windows] = frozenset(before ^ after) if before and after else frozenset()
    return inputs.new_kinds[windows]


def _grams_of_kinds(shares: Sequence[HolderShare], kinds: frozenset[Kind], rule: GramRule, branch: str) -> float:
    grams = []
    for share in shares if kinds else ():
        operational_g, embodied_g = rule.operational_g(share.entry), share.entry.embodied_g
        if kind_of_run(share.entry, branch) in kinds and operational_g is not None and embodied_g is not None:
            grams.append(share.share * (operational_g + embodied_g))
    return math.fsum(grams)


def _day(pull: PullPart, zone: str) -> str:
    return pull.at.astimezone(time_zone(zone)).date().isoformat()


def _terms(split: Split, pulls: Sequence[PullPart], mean_g: float, zone: str) -> tuple[ChangeTerm, ...]:
    """Return the terms, largest first; what no pull request made of the work is a term of its own."""
    terms = [
        ChangeTerm("pull request", pull.emissions_g, pull.noise_g, False, pull.pr, _day(pull, zone), pull.features)
        for pull in pulls
    ]
    split.parts["work"] -= math.fsum(term.emissions_g for term in terms)
    terms += [
        ChangeTerm(cause, grams, math.sqrt(split.variances.get(cause, 0.0)), False)
        for cause, grams in split.parts.items()
        if grams
    ]
    enough = min(split.before.told, split.after.told) >= LEAST_RUNS and split.least_days >= LEAST_DAYS
    named = (replace(term, named=_is_named(term, mean_g, enough=enough)) for term in terms)
    return tuple(sorted(named, key=lambda term: (-abs(term.emissions_g), term.cause, term.pr or 0)))


def _is_named(term: ChangeTerm, mean_g: float, *, enough: bool) -> bool:
    size_g = abs(term.emissions_g)
    if term.cause == "pull request":
        return size_g >= LEAST_SHARE_OF_PULL * mean_g
    if term.cause == "runs":
        return size_g >= LEAST_SHARE_OF_RUNS * mean_g and size_g >= SIGMAS_OF_RUNS * term.noise_g
    if term.cause == "coverage":
        return size_g >= LEAST_SHARE * mean_g
    return enough and size_g >= LEAST_SHARE * mean_g and size_g >= SIGMAS * term.noise_g
