"""The share of every run that each holder pays, grouped once because a ledger may have many runs and holders."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.model import UNATTRIBUTED, Range
from pytest_carbon.core.policy.policy import Policy
from pytest_carbon.core.records.ledger_records import Entry, parse_time
from pytest_carbon.core.verdict.verdict import Level


class HolderShare(NamedTuple):
    """A holder's share of a run, from 0 to 1, and of the run's located grams; None if those are not known."""

    at: datetime
    entry: Entry
    share: float
    emissions_g: Range | None

    @property
    def central_g(self) -> float:
        """The central grams, 0 if not known."""
        return self.emissions_g.central if self.emissions_g else 0.0


SharesByFeature = dict[str | None, list[HolderShare]]


def holder_level(holder: Budget) -> Level:
    """Return whether a holder is the repository, a team or a feature."""
    return "team" if holder.team else "feature" if holder.feature else "repository"


def list_holders(policy: Policy) -> list[Budget]:
    """Return the repository, every team, every feature and ``unattributed``; a holder without a budget has no limit."""
    budgets = {budget.feature: budget for budget in policy.budgets if budget.team is None}
    repository = budgets.get(None, Budget(None, None, "warn"))
    teams = [budget for budget in policy.budgets if budget.team is not None]
    features = [*policy.features, UNATTRIBUTED]
    return [repository, *teams, *(budgets.get(name, Budget(name, None, "warn")) for name in features)]


def shares_by_feature(entries: Iterable[Entry]) -> SharesByFeature:
    """Return every feature's shares in the order of the runs; under None, the whole runs."""
    by_feature: SharesByFeature = {None: []}
    for entry in entries:
        run = HolderShare(parse_time(entry.started), entry, 1.0, _run_emissions(entry))
        by_feature[None].append(run)
        for name, share in entry.shares.items():
            if share > 0:
                by_feature.setdefault(name, []).append(_take_share(run, share))
    return by_feature


def _run_emissions(entry: Entry) -> Range | None:
    """Return a run's grams; if the run has no range, the central value is also both bounds."""
    central, low, high = entry.emissions_g, entry.emissions_low_g, entry.emissions_high_g
    return (
        None if central is None else Range(central, central if low is None else low, central if high is None else high)
    )


def _take_share(run: HolderShare, share: float) -> HolderShare:
    if share == 1:
        return run
    grams = run.emissions_g
    return HolderShare(run.at, run.entry, share, grams and Range(*(share * gram for gram in grams)))


def shares_of(holder: Budget, by_feature: SharesByFeature) -> Sequence[HolderShare]:
    """Return a holder's shares, oldest first; a team's share of a run is the sum of its features' shares."""
    if holder.team is None:
        return by_feature.get(holder.feature, ())
    children = sorted(
        (share for child in holder.children for share in by_feature.get(child, ())),
        key=lambda share: (share.at, share.entry.id),
    )
    by_run = (list(group) for _, group in groupby(children, key=lambda share: share.entry.id))
    return [group[0] if len(group) == 1 else _add_shares(group) for group in by_run]


def _add_shares(shares: Sequence[HolderShare]) -> HolderShare:
    """Add several shares of one run."""
    first = shares[0]
    return HolderShare(first.at, first.entry, math.fsum(share.share for share in shares), total_emissions(shares))


def total_grams(shares: Sequence[HolderShare]) -> float | None:
    """Sum the known central grams: 0 without a run, None if no run's grams are known."""
    grams = total_emissions(shares)
    return grams.central if grams else None if shares else 0.0


def total_emissions(shares: Iterable[HolderShare]) -> Range | None:
    """Sum the known grams with their bounds; None if no run's grams are known.

    The bounds add up because the uncertainty of the machines and the grid is the same in every run.
    """
    known = [share.emissions_g for share in shares if share.emissions_g is not None]
    return Range(*(math.fsum(grams) for grams in zip(*known, strict=True))) if known else None
