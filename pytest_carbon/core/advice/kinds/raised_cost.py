"""Merged pull requests that raised the cost of each run, as all runs before and after them bear out."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from pytest_carbon.core.accounts.findings.pull_request_effects import Effect, MergedPull, find_merged_pulls
from pytest_carbon.core.advice.finding import Finding, job_text
from pytest_carbon.core.advice.window_runs import StartedRun, WindowRuns
from pytest_carbon.core.model import Range
from pytest_carbon.core.quantities import format_energy
from pytest_carbon.core.records.entry_details.run_details import CostlyTest
from pytest_carbon.core.verdict.wording import NAME_CELLS, TEST_CELLS, shorten

KIND = "raised"
SIGMAS = 2.0
MOST_TESTS = 2
LEAST_LEFT = 0.5
"""A step of which later pull requests took back more is settled."""


def find(window: WindowRuns) -> Iterator[Finding]:
    """Find each pull request whose merge in the window made the tests of a feature, or whole runs, costlier.

    The saving is the step in reference joules, twice its standard error around it, in each run of the job in
    the window: what a whole window pays for it.
    """
    started = [*window.earlier, *window.runs]
    if not any(run.entry.branch == window.branch and run.entry.pr is not None for run in window.runs):
        return
    pulls = find_merged_pulls(
        (run.entry for run in started), window.branch, lambda run: run.id in window.labels_pay, started[0].at
    )
    for number, pull in pulls.items():
        if pull.at < window.runs[0].at:
            continue
        for effect in pull.changed:
            for feature, step_j in _own_steps(effect).items():
                left_j = step_j + _taken_back_j(pull, effect.job, feature, pulls)
                if effect.borne_out and left_j > LEAST_LEFT * step_j > 0:
                    yield _finding(number, pull, effect, feature, left_j, window, started)


def _own_steps(effect: Effect) -> Mapping[str | None, float]:
    """Return the step of each feature; under None, that of whole runs if the features are not known."""
    if not effect.features:
        return {None: effect.step_j or 0.0}
    return dict(effect.features.items())


def _taken_back_j(pull: MergedPull, job: str, feature: str | None, pulls: Mapping[int, MergedPull]) -> float:
    """Return the joules, none or negative, by which later pull requests made the same tests cheaper."""
    later = chain.from_iterable(other.changed for other in pulls.values() if other.at > pull.at)
    return math.fsum(min(_own_steps(effect).get(feature, 0.0), 0.0) for effect in later if effect.job == job)


def _finding(
    number: int,
    pull: MergedPull,
    effect: Effect,
    feature: str | None,
    step_j: float,
    window: WindowRuns,
    started: Sequence[StartedRun],
) -> Finding:
    runs = [run for run in window.by_job[effect.job] if run.entry.reference_j and _has_tests_of(run, feature, window)]
    before, after = _around(pull, effect.job, window, started)
    name = "each run" if feature is None else f"the tests of {shorten(feature, NAME_CELLS)}"
    costs = [_own_j(run, feature) for run in before]
    old_j = math.fsum(costs) / len(costs) if costs else 0.0
    more = f" {100 * step_j / old_j:.0f} %" if old_j else ""
    noise_j = SIGMAS * effect.noise_j
    return Finding(
        kind=KIND,
        place=f"#{number}" if feature is None else f"#{number} {feature}",
        action=f"Look again at #{number}: since its merge {name} cost{'s' if feature is None else ''}{more} more",
        evidence=f"{format_energy(step_j, 2)} more of reference energy in each run of {job_text(effect.job)}, as "
        f"the runs before and after the merge on {pull.at:%Y-%m-%d} bear out{_tests_text(before, after, feature)}",
        effort="a decision",
        seen=f"{name} take{'s' if feature is None else ''} less again from the merge of the mend on",
        savings={
            run.entry.id: Range(*(_share(run, joules) for joules in (step_j, step_j - noise_j, step_j + noise_j)))
            for run in runs
        },
        jobs=frozenset({effect.job}),
        feature=feature,
    )


def _has_tests_of(run: StartedRun, feature: str | None, window: WindowRuns) -> bool:
    return feature is None or run.entry.id in window.labels_pay or run.entry.shares.get(feature, 0.0) > 0


def _own_j(run: StartedRun, feature: str | None) -> float:
    share = 1.0 if feature is None else run.entry.shares.get(feature, 0.0)
    return share * (run.entry.reference_j or 0.0)


def _share(run: StartedRun, joules: float) -> float:
    return min(1.0, max(0.0, joules / (run.entry.reference_j or math.inf)))


def _around(
    pull: MergedPull, job: str, window: WindowRuns, started: Sequence[StartedRun]
) -> tuple[Sequence[StartedRun], Sequence[StartedRun]]:
    """Return the default branch's runs of a job before and since a merge that their tests pay for."""
    own = [run for run in started if run.entry.job == job and run.entry.branch == window.branch]
    known = [run for run in own if run.entry.reference_j and run.entry.id not in window.labels_pay]
    return [run for run in known if run.at < pull.at], [run for run in known if run.at >= pull.at]


def _tests_text(before: Sequence[StartedRun], after: Sequence[StartedRun], feature: str | None) -> str:
    """Return which of the costliest tests rose most; empty if the runs list none."""
    old, new = _mean_tests(before, feature), _mean_tests(after, feature)
    risen = {nodeid: joules - old.get(nodeid, 0.0) for nodeid, joules in new.items()}
    names = sorted((nodeid for nodeid in risen if risen[nodeid] > 0), key=lambda nodeid: (-risen[nodeid], nodeid))
    listed = " and ".join(shorten(nodeid, TEST_CELLS) for nodeid in names[:MOST_TESTS])
    return f"; of its costliest tests, most in {listed}" if names else ""


def _mean_tests(runs: Sequence[StartedRun], feature: str | None) -> dict[str, float]:
    sums: dict[str, list[float]] = {}
    for run in runs:
        for test in run.details.tests:
            if _is_of(test, feature):
                sums.setdefault(test.nodeid, []).append(test.reference_j)
    return {nodeid: math.fsum(joules) / len(joules) for nodeid, joules in sums.items()}


def _is_of(test: CostlyTest, feature: str | None) -> bool:
    return feature is None or test.feature == feature
