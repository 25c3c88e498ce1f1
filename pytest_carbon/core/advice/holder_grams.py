"""Who pays for what a finding is about: the grams of each feature, each team and the repository."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from pytest_carbon.core.advice.window_runs import WindowRuns
from pytest_carbon.core.budget.budget import Budget
from pytest_carbon.core.model import Range
from pytest_carbon.core.records.ledger_records import Entry

Sums = Mapping[str | None, Range]
"""Grams by feature; under None, those of the whole repository."""
NOTHING = Range(0.0, 0.0, 0.0)


def paid_grams(runs: WindowRuns) -> Sums:
    """Return what each feature paid in a window."""
    whole = Range(1.0, 1.0, 1.0)
    return _sum(((run.entry, whole) for run in runs.runs), None, runs)


def saved_grams(savings: Mapping[str, Range], feature: str | None, runs: WindowRuns) -> Sums:
    """Return what shares of runs, by the runs' ids, are for each feature; ``feature`` is as in a Finding."""
    return _sum(((runs.by_id[id_].entry, saved) for id_, saved in savings.items()), feature, runs)


def _sum(parts: Iterable[tuple[Entry, Range]], owner: str | None, runs: WindowRuns) -> Sums:
    grams: dict[str | None, list[Range]] = {}
    for entry, saved in parts:
        whole_g = _emissions(entry)
        if whole_g is None:
            continue
        own_only = owner is not None and entry.id not in runs.labels_pay
        of_run = Range(*(gram * share for gram, share in zip(whole_g, saved, strict=True)))
        if own_only:
            most = entry.shares.get(owner or "", 0.0)
            of_run = Range(*(min(gram, most * whole) for gram, whole in zip(of_run, whole_g, strict=True)))
        grams.setdefault(None, []).append(of_run)
        for feature, share in entry.shares.items():
            if own_only and feature == owner:
                grams.setdefault(feature, []).append(of_run)
            elif not own_only and share > 0:
                grams.setdefault(feature, []).append(Range(*(share * gram for gram in of_run)))
    return {feature: Range(*map(math.fsum, zip(*own, strict=True))) for feature, own in grams.items()}


def _emissions(entry: Entry) -> Range | None:
    central, low, high = entry.emissions_g, entry.emissions_low_g, entry.emissions_high_g
    if central is None:
        return None
    return Range(central, central if low is None else low, central if high is None else high)


def of_holder(holder: Budget, sums: Sums) -> Range:
    """Return a holder's grams; those of a team are the sum of its features'."""
    if holder.team is None:
        return sums.get(holder.feature, NOTHING)
    children = [sums[child] for child in holder.children if child in sums]
    return Range(*map(math.fsum, zip(*children, strict=True))) if children else NOTHING
