"""Runs of pull requests that go on although a newer commit has begun: two lines of the workflow cancel them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from pytest_carbon.core.advice.finding import Finding, job_text, mean_minutes, part
from pytest_carbon.core.advice.window_runs import StartedRun, WindowRuns
from pytest_carbon.core.verdict.wording import count_text

KIND = "superseded"
LEAST_REST = timedelta(seconds=60)
"""What goes on for less is about to be cancelled: that takes some seconds."""
LINES = (
    "concurrency:",
    "  group: ${{ github.workflow }}-${{ github.event.pull_request.number || github.sha }}",
    "  cancel-in-progress: true",
)


def find(window: WindowRuns) -> Iterator[Finding]:
    """Find each job whose runs of pull requests went on after a run of a newer commit had begun.

    What could be saved of a run is the time from then on, as a share of its duration.
    """
    for job, runs in window.by_job.items():
        ends = superseded_from(runs, window)
        if not ends:
            continue
        rest_s = {
            run.entry.id: (_end(run) - ends[run.entry.id]).total_seconds() for run in runs if run.entry.id in ends
        }
        pulls = sum(window.of_pull_request(run) for run in runs)
        yield Finding(
            kind=KIND,
            place=job,
            action=f"Cancel the runs of {job_text(job)} that a newer commit of their pull request supersedes",
            evidence=f"{len(ends)} of {count_text(pulls, 'run')} of pull requests went on for "
            f"{mean_minutes(sum(rest_s.values()) / len(ends))} on average after a run of a newer commit had begun",
            effort="a line",
            seen="these runs end as cancelled soon after the newer commit, and fewer grams stand under superseded runs",
            savings={
                run.entry.id: part(rest_s[run.entry.id] / (run.entry.wall_s or 1.0))
                for run in runs
                if run.entry.id in rest_s
            },
            jobs=frozenset({job}),
            lines=LINES,
        )


def superseded_from(runs: Sequence[StartedRun], window: WindowRuns) -> dict[str, datetime]:
    """Return when a run of a newer commit of the same pull request began, for each run of a job that went on then."""
    running: dict[int, list[StartedRun]] = {}
    ends: dict[str, datetime] = {}
    for run in runs:
        pr = run.entry.pr
        if pr is None or not run.entry.wall_s or not window.of_pull_request(run):
            continue
        if run.entry.attempt == 1 and any(older.entry.commit != run.entry.commit for older in running.get(pr, ())):
            ends |= {older.entry.id: run.at for older in running.pop(pr) if _end(older) > run.at + LEAST_REST}
        running.setdefault(pr, []).append(run)
    return ends


def _end(run: StartedRun) -> datetime:
    return run.at + timedelta(seconds=run.entry.wall_s or 0.0)
