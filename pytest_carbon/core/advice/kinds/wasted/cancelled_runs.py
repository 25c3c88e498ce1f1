"""Runs that are cancelled after they have used grams: a job that begins later is not begun in vain."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_carbon.core.advice.finding import HALF_OF_IT, Finding, job_text, part
from pytest_carbon.core.advice.kinds.wasted.superseded_runs import superseded_from
from pytest_carbon.core.advice.window_runs import WindowRuns
from pytest_carbon.core.verdict.wording import count_text

KIND = "cancelled"
LINES = (
    "needs: [lint]  # the quick jobs: this one begins when they have passed",
    "if: ${{ !github.event.pull_request.draft }}  # with pull_request: types: [opened, synchronize, ready_for_review]",
)


def find(window: WindowRuns) -> Iterator[Finding]:
    """Find each job with cancelled runs; what they used after a newer commit had begun is advice of its own."""
    for job, runs in window.by_job.items():
        cancelled = [run for run in runs if run.entry.conclusion == "cancelled"]
        if not cancelled:
            continue
        superseded = superseded_from(runs, window)
        savings = {}
        for run in cancelled:
            until = superseded.get(run.entry.id)
            used = (until - run.at).total_seconds() / (run.entry.wall_s or 1.0) if until else 1.0
            savings[run.entry.id] = part(used, HALF_OF_IT)
        yield Finding(
            kind=KIND,
            place=job,
            action=f"Begin {job_text(job)} later, so that half of its cancelled runs do not begin in vain",
            evidence=f"{len(cancelled)} of {count_text(len(runs), 'run')} were cancelled after they had begun",
            effort="a line",
            seen="fewer runs and fewer grams stand under cancelled runs",
            savings=savings,
            jobs=frozenset({job}),
            lines=LINES,
        )
