"""The runs of a window, by what kinds of advice look at."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.records.entry_details.run_details import CostlyFixture, RunDetails
from tests.core.advice.sample_runs import costly, run, window


def test_groups(bench: Any) -> None:
    """Runs of unknown work list no test; an unknown branch is of no pull request."""
    listed = RunDetails(tests=(costly(),), fixtures=(CostlyFixture("db", "module", 2, 4, 9.0),))
    entries = [
        run(bench, 1, ago_h=9.0, details=listed),
        run(bench, 2, ago_h=8.0, job="lint", branch=None, reference_j=None, details=listed),
        run(bench, 3, ago_h=7.0, branch="main", commit=f"{1:040x}"),
    ]
    runs = window(*entries)
    assert {job: [run.entry.id for run in own] for job, own in runs.by_job.items()} == {
        "tests": ["run-1", "run-3"], "lint": ["run-2"],
    }  # fmt: skip
    assert [[run.entry.id for run in own] for own in runs.attempts] == [["run-1"], ["run-2"], ["run-3"]]
    assert [runs.of_pull_request(run) for run in runs.runs] == [True, False, False]
    assert ([*runs.by_test], [*runs.by_fixture], [*runs.by_id]) == (
        ["tests/t.py::test_slow"], ["db"], ["run-1", "run-2", "run-3"],
    )  # fmt: skip
    assert len(runs.by_test["tests/t.py::test_slow"]) == 1


@pytest.mark.parametrize(
    ("listed_j", "hidden"),
    [((), 1.0), ((9.0,) * 5, 1.0), ((9.0, 5.0, 7.0, 8.0, 9.0, 9.0), 5.0)],
    ids=["none", "short", "full"],
)
def test_what_a_list_hides(bench: Any, listed_j: tuple[float, ...], hidden: float) -> None:
    """A full list of six hides what costs as much as its least; a shorter one 2 % of the run's 50 J."""
    tests = tuple(costly(joules=joules) for joules in listed_j)
    told = run(bench, 1, details=RunDetails(suite="a1", tests=tests))
    runs = window(told, run(bench, 2, details=RunDetails(tests=tests)), run(bench, 3))
    assert runs.hidden_test_j == {"run-1": pytest.approx(hidden)}
    assert runs.hidden_fixture_j == {"run-1": pytest.approx(1.0)}
    assert [own.entry.id for own in runs.told_by_job["tests"]] == ["run-1"]
