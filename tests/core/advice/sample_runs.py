"""Runs of a window, made by hand, that the tests of advice share."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from pytest_carbon.core.advice.window_runs import StartedRun, WindowRuns
from pytest_carbon.core.records.entry_details.run_details import CostlyTest, FailedTest, RunDetails
from pytest_carbon.core.records.ledger_records import Entry, parse_time

PASSED = RunDetails(exit_status=0, suite="a1")
HOSTILE = "x | <!-- @org/team #1 `a\x1b[31m\n::error::"


def failed(*nodeids: str, feature: str | None = "checkout") -> RunDetails:
    """Return the details of a run in which these tests failed."""
    return replace(PASSED, exit_status=1, failed=tuple(FailedTest(nodeid, feature) for nodeid in nodeids))


def run(bench: Any, number: int, *, ago_h: float = 24.0, **changes: Any) -> Entry:
    """Return a run of the job "tests" for pull request 7: 10 g in 600 s; its commit is its number."""
    own = {"job": "tests", "pr": 7, "branch": "topic", "commit": f"{number:040x}", "wall_s": 600.0,
           "operational_g": 9.0, "embodied_g": 1.0, "emissions_low_g": 8.0, "emissions_high_g": 15.0}  # fmt: skip
    entry: Entry = bench.entry(number, ago=timedelta(hours=ago_h), **{**own, **changes})
    return entry


def window(*entries: Entry, labels_pay: frozenset[str] = frozenset()) -> WindowRuns:
    """Return the runs of a window, oldest first, of a repository whose default branch is main."""
    runs = [StartedRun(parse_time(entry.started), entry) for entry in entries]
    return WindowRuns(sorted(runs, key=lambda run: (run.at, run.entry.id)), "main", labels_pay)


def costly(nodeid: str = "tests/t.py::test_slow", joules: float = 20.0, code: str = "c0de") -> CostlyTest:
    """Return a test that takes 40 % of a run."""
    return CostlyTest(nodeid, "checkout", joules, code)
