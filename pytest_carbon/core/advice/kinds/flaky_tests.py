"""Tests that fail and then pass on the same commit, so that a whole job is run again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_carbon.core.advice.finding import Finding, part
from pytest_carbon.core.advice.settled_shares import PastAdvice, cost_of_runs_fell
from pytest_carbon.core.advice.window_runs import StartedRun, WindowRuns
from pytest_carbon.core.model import Range
from pytest_carbon.core.records.entry_details.run_details import MOST_FAILED
from pytest_carbon.core.verdict.wording import TEST_CELLS, count_text, shorten

KIND = "flaky"
LINES = ("pytest --reruns 1  # pytest-rerunfailures repeats the test, not the job",)


@dataclass(slots=True)
class _Flaky:
    savings: dict[str, Range] = field(default_factory=dict)
    jobs: set[str] = field(default_factory=set)


def find(window: WindowRuns) -> Iterator[Finding]:
    """Find each test that failed in a run that was run again, and passed there.

    Each of several such tests has an equal part of the run; it saves nothing alone if the others still fail.
    """
    by_test: dict[str, _Flaky] = {}
    for run, tests in flaky_runs(window):
        for nodeid in tests:
            flaky = by_test.setdefault(nodeid, _Flaky())
            share = 1 / len(tests)
            flaky.savings[run.entry.id] = part(1.0, Range(share, share if len(tests) == 1 else 0.0, share))
            flaky.jobs.add(run.entry.job)
    for nodeid, flaky in by_test.items():
        yield Finding(
            kind=KIND,
            place=nodeid,
            action=f"Repair the flaky test {shorten(nodeid, TEST_CELLS)}, or repeat it alone",
            evidence=f"it failed and then passed on the same commit in {count_text(len(flaky.savings), 'run')}, and "
            "each time the whole job ran again",
            effort="a file",
            seen="fewer runs and fewer grams stand under runs again",
            savings=flaky.savings,
            jobs=frozenset(flaky.jobs),
            lines=LINES,
        )


def flaky_runs(window: WindowRuns) -> Iterator[tuple[StartedRun, Sequence[str]]]:
    """Yield the runs that failed only by tests which passed in the next attempt, each with those tests."""
    for runs in window.attempts:
        for run, later in rerun_pairs(runs):
            if tests := _flaky(run, later):
                yield run, tests


def rerun_pairs(runs: Iterable[StartedRun]) -> Iterator[tuple[StartedRun, StartedRun]]:
    """Yield each run that a later attempt repeated, with that attempt."""
    latest: StartedRun | None = None
    for run in runs:
        if latest is not None and run.entry.attempt > latest.entry.attempt:
            yield latest, run
        latest = run


def _flaky(run: StartedRun, later: StartedRun) -> tuple[str, ...]:
    before, after = run.details, later.details
    if None in (before.exit_status, after.exit_status) or MOST_FAILED in (len(before.failed), len(after.failed)):
        return ()
    if before.suite != after.suite:
        return ()
    passed = {test.nodeid for test in before.failed} - {test.nodeid for test in after.failed}
    return tuple(sorted(passed)) if len(passed) == len(before.failed) else ()


def followed(past: PastAdvice) -> Mapping[str, float] | None:
    """Return what share of each run was saved, if the failures of enough later runs are known."""
    known = any(run.details.exit_status is not None for run in past.after.runs)
    return cost_of_runs_fell(past) if known else None
