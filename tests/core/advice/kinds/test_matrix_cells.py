"""Cells of a matrix that never said anything else than another cell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from pytest_carbon.core.advice.kinds.matrix_cells import LEAST_COMMITS, find, followed
from pytest_carbon.core.advice.settled_shares import PastAdvice
from pytest_carbon.core.records.entry_details.run_details import RunDetails
from tests.core.advice.sample_runs import PASSED, failed, run, window


def _cells(bench: Any, other: dict[int, RunDetails | None], commits: int = LEAST_COMMITS, **changes: Any) -> list[Any]:
    """Return runs of two jobs on the same commits; in the third both fail. ``other`` changes those of py312."""
    details = {2: failed("t.py::test_a")}
    entries = []
    for n in range(commits):
        own = {"commit": f"{n:040x}", "ago_h": 100.0 - n}
        entries.append(run(bench, n, job="py313", details=details.get(n, PASSED), **own))
        entries.append(run(bench, 100 + n, job="py312", details=other.get(n, details.get(n, PASSED)), **own, **changes))
    return [*entries, run(bench, 99, job="py313", details=PASSED)]


def test_a_cell_that_never_differed(bench: Any) -> None:
    """The cell with more commits stays; of the other, the runs of pull requests could be saved."""
    (finding,) = find(window(*_cells(bench, {})))
    assert finding.action == "Run job py312 on the default branch only"
    assert finding.evidence == (
        "it ran the same tests as job py313 on 10 commits and never had another outcome; 1 of them failed, in the same "
        "tests"
    )
    assert finding.seen == "the job has no runs of pull requests; it had 10"
    assert set(finding.savings) == {f"run-{100 + n}" for n in range(10)}


@pytest.mark.parametrize(
    "entries",
    [
        lambda bench: _cells(bench, {4: failed("t.py::test_b")}),
        lambda bench: _cells(bench, {2: failed("t.py::test_b")}),
        lambda bench: _cells(bench, {4: None}),
        lambda bench: _cells(bench, {}, LEAST_COMMITS - 1),
        lambda bench: _cells(bench, {n: replace(PASSED, suite="b2") for n in range(LEAST_COMMITS)}),
        lambda bench: _cells(bench, {}, branch="main"),
        lambda bench: _cells(bench, {n: replace(PASSED, suite="b2") for n in range(10, 30)}, 30),
    ],
    ids=[
        "once failed alone",
        "another test failed",
        "once unknown",
        "few commits",
        "other tests",
        "no pull request",
        "mostly other tests",
    ],
)
def test_a_cell_that_stays(bench: Any, entries: Any) -> None:
    """A cell that says something of its own, or of which too little is known, is no advice."""
    assert not list(find(window(*entries(bench))))


def test_two_cells_never_stand_for_each_other(bench: Any) -> None:
    """Of three equal cells two could be left out, never all."""
    more = [replace(entry, id=f"{entry.id}-b", job="py311") for entry in _cells(bench, {}) if entry.job == "py312"]
    assert sorted(finding.place for finding in find(window(*_cells(bench, {}), *more))) == ["py311", "py312"]


def test_settled(bench: Any) -> None:
    """The cell has no more runs of pull requests: each run of the other would have cost as much again."""
    before = window(*_cells(bench, {}))
    (finding,) = find(before)
    main = run(bench, 500, job="py312", branch="main", details=PASSED)
    staying = [run(bench, n, job="py313", operational_g=4.0, details=PASSED) for n in range(LEAST_COMMITS)]
    assert followed(PastAdvice(finding, before, window(*staying, main), None)) == {
        f"run-{n}": 2.0 for n in range(LEAST_COMMITS)
    }
    for after in (staying, [*staying[:3], main], [*staying, main, run(bench, 501, job="py312", details=PASSED)]):
        assert followed(PastAdvice(finding, before, window(*after), None)) is None
