"""Whose accounts are kept, and each holder's part of every run: grouped once, as there may be many of both."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.model import UNATTRIBUTED, Range
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.report.ledger_records import Entry, parse_time
from pytest_carbon.core.verdict.verdict import Level


class HolderShare(NamedTuple):
    """What a holder pays of a run, and its share of the run's located grams; None where those are not known."""

    at: datetime
    entry: Entry
    share: float
    emissions_g: Range | None

    @property
    def central_g(self) -> float:
        """The central grams, 0 where they are not known."""
        return self.emissions_g.central if self.emissions_g else 0.0


SharesByFeature = dict[str | None, list[HolderShare]]


def holder_level(holder: Budget) -> Level:
    """Return what sort of holder it is."""
    return "team" if holder.team else "feature" if holder.feature else "repository"


def list_holders(policy: Policy) -> list[Budget]:
    """Return the repository, every team, every feature and what no feature claims, without limits where it has none."""
    own = {budget.feature: budget for budget in policy.budgets if budget.team is None}
    repository = own.get(None, Budget(None, None, "warn"))
    teams = [budget for budget in policy.budgets if budget.team is not None]
    names = [*policy.features, UNATTRIBUTED]
    return [repository, *teams, *(own.get(name, Budget(name, None, "warn")) for name in names)]


def shares_by_feature(entries: Iterable[Entry]) -> SharesByFeature:
    """Return every feature's parts, in the order of the runs, and under None the whole runs."""
    out: SharesByFeature = {None: []}
    for entry in entries:
        whole = HolderShare(parse_time(entry.started), entry, 1.0, _run_emissions(entry))
        out[None].append(whole)
        for name, share in entry.shares.items():
            if share > 0:
                out.setdefault(name, []).append(_take_share(whole, share))
    return out


def _run_emissions(entry: Entry) -> Range | None:
    """Return a run's grams; those of a run whose range nobody told are their own bounds."""
    central, low, high = entry.emissions_g, entry.emissions_low_g, entry.emissions_high_g
    return (
        None if central is None else Range(central, central if low is None else low, central if high is None else high)
    )


def _take_share(whole: HolderShare, share: float) -> HolderShare:
    if share == 1:
        return whole
    grams = whole.emissions_g
    return HolderShare(whole.at, whole.entry, share, grams and Range(*(share * gram for gram in grams)))


def shares_of(holder: Budget, by_feature: SharesByFeature) -> Sequence[HolderShare]:
    """Return a holder's parts, the oldest first: a team's are those of its features, put together."""
    if holder.team is None:
        return by_feature.get(holder.feature, ())
    own = sorted(
        (part for child in holder.children for part in by_feature.get(child, ())),
        key=lambda part: (part.at, part.entry.id),
    )
    same = (list(group) for _, group in groupby(own, key=lambda part: part.entry.id))
    return [group[0] if len(group) == 1 else _add_shares(group) for group in same]


def _add_shares(parts: Sequence[HolderShare]) -> HolderShare:
    share = math.fsum(part.share for part in parts)
    return HolderShare(
        parts[0].at, parts[0].entry, share, total_emissions([part for part in parts if part.emissions_g])
    )


def total_grams(parts: Sequence[HolderShare]) -> float | None:
    """Sum the central grams that are known: None where none are, and 0 where there is no run."""
    grams = total_emissions(parts)
    return grams.central if grams else None if parts else 0.0


def total_emissions(parts: Iterable[HolderShare]) -> Range | None:
    """Sum the grams that are known, with their bounds; None where none are.

    The bounds add up, since what is not known of the machines and the grid is the same in every run.
    """
    known = [part.emissions_g for part in parts if part.emissions_g is not None]
    return Range(*(math.fsum(grams) for grams in zip(*known, strict=True))) if known else None
