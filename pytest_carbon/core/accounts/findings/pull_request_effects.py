"""How each merged pull request changed the cost of the default branch's runs, as the runs themselves show."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from pytest_carbon.core.accounts.findings.change_points import LEAST_RUNS, SUPPORTING_RUNS, find_change_points
from pytest_carbon.core.accounts.findings.feature_steps import (
    FeatureRun,
    PaidByLabel,
    find_feature_steps,
    paid_by_tests,
    runs_by_feature,
    split_step,
)
from pytest_carbon.core.accounts.findings.lasting_steps import LastingStep, find_lasting_steps
from pytest_carbon.core.accounts.values.account import Sureness
from pytest_carbon.core.records.ledger_records import Entry, parse_time

_INCOMPLETE = ("cancelled", "timed_out")
_NEAR_RUNS = 3
"""A change that is so near to a lasting one is that one, whose run is known better."""


@dataclass(frozen=True, slots=True)
class Effect:
    """By how many reference joules a pull request changed each run of a job; None if no change was detected.

    ``run`` is a run of the job with the change; it converts reference joules to grams. ``features`` are the parts of
    the step in each feature's tests: empty if no feature's own joules moved, None if that is not known. ``borne_out``
    says that all runs before and after bear the step out, ``noise_j`` is its standard error then.
    """

    job: str
    step_j: float | None
    sureness: Sureness
    run: Entry
    features: Mapping[str, float] | None = None
    borne_out: bool = False
    noise_j: float = 0.0


@dataclass(frozen=True, slots=True)
class MergedPull:
    """The default branch's first run with a pull request, and its effects by job; empty if no run can be compared."""

    at: datetime
    effects: tuple[Effect, ...]

    @property
    def changed(self) -> tuple[Effect, ...]:
        """Return the effects with a detected change."""
        return tuple(effect for effect in self.effects if effect.step_j is not None)


def find_merged_pulls(
    entries: Iterable[Entry],
    branch: str,
    paid_by_label: PaidByLabel = paid_by_tests,
    features_from: datetime | None = None,
) -> dict[int, MergedPull]:
    """Return the merged pull requests by number. ``entries`` are sorted by start.

    A run of the default ``branch`` that names a pull request is the first run of the merge commit; other runs of that
    commit count too. Runs are compared within one job and fingerprint, and only if the job ran no other commit in
    between: another commit could have caused the difference. The runs since ``features_from`` also tell in which
    features' tests the difference is, unless labels decided who pays.
    """
    jobs: dict[str, list[Entry]] = {}
    pulls: dict[str, int] = {}
    first: dict[int, datetime] = {}
    open_runs: dict[int, list[Entry]] = {}
    since = features_from.isoformat() if features_from else ""  # times are texts of one form, so they sort as such
    for entry in entries:
        if entry.branch == branch and entry.commit is not None:
            if entry.pr is not None:
                pulls.setdefault(entry.commit, entry.pr)
                if entry.pr not in first:
                    first[entry.pr] = parse_time(entry.started)
            jobs.setdefault(entry.job, []).append(entry)
        elif entry.pr is not None and since and entry.started >= since:
            open_runs.setdefault(entry.pr, []).append(entry)
    before_merge = _RunsBeforeMerge(open_runs, pulls, paid_by_label)
    effects: dict[int, list[Effect]] = {}
    for runs in jobs.values():
        for pull, effect in _effects_in_job(runs, before_merge, since).items():
            effects.setdefault(pull, []).append(effect)
    return {pull: MergedPull(at, tuple(effects.get(pull, ()))) for pull, at in first.items()}


@dataclass(frozen=True, slots=True)
class _RunsBeforeMerge:
    """The runs of pull requests before their merge, by number, to look up those that are like a merged run."""

    open_runs: Mapping[int, Sequence[Entry]]
    pulls: Mapping[str, int]
    paid_by_label: PaidByLabel

    def alike(self, merged: Entry) -> list[Entry]:
        """Return the runs of the same job on the same kind of machine."""
        pull = self.pulls.get(merged.commit or "")
        own = self.open_runs.get(pull, ()) if pull is not None else ()
        return [run for run in own if (run.job, run.fingerprint) == (merged.job, merged.fingerprint)]

    def by_tests(self, merged: Entry) -> list[Entry]:
        """Return those of them that their tests pay for."""
        return [run for run in self.alike(merged) if not self.paid_by_label(run)]


