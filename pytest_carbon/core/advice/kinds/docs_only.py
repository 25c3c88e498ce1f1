"""Jobs that run for changes of the documentation alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pytest_carbon.core.advice.finding import ALL_OF_IT, Finding, job_text
from pytest_carbon.core.advice.settled_shares import PastAdvice, cost_of_runs_fell
from pytest_carbon.core.advice.window_runs import WindowRuns
from pytest_carbon.core.verdict.wording import count_text

KIND = "docs"
LINES = (
    "on:",
    "  pull_request:",
    '    paths-ignore: ["docs/**", "*.md", "*.rst"]',
    "# if a rule requires this check, skip its job by `if` instead: a required check that does not start blocks",
)


def find(window: WindowRuns) -> Iterator[Finding]:
    """Find each job that ran for changes which are known to touch nothing but documentation."""
    for job, runs in window.by_job.items():
        known = [run for run in runs if run.details.docs_only is not None]
        docs = [run for run in known if run.details.docs_only]
        if docs:
            yield Finding(
                kind=KIND,
                place=job,
                action=f"Do not run {job_text(job)} for changes of the documentation alone",
                evidence=f"{len(docs)} of {count_text(len(known), 'run')} were of changes that touch nothing but "
                "documentation",
                effort="a line",
                seen="such changes have no run of the job",
                savings={run.entry.id: ALL_OF_IT for run in docs},
                jobs=frozenset({job}),
                lines=LINES,
            )


def followed(past: PastAdvice) -> Mapping[str, float] | None:
    """Return what share of each run was saved, if the changes of later runs are known."""
    known = any(run.details.docs_only is not None for run in past.after.runs)
    return cost_of_runs_fell(past) if known else None
