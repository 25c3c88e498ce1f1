"""Tells whether advice was followed from the share of its jobs' grams that it was about, before and after."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from pytest_carbon.core.advice.finding import Finding
from pytest_carbon.core.advice.window_runs import StartedRun, WindowRuns

LEAST_RUNS = 5
"""Fewer runs of the jobs do not show that something is gone."""
FOLLOWED = 0.5
"""Advice was followed if at most this part of what it was about is left, as a share of the jobs' grams."""


class PastAdvice(NamedTuple):
    """A finding of the window ``before``, the window ``after`` it, and what is found there ``now``, if anything."""

    finding: Finding
    before: WindowRuns
    after: WindowRuns
    now: Finding | None


def cost_of_runs_fell(past: PastAdvice) -> Mapping[str, float] | None:
    """Return what share of each later run of the jobs was saved; None if the advice was not followed, as far as known.

    More or fewer runs change nothing, because shares of the jobs' grams are compared.
    """
    finding, before, after, now = past
    later = [run for run in after.runs if run.entry.job in finding.jobs]
    share_before = _cost_share(finding, [run for run in before.runs if run.entry.job in finding.jobs])
    share_after = _cost_share(now, later) if now else 0.0
    if len(later) < LEAST_RUNS or share_before is None or share_after is None or share_after > FOLLOWED * share_before:
        return None
    return {run.entry.id: share_before - share_after for run in later}


def _cost_share(finding: Finding, runs: list[StartedRun]) -> float | None:
    """Return the most that a finding could save of some runs, as a share of their grams; None if these are unknown."""
    known = {run.entry.id: run.entry.emissions_g for run in runs if run.entry.emissions_g is not None}
    whole_g = math.fsum(known.values())
    cost_g = math.fsum(known[id_] * saved.high for id_, saved in finding.savings.items() if id_ in known)
    return cost_g / whole_g if whole_g else None
