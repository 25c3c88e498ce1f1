"""What came of a test or fixture that is no longer among the costliest of its runs."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from pytest_carbon.core.advice.settled_shares import MOST_CHANCE, PastAdvice, chance_of_so_few, told_runs_of
from pytest_carbon.core.advice.window_runs import StartedRun

CHEAPER = 0.8
"""What costs less than this share of what it did has become cheaper."""
LEAST_RUNS = 3


class Listed(NamedTuple):
    """The runs of two windows that list a thing, what it usually took (J ref), and what the later ones may hide of it.

    ``hidden_j`` is by the run's id: the most that the thing takes if the list of the run lacks it.
    """

    before: Sequence[StartedRun]
    after: Sequence[StartedRun]
    usual_j: float
    hidden_j: Mapping[str, float]


def saved_since_changed(
    past: PastAdvice, listed: Listed, changed: Iterable[tuple[StartedRun, float]], *, may_be_renamed: bool = False
) -> Mapping[str, float] | None:
    """Return what share of each run was saved since the thing was changed, or left the lists; negative for a loss.

    ``changed`` are the runs that list the changed thing, with what it took (J ref). What is no longer listed and
    ``may_be_renamed`` tells nothing. None if too few runs tell; empty if the thing may have been removed.
    """
    saved = {run.entry.id: (listed.usual_j - joules) / (run.entry.reference_j or 1.0) for run, joules in changed}
    unlisted = None if may_be_renamed else saved_since_unlisted(past, listed)
    return unlisted if len(saved) < LEAST_RUNS else {**(unlisted or {}), **saved}


def saved_since_unlisted(past: PastAdvice, listed: Listed) -> Mapping[str, float] | None:
    """Return what share of each run was saved, at least, since no run lists the thing; None if that may be chance.

    It was made cheaper if runs of a suite in which it was listed no longer list it: the same tests ran. Otherwise it
    was removed or renamed, or the suite changed with it: then the mapping is empty, because nobody knows what was saved
    by the advice.
    """
    before = told_runs_of(past.finding, past.before)
    rate = min(1.0, len(listed.before) / len(before)) if before else 0.0
    after = told_runs_of(past.finding, past.after)
    first = bisect_right(after, listed.after[-1].at, key=_start) if listed.after else 0
    later, least_j = after[first:], CHEAPER * listed.usual_j
    if not _is_rare(rate * len(later)):
        return None
    later = [run for run in later if listed.hidden_j[run.entry.id] < least_j]
    if not _is_rare(rate * len(later)):
        return None
    suites = {run.details.suite for run in (*listed.before, *listed.after)}
    same = [run for run in later if run.details.suite in suites]
    if len(same) < LEAST_RUNS:
        return {}
    return {
        run.entry.id: rate * (listed.usual_j - listed.hidden_j[run.entry.id]) / (run.entry.reference_j or 1.0)
        for run in later[later.index(same[0]) :]
    }


def _is_rare(expected: float) -> bool:
    return chance_of_so_few(0, expected) <= MOST_CHANCE


def _start(run: StartedRun) -> datetime:
    return run.at
