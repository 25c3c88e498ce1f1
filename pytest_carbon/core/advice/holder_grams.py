"""Who pays for what a finding is about: the grams of each feature, each team and the repository."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pytest_carbon.core.advice.finding import ALL_OF_IT
from pytest_carbon.core.advice.window_runs import WindowRuns
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.model import Range


class HolderGrams(NamedTuple):
    """The grams that a holder could save, with their bounds, and what it paid for that at most."""

    central: float
    low: float
    high: float
    paid: float

    @property
    def range(self) -> Range:
        """The grams that could be saved."""
        return Range(self.central, self.low, self.high)


Sums = Mapping[str | None, HolderGrams]
"""Grams by feature; under None, those of the whole repository."""
NOTHING = HolderGrams(0.0, 0.0, 0.0, 0.0)


def paid_grams(runs: WindowRuns) -> Sums:
    """Return what each feature paid in a window."""
    return saved_grams(dict.fromkeys(runs.by_id, ALL_OF_IT), None, runs)


def saved_grams(savings: Mapping[str, Range], feature: str | None, runs: WindowRuns) -> Sums:
    """Return what shares of runs, by the runs' ids, are for each feature; ``feature`` is as in a Finding.

    Runs of unknown grams are in no sum. Where ``feature`` pays alone, it pays no more than its share of the run.
    """
    sums: dict[str | None, list[float]] = {}
    alone: list[tuple[float, float, float, float]] = []
    for id_, (central, low, high) in savings.items():
        whole = runs.emissions_g[id_]
        if whole is None:
            continue
        shares = runs.by_id[id_].entry.shares
        if feature is not None and id_ not in runs.labels_pay:
            most = shares.get(feature, 0.0)
            alone.append(_figures(min(central, most), min(low, most), min(high, most), whole))
            continue
        figures = _figures(central, low, high, whole)
        _add(sums, None, figures, 1.0)
        for name, share in shares.items():
            if share > 0:
                _add(sums, name, figures, share)
    if alone:
        for payer in (None, feature):
            _add(sums, payer, [*map(math.fsum, zip(*alone, strict=True))], 1.0)
    return {name: HolderGrams(*own) for name, own in sums.items()}


def _figures(central: float, low: float, high: float, whole: Range) -> tuple[float, float, float, float]:
    return central * whole[0], low * whole[1], high * whole[2], high * whole[0]


def _add(sums: dict[str | None, list[float]], name: str | None, figures: Sequence[float], share: float) -> None:
    own = sums.setdefault(name, [0.0, 0.0, 0.0, 0.0])
    own[0] += share * figures[0]
    own[1] += share * figures[1]
    own[2] += share * figures[2]
    own[3] += share * figures[3]


def of_holder(holder: Budget, sums: Sums) -> HolderGrams:
    """Return a holder's grams; those of a team are the sum of its features'."""
    if holder.team is None:
        return sums.get(holder.feature, NOTHING)
    children = [sums[child] for child in holder.children if child in sums]
    return HolderGrams(*map(sum, zip(*children, strict=True))) if children else NOTHING
