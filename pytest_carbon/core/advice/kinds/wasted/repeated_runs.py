"""Runs that were run again for reasons that no test explains: a machine, a network, or a habit."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_carbon.core.advice.finding import HALF_OF_IT, Finding, job_text, part
from pytest_carbon.core.advice.kinds.flaky_tests import flaky_runs, rerun_pairs
from pytest_carbon.core.advice.window_runs import StartedRun, WindowRuns
from pytest_carbon.core.verdict.wording import count_text

KIND = "repeated"


def find(window: WindowRuns) -> Iterator[Finding]:
    """Find each job with runs that a later attempt repeated. Cancelled runs and flaky tests are other advice."""
    flaky = {run.entry.id for run, _ in flaky_runs(window)}
    by_job: dict[str, list[StartedRun]] = {}
    for runs in window.attempts:
        for run, _ in rerun_pairs(runs):
            if run.entry.id not in flaky and run.entry.conclusion != "cancelled":
                by_job.setdefault(run.entry.job, []).append(run)
    for job, repeated in by_job.items():
        passed = sum(run.details.exit_status == 0 for run in repeated)
        known = f"; {passed} of them had passed" if passed else ""
        yield Finding(
            kind=KIND,
            place=job,
            action=f"Find out why {job_text(job)} is run again, and keep half of these runs from failing",
            evidence=f"{len(repeated)} of {count_text(len(window.by_job[job]), 'run')} were run again on the same "
            f"commit, and no flaky test explains it{known}",
            effort="a decision",
            seen="fewer runs and fewer grams stand under runs again",
            savings={run.entry.id: part(1.0, HALF_OF_IT) for run in repeated},
            jobs=frozenset({job}),
            lines=("gh run rerun --failed  # repeats only the jobs that failed",),
        )
