"""Runs of the default branch on a commit that the same job has run before, such as those of a nightly schedule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from pytest_carbon.core.advice.finding import ALL_OF_IT, HALF_OF_IT, Finding, job_text
from pytest_carbon.core.advice.settled_shares import PastAdvice, cost_of_runs_fell
from pytest_carbon.core.advice.window_runs import SAME_COMMIT_WITHIN, StartedRun, WindowRuns
from pytest_carbon.core.verdict.wording import NAME_CELLS, count_text, shorten

KIND = "unchanged"
LINES = (
    "- id: code",
    '  run: test -z "$(git log -1 --since=\'24 hours ago\' --format=%H)" || echo changed=true >> "$GITHUB_OUTPUT"',
    "# and at each later step: if: steps.code.outputs.changed",
)


def find(window: WindowRuns) -> Iterator[Finding]:
    """Find each job that ran commits of the default branch again, hours later, and never with another outcome."""
    by_job, differing = _again(window)
    for job, again in by_job.items():
        if job in differing:
            continue
        known = sum(run.details.outcome is not None for run in again)
        same = f"; {known} of them are known to have had the same outcome" if known else "; no outcome of them is known"
        yield Finding(
            kind=KIND,
            place=job,
            action=f"Skip {job_text(job)} when the code has not changed since its last run",
            evidence=f"{count_text(len(again), 'run')} of {shorten(window.branch, NAME_CELLS)} measured a commit that "
            f"the job had run hours or days before{same}",
            effort="a decision",
            seen="each commit of the default branch has one run of the job",
            savings={run.entry.id: ALL_OF_IT if known == len(again) else HALF_OF_IT for run in again},
            jobs=frozenset({job}),
            lines=LINES,
        )


def _again(window: WindowRuns) -> tuple[dict[str, list[StartedRun]], set[str]]:
    """Return the runs of commits that their job had run before, and the jobs of which one had another outcome."""
    by_job: dict[str, list[StartedRun]] = {}
    differing: set[str] = set()
    for runs in window.attempts:
        first = runs[0]
        if len(runs) == 1 or first.entry.branch != window.branch or first.entry.commit is None:
            continue
        for run in runs[1:]:
            if run.entry.attempt == 1 and run.at - first.at > SAME_COMMIT_WITHIN:
                by_job.setdefault(run.entry.job, []).append(run)
                outcomes = first.details.outcome, run.details.outcome
                if None not in outcomes and outcomes[0] != outcomes[1]:
                    differing.add(run.entry.job)
    return by_job, differing


def followed(past: PastAdvice) -> Mapping[str, float] | None:
    """Return what share of each run was saved, also if a later run of the same code had another outcome."""
    again = _again(past.after)[0].get(past.finding.place, [])
    now = replace(past.finding, savings={run.entry.id: ALL_OF_IT for run in again})
    return cost_of_runs_fell(past._replace(now=now))
