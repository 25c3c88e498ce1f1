"""Tells whether what advice is about is gone: by chance it would hardly be so rare, or so little."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from pytest_carbon.core.advice.finding import Finding
from pytest_carbon.core.advice.window_runs import StartedRun, WindowRuns

MOST_CHANCE = 0.05
"""The most chance that something seems to be gone although nothing has changed."""
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

    These are the runs since the last one that the finding is about, if there were enough; else all of the later window.
    More or fewer runs change nothing, because shares of the jobs' grams are compared.
    """
    before = runs_of(past.finding, past.before)
    share_before, rate = _cost_share(past.finding, before), _rate(past.finding, past.before, len(before))
    if share_before is None:
        return None
    everything = runs_of(past.finding, past.after)
    for later in (since_last(past.now, everything), everything):
        affected = sum(run.entry.id in past.now.savings for run in later) if past.now else 0
        share_after = _cost_share(past.now, later) if past.now else 0.0
        rarer = chance_of_so_few(affected, rate * len(later)) <= MOST_CHANCE
        if rarer and share_after is not None and share_after <= FOLLOWED * share_before:
            return {run.entry.id: share_before - share_after for run in later}
    return None


def is_gone(finding: Finding, window: WindowRuns) -> bool:
    """Return whether what a finding is about has not happened lately, as if the advice had been followed already."""
    runs = runs_of(finding, window)
    later = since_last(finding, runs)
    if not later:
        return False
    return chance_of_so_few(0, _rate(finding, window, len(runs) - len(later)) * len(later)) <= MOST_CHANCE


def runs_of(finding: Finding, window: WindowRuns) -> Sequence[StartedRun]:
    """Return the runs of a finding's jobs."""
    return _of_jobs(finding, window.by_job)


def told_runs_of(finding: Finding, window: WindowRuns) -> Sequence[StartedRun]:
    """Return those runs of a finding's jobs of which the suite and the work are known."""
    return _of_jobs(finding, window.told_by_job)


def _of_jobs(finding: Finding, by_job: Mapping[str, Sequence[StartedRun]]) -> Sequence[StartedRun]:
    own = [by_job.get(job, ()) for job in finding.jobs]
    return own[0] if len(own) == 1 else sorted(chain.from_iterable(own), key=lambda run: (run.at, run.entry.id))


def since_last(finding: Finding | None, runs: Sequence[StartedRun]) -> Sequence[StartedRun]:
    """Return the runs after the last one that a finding is about; all runs without a finding."""
    if finding is None:
        return runs
    number = len(runs)
    while number and runs[number - 1].entry.id not in finding.savings:
        number -= 1
    return runs[number:]


def chance_of_so_few(number: int, expected: float) -> float:
    """Return the chance of at most ``number`` events where ``expected`` are, if they are independent.

    Source: Poisson (1837).
    """
    if expected <= 0:
        return 1.0
    log_expected = math.log(expected)
    return min(1.0, math.fsum(math.exp(n * log_expected - expected - math.lgamma(n + 1)) for n in range(number + 1)))


def _rate(finding: Finding, window: WindowRuns, runs: int) -> float:
    """Return the share of so many runs of its jobs that a finding is about."""
    own = [window.by_id[id_].entry.job in finding.jobs for id_ in finding.savings if id_ in window.by_id]
    return sum(own) / runs if runs else 0.0


def _cost_share(finding: Finding, runs: Sequence[StartedRun]) -> float | None:
    """Return the most that a finding could save of some runs, as a share of their grams; None if these are unknown."""
    known = [(run.entry.emissions_g, finding.savings.get(run.entry.id)) for run in runs]
    whole_g = math.fsum(grams for grams, _ in known if grams is not None)
    cost_g = math.fsum(grams * saved.high for grams, saved in known if grams is not None and saved is not None)
    return cost_g / whole_g if whole_g else None
