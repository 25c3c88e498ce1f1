"""Jobs that run the same tests as another job on every commit, and never with another outcome."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pytest_carbon.core.advice.finding import ALL_OF_IT, Finding, job_text
from pytest_carbon.core.advice.settled_shares import PastAdvice
from pytest_carbon.core.advice.window_runs import StartedRun, WindowRuns
from pytest_carbon.core.verdict.wording import count_text

KIND = "matrix"
LEAST_COMMITS = 10
"""Equal outcomes on fewer commits say little."""
LINES = (
    "strategy:",
    "  matrix:  # with your own values",
    """    python: ${{ fromJSON(github.event_name == 'pull_request' && '["3.13"]' || '["3.11", "3.13"]') }}""",
)
_Push = tuple[str, str | None, int | None, int]


def find(window: WindowRuns) -> Iterator[Finding]:
    """Find each job whose runs had the same tests and the same outcome as those of another job on all their commits.

    Each job is compared with the jobs that ran on more commits, which stay. Only runs of pull requests that were
    compared could be saved: the default branch still runs every cell.
    """
    by_suite: dict[str, dict[str, dict[_Push, StartedRun]]] = {}
    by_job: dict[str, dict[_Push, StartedRun]] = {}
    for run in window.runs:
        entry, details = run.entry, run.details
        if details.suite and details.outcome is not None and entry.commit is not None:
            push = entry.commit, entry.branch, entry.pr, entry.attempt
            by_suite.setdefault(details.suite, {}).setdefault(entry.job, {})[push] = run
            by_job.setdefault(entry.job, {})[push] = run
    for job, twin in _twins(by_suite).items():
        own, others = by_job[job], by_job[twin.of]
        both = [push for push in own if push in others]
        if any(own[push].details.suite != others[push].details.suite for push in both):
            continue
        saved = [own[push] for push in both if window.of_pull_request(own[push])]
        if saved:
            yield _finding(job, twin, saved)


class _Twin:
    """How often two jobs had the same outcome, and how often that was a failure; ``of`` is the job that stays."""

    def __init__(self, of: str) -> None:
        self.of, self.same, self.failed, self.differed = of, 0, 0, False

    def add(self, own: Mapping[_Push, StartedRun], others: Mapping[_Push, StartedRun]) -> None:
        for push in own.keys() & others.keys():
            outcome = own[push].details.outcome
            self.differed |= outcome != others[push].details.outcome
            self.same += 1
            self.failed += bool(outcome and outcome[0])


def _twins(by_suite: Mapping[str, Mapping[str, Mapping[_Push, StartedRun]]]) -> dict[str, _Twin]:
    """Return each job that could be left out, with the job that says the same and stays.

    The jobs of each suite are compared with the one that has most commits in the window.
    """
    commits: Counter[str] = Counter()
    for jobs in by_suite.values():
        commits.update({job: len(pushes) for job, pushes in jobs.items()})
    pairs: dict[str, dict[str, _Twin]] = {}
    for jobs in by_suite.values():
        kept, *others = sorted(jobs, key=lambda job: (-commits[job], job))
        for job in others:
            pairs.setdefault(job, {}).setdefault(kept, _Twin(kept)).add(jobs[job], jobs[kept])
    twins: dict[str, _Twin] = {}
    for job in sorted(pairs, key=lambda job: (-commits[job], job)):
        twin = max(pairs[job].values(), key=lambda twin: (twin.same, twin.of))
        if twin.same >= LEAST_COMMITS and not twin.differed and twin.of not in twins:
            twins[job] = twin
    return twins


def _finding(job: str, twin: _Twin, saved: Sequence[StartedRun]) -> Finding:
    failures = "none of them failed" if not twin.failed else f"{twin.failed} of them failed, in the same tests"
    return Finding(
        kind=KIND,
        place=job,
        action=f"Run {job_text(job)} on the default branch only",
        evidence=f"it ran the same tests as {job_text(twin.of)} on {count_text(twin.same, 'commit')} and never had "
        f"another outcome; {failures}",
        effort="a decision",
        seen=f"the job has no runs of pull requests; it had {len(saved)}",
        savings={run.entry.id: ALL_OF_IT for run in saved},
        jobs=frozenset({job, twin.of}),
        lines=LINES,
    )


def followed(past: PastAdvice) -> Mapping[str, float] | None:
    """Return what was saved as shares of the runs of pull requests of the job that stays, if the other has none.

    The job that is left out must still run on the default branch: else nobody knows why it is gone. It would have cost
    as much as before, beside each run of the other.
    """
    job, (other,) = past.finding.place, past.finding.jobs - {past.finding.place}
    gone = past.after.by_job.get(job, ())
    cost_g = _mean_grams([run for run in past.before.by_job.get(job, ()) if past.before.of_pull_request(run)])
    staying = [run for run in past.after.by_job.get(other, ()) if past.after.of_pull_request(run)]
    if cost_g is None or not gone or len(staying) < LEAST_COMMITS or any(map(past.after.of_pull_request, gone)):
        return None
    return {run.entry.id: cost_g / run.entry.emissions_g for run in staying if run.entry.emissions_g}


def _mean_grams(runs: Sequence[StartedRun]) -> float | None:
    known = [run.entry.emissions_g for run in runs if run.entry.emissions_g is not None]
    return math.fsum(known) / len(known) if known else None