def _effects_in_job(runs: Sequence[Entry], before_merge: _RunsBeforeMerge, features_from: str) -> dict[int, Effect]:
    """Return each pull request's effect on a job, averaged over the kinds of machines that show it."""
    by_pull: dict[int, list[Effect]] = {}
    by_machine: dict[str, list[int]] = {}
    for n, run in enumerate(runs):
        if run.reference_j and run.conclusion not in _INCOMPLETE:
            by_machine.setdefault(run.fingerprint, []).append(n)
    for indices in by_machine.values():
        recent = [n for n in indices if runs[n].started >= features_from] if features_from else []
        by_feature = runs_by_feature(runs, recent, before_merge.paid_by_label)
        for pull, effect in _effects_on_machine(runs, indices, by_feature, before_merge):
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
    all_runs: Sequence[Entry],
    indices: Sequence[int],
    by_feature: Mapping[str, Sequence[FeatureRun]],
    before_merge: _RunsBeforeMerge,
) -> Iterable[tuple[int, Effect]]:
    runs, comparable = [all_runs[n] for n in indices], _is_only_new_commit(all_runs, indices)
    values = [run.reference_j or 0.0 for run in runs]
    points = find_change_points(values)
    change_points = {point.run: point for point in points}
    lasting = {
        step.run: step
        for step in find_lasting_steps(
            values, points, lambda n: [run.reference_j or 0.0 for run in before_merge.alike(runs[n])]
        )
    }
    of_features = _steps_of_features(all_runs, by_feature, before_merge)
    places = [place for place, _ in of_features.values()]
    for n, run in enumerate(runs):
        pull = before_merge.pulls.get(run.commit or "")
        if n >= LEAST_RUNS and comparable[n] and pull is not None:
            point, step = change_points.get(n), lasting.get(n)
            later = point.supported_by if point else min(SUPPORTING_RUNS, len(runs) - 1 - n)
            sure: Sureness = "sure" if later >= SUPPORTING_RUNS else "not sure"
            if run.commit in of_features:
                own = of_features[run.commit][1]
                parts = {name: step.after_j - step.before_j for name, step in own.items()}
                noise_j = math.hypot(*(step.noise_j for step in own.values()))
                yield pull, Effect(run.job, math.fsum(parts.values()), "sure", run, parts, True, noise_j)
            elif step and not _is_near(indices[n], places):
                step_j = step.after_j - step.before_j
                features = split_step(step_j, indices[n], by_feature)
                tells_features = not before_merge.paid_by_label(run)  # then a feature's own steps bear it out, or none
                known = features is None or (bool(features) and not tells_features)
                yield pull, Effect(run.job, step_j, "sure", run, features, known, step.noise_j)
            elif point and not _is_near(indices[n], places) and not _is_near(n, lasting):
                step_j = point.after_j - point.before_j
                yield pull, Effect(run.job, step_j, sure, run, split_step(step_j, indices[n], by_feature))
            else:
                yield pull, Effect(run.job, None, sure, run)


def _is_near(place: int, steps: Iterable[int]) -> bool:
    return any(abs(step - place) <= _NEAR_RUNS for step in steps)


def _steps_of_features(
    runs: Sequence[Entry], by_feature: Mapping[str, Sequence[FeatureRun]], before_merge: _RunsBeforeMerge
) -> dict[str | None, tuple[int, dict[str, LastingStep]]]:
    """Return the lasting steps of features by the only commit that can have caused them, with their place."""
    out: dict[str | None, tuple[int, dict[str, LastingStep]]] = {}
    for feature, before, first, step in find_feature_steps(runs, by_feature, before_merge.by_tests):
        if _is_only_new_commit(runs, (before.place, first.place))[1]:
            out.setdefault(runs[first.place].commit, (first.place, {}))[1][feature] = step
    return out


def _mean_effect(effects: Sequence[Effect]) -> Effect:
    """Average the effects on several kinds of machines; the mean is sure only if all agree."""
    if len(effects) == 1:
        return effects[0]
    steps = [effect.step_j for effect in effects if effect.step_j is not None]
    mean_j = math.fsum(steps) / len(effects) if steps else None
    agreed = len(steps) in (0, len(effects)) and len({step > 0 for step in steps}) < 2
    sure = agreed and all(effect.sureness == "sure" for effect in effects)
    return Effect(
        effects[0].job,
        mean_j,
        "sure" if sure else "not sure",
        effects[0].run,
        _mean_features(effects),
        agreed and all(effect.borne_out for effect in effects),
        math.hypot(*(effect.noise_j for effect in effects)) / len(effects),
    )


def _mean_features(effects: Sequence[Effect]) -> Mapping[str, float] | None:
    """Average the features' parts; None if a change of unknown features is among them."""
    changed = [effect for effect in effects if effect.step_j is not None]
    if not changed or any(effect.features is None for effect in changed):
        return None
    sums: dict[str, float] = {}
    for effect in changed:
        for name, step_j in (effect.features or {}).items():
            sums[name] = sums.get(name, 0.0) + step_j / len(effects)
    return sums
