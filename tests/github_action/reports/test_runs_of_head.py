"""Which runs of a commit are waited for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from github_action.event.inputs import ActionInputs
from github_action.reports.runs_of_head import HeadRun, is_awaited


def _run(number: int, **more: object) -> HeadRun:
    run = HeadRun(number, True, True, False, 1, frozenset(), False)
    return replace(run, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("run", "workflow", "awaited"),
    [
        (_run(1, will_judge=True), "carbon.yml", True),
        (_run(1, will_judge=True, is_measuring_workflow=False), "carbon.yml", False),
        (_run(1, will_judge=True, is_measuring_workflow=False), "", True),
        (_run(1, will_judge=True, began_measuring=False), "carbon.yml", False),  # a new title: it never judges
        (_run(1), "carbon.yml", False),
    ],
)
def test_which_runs_are_waited_for(run: HeadRun, workflow: str, awaited: bool) -> None:
    """Only a run that is going to judge ends the waiting."""
    assert is_awaited(run, ActionInputs(measure_workflow=workflow)) == awaited
