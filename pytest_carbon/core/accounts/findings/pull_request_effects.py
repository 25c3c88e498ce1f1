"""What each merged pull request changed in the runs of the default branch, told from the runs themselves."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from pytest_carbon.core.accounts.findings.change_points import LEAST_RUNS, SUPPORTING_RUNS, find_change_points
from pytest_carbon.core.accounts.values.account import Sureness
from pytest_carbon.core.report.ledger_records import Entry, parse_time

_INCOMPLETE = ("cancelled", "timed_out")


@dataclass(frozen=True, slots=True)
class Effect:
    """By how many reference joules a pull request changed each run of a job: None where no change was seen.

    ``run`` is one of the job's with the change, to tell what a joule stands for.
    """

    job: str
    step_j: float | None
    sureness: Sureness
    run: Entry


@dataclass(frozen=True, slots=True)
class MergedPull:
    """When the default branch first ran with a pull request, and its effects; empty where no run can be compared."""

    at: datetime
    effects: tuple[Effect, ...]

    @property
    def changed(self) -> tuple[Effect, ...]:
        """Return the effects that are a change."""
        return tuple(effect for effect in self.effects if effect.step_j is not None)


def find_merged_pulls(entries: Iterable[Entry], branch: str) -> dict[int, MergedPull]:
    """Return the pull requests that the default branch ran with. The entries come in the order of their start.

    A run that names a pull request is the first of its commit; others of that commit bear witness as well. Runs are
    compared with those of the same job and fingerprint, and only where no other commit of the job came between:
    what lies between two runs of a kind of machine may else be another's doing.
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
    """Return what each pull request changed in a job, as the mean over the kinds of machines that can tell."""
    found: dict[int, list[Effect]] = {}
    places: dict[str, list[int]] = {}
    for n, run in enumerate(runs):
        if run.reference_j and run.conclusion not in _INCOMPLETE:
            places.setdefault(run.fingerprint, []).append(n)
    for own in places.values():
        for pull, effect in _effects_on_machine([runs[n] for n in own], _is_only_new_commit(runs, own), pulls):
            found.setdefault(pull, []).append(effect)
    return {pull: _mean_effect(effects) for pull, effects in found.items()}


def _is_only_new_commit(runs: Sequence[Entry], own: Sequence[int]) -> list[bool]:
    """Return for each run of a kind of machine whether its commit is the only one since the run before it."""
    out = [False]
    for before, after in pairwise(own):
        ends = runs[before].commit, runs[after].commit
        out.append(ends[0] != ends[1] and all(runs[n].commit in ends for n in range(before + 1, after)))
    return out


def _effects_on_machine(
    runs: Sequence[Entry], only: Sequence[bool], pulls: Mapping[str, int]
) -> Iterable[tuple[int, Effect]]:
    steps = {step.run: step for step in find_change_points([run.reference_j or 0.0 for run in runs])}
    for n, run in enumerate(runs):
        pull = pulls.get(run.commit or "")
        if n >= LEAST_RUNS and only[n] and pull is not None:
            step = steps.get(n)
            later = step.supported_by if step else min(SUPPORTING_RUNS, len(runs) - 1 - n)
            sure: Sureness = "sure" if later >= SUPPORTING_RUNS else "not sure"
            yield pull, Effect(run.job, step.after_j - step.before_j if step else None, sure, run)


def _mean_effect(effects: Sequence[Effect]) -> Effect:
    steps = [effect.step_j for effect in effects if effect.step_j is not None]
    mean_j = math.fsum(steps) / len(effects) if steps else None
    agreed = len(steps) in (0, len(effects)) and len({step > 0 for step in steps}) < 2
    sure = agreed and all(effect.sureness == "sure" for effect in effects)
    return Effect(effects[0].job, mean_j, "sure" if sure else "not sure", effects[0].run)
