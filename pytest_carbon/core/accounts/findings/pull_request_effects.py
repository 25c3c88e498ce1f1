"""How each merged pull request changed the cost of the default branch's runs, as the runs themselves show."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from pytest_carbon.core.accounts.findings.change_points import LEAST_RUNS, SUPPORTING_RUNS, find_change_points
from pytest_carbon.core.accounts.values.account import Sureness
from pytest_carbon.core.records.ledger_records import Entry, parse_time

_INCOMPLETE = ("cancelled", "timed_out")


@dataclass(frozen=True, slots=True)
class Effect:
    """By how many reference joules a pull request changed each run of a job; None if no change was detected.

    ``run`` is a run of the job with the change; it converts reference joules to grams.
    """

    job: str
    step_j: float | None
    sureness: Sureness
    run: Entry


@dataclass(frozen=True, slots=True)
class MergedPull:
    """The default branch's first run with a pull request, and its effects by job; empty if no run can be compared."""

    at: datetime
    effects: tuple[Effect, ...]

    @property
    def changed(self) -> tuple[Effect, ...]:
        """Return the effects with a detected change."""
        return tuple(effect for effect in self.effects if effect.step_j is not None)


def find_merged_pulls(entries: Iterable[Entry], branch: str) -> dict[int, MergedPull]:
    """Return the merged pull requests by number. ``entries`` are sorted by start.

    A run of the default ``branch`` that names a pull request is the first run of the merge commit; other runs of that
    commit count too. Runs are compared within one job and fingerprint, and only if the job ran no other commit in
    between: another commit could have caused the difference.
    """
    jobs: dict[str, list[Entry]] = {}
    pulls: dict[str, int] = {}
    first: dict[int, datetime] = {}
    for entry in entries:
        if entry.branch == branch and entry.commit is not None:
            if entry.pr is not None:
                pulls.setdefault(entry.commit, entry.pr)
                if entry.pr not in first:
                    first[entry.pr] = parse_time(entry.started)
            jobs.setdefault(entry.job, []).append(entry)
    effects: dict[int, list[Effect]] = {}
    for runs in jobs.values():
        for pull, effect in _effects_in_job(runs, pulls).items():
            effects.setdefault(pull, []).append(effect)
    return {pull: MergedPull(at, tuple(effects.get(pull, ()))) for pull, at in first.items()}


def _effects_in_job(runs: Sequence[Entry], pulls: Mapping[str, int]) -> dict[int, Effect]:
    """Return each pull request's effect on a job, averaged over the kinds of machines that show it."""
    by_pull: dict[int, list[Effect]] = {}
    by_machine: dict[str, list[int]] = {}
    for n, run in enumerate(runs):
        if run.reference_j and run.conclusion not in _INCOMPLETE:
            by_machine.setdefault(run.fingerprint, []).append(n)
    for indices in by_machine.values():
        comparable = _is_only_new_commit(runs, indices)
        for pull, effect in _effects_on_machine([runs[n] for n in indices], comparable, pulls):
            by_pull.setdefault(pull, []).append(effect)
    return {pull: _mean_effect(effects) for pull, effects in by_pull.items()}


def _is_only_new_commit(runs: Sequence[Entry], indices: Sequence[int]) -> list[bool]:
    """Return for each run of one kind of machine whether its commit is the job's only new one since the run before."""
    comparable = [False]
    for before, after in pairwise(indices):
        commits = runs[before].commit, runs[after].commit
        comparable.append(commits[0] != commits[1] and all(run.commit in commits for run in runs[before + 1 : after]))
    return comparable


def _effects_on_machine(
    runs: Sequence[Entry], comparable: Sequence[bool], pulls: Mapping[str, int]
) -> Iterable[tuple[int, Effect]]:
    change_points = {point.run: point for point in find_change_points([run.reference_j or 0.0 for run in runs])}
    for n, run in enumerate(runs):
        pull = pulls.get(run.commit or "")
        if n >= LEAST_RUNS and comparable[n] and pull is not None:
            point = change_points.get(n)
            later = point.supported_by if point else min(SUPPORTING_RUNS, len(runs) - 1 - n)
            sure: Sureness = "sure" if later >= SUPPORTING_RUNS else "not sure"
            yield pull, Effect(run.job, point.after_j - point.before_j if point else None, sure, run)


def _mean_effect(effects: Sequence[Effect]) -> Effect:
    """Average the effects on several kinds of machines; the mean is sure only if all agree."""
    steps = [effect.step_j for effect in effects if effect.step_j is not None]
    mean_j = math.fsum(steps) / len(effects) if steps else None
    agreed = len(steps) in (0, len(effects)) and len({step > 0 for step in steps}) < 2
    sure = agreed and all(effect.sureness == "sure" for effect in effects)
    return Effect(effects[0].job, mean_j, "sure" if sure else "not sure", effects[0].run)
