"""Which runs of a commit are asked for reports, in which order, and which are waited for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_action.event.inputs import ActionInputs
from github_action.reports.find_pull_request import Subject
from github_action.reports.pull_request import PullRequest
from github_action.reports.runs_of_head import HeadRun, is_awaited, runs_to_ask

OURS, FORK = 1, 2


def _run(number: int, *pulls: int, **more: object) -> HeadRun:
    run = HeadRun(number, True, True, False, OURS, frozenset(pulls), False)
    return replace(run, **more)  # type: ignore[arg-type]


def _subject(number: int, repository: int = OURS) -> Subject:
    pull = PullRequest(number, "ann", (), "a" * 40, "topic", "o/r", repository, "b" * 40, "main", from_fork=False)
    return Subject("a" * 40, "b" * 40, "topic", (pull,), None)


@pytest.mark.parametrize(
    ("runs", "asked"),
    [
        ([_run(3), _run(2), _run(1)], [3, 2, 1]),
        ([_run(3, 10, 11), _run(2, 10, 11)], [3, 2]),
        ([_run(3, 11), _run(2, 10)], [2, 3]),  # GitHub names one of them for the other
        ([_run(3, 10, 11), _run(2, 10)], [2, 3]),
        ([_run(3, 11), _run(2, 99)], [2, 3]),  # 99 does not share the commit any more
        ([_run(3, will_judge=True), _run(2, cancelled=True), _run(1)], [1]),
        ([_run(3, head_repository_id=FORK), _run(2)], [2]),
        ([_run(n) for n in range(30, 0, -1)], list(range(30, 20, -1))),
    ],
)
def test_order_of_the_runs(runs: list[HeadRun], asked: list[int]) -> None:
    """Own runs first, those of the other last, the newest of equals; none of another repository, none unfinished."""
    assert [run.id for run in runs_to_ask(runs, _subject(10), frozenset({10, 11}))] == asked


@pytest.mark.parametrize(
    ("run", "workflow", "awaited"),
    [
        (_run(1, will_judge=True), "carbon.yml", True),
        (_run(1, will_judge=True, is_measuring_workflow=False), "carbon.yml", False),
        (_run(1, will_judge=True, is_measuring_workflow=False), "", True),
        (_run(1), "carbon.yml", False),
    ],
)
def test_which_runs_are_waited_for(run: HeadRun, workflow: str, awaited: bool) -> None:
    """Only a run that is going to judge ends the waiting."""
    assert is_awaited(run, ActionInputs(measure_workflow=workflow)) == awaited
