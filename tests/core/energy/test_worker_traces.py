"""What workers sent and what became of each test."""

from __future__ import annotations

import pytest

from pytest_carbon.core.energy.worker_traces import WorkerTraces
from pytest_carbon.core.model import Span, WorkerTrace


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        pytest.param([("call", "failed")], ["failed"], id="only the failure is told"),
        pytest.param([("setup", "passed"), ("call", "failed"), ("teardown", "passed")], ["failed"], id="failed"),
        pytest.param([("setup", "passed"), ("call", "passed"), ("teardown", "error")], ["error"], id="teardown error"),
        pytest.param([("call", "failed"), ("teardown", "error")], ["error"], id="failed, then error"),
        pytest.param([("setup", "error"), ("teardown", "passed")], ["error"], id="setup error"),
        pytest.param([("setup", "skipped"), ("teardown", "passed")], ["skipped"], id="skipped"),
        pytest.param([("call", "xfailed"), ("teardown", "passed")], ["xfailed"], id="expected failure"),
        pytest.param([("call", "xpassed"), ("teardown", "passed")], ["xpassed"], id="unexpected pass"),
        pytest.param(
            [("call", "rerun"), ("teardown", "passed"), ("setup", "passed"), ("call", "passed")],
            ["rerun", "passed"],
            id="rerun that passed",
        ),
        pytest.param(
            [("setup", "rerun"), ("setup", "passed"), ("call", "rerun"), ("setup", "passed"), ("call", "failed")],
            ["rerun", "rerun", "failed"],
            id="two reruns that failed",
        ),
        pytest.param([(None, "failed")], ["failed"], id="a phase that has no name"),
    ],
)
def test_outcome_is_the_worst_of_an_attempt(told: list[tuple[str | None, str]], expected: list[str]) -> None:
    """The worst phase decides an attempt, and each setup begins one."""
    gathered = WorkerTraces()
    for phase, outcome in told:
        gathered.note_outcome("t.py::a", phase, outcome)
    assert gathered.outcomes() == {"t.py::a": expected}


def test_worker_hands_over_bit_by_bit() -> None:
    """Spans add up; the end and the CPU seconds are those of the last message."""
    gathered = WorkerTraces()
    gathered.add_spans("gw0", ["boot", 1.0, 2.0, 0.5, [("test", "a", "call", 1.0, 2.0, 0.5, None)]])
    gathered.add_spans("gw0", ["boot", 1.0, 9.0, 3.5, []])
    assert gathered.traces("boot") == [
        WorkerTrace("gw0", 1.0, 9.0, 3.5, (Span("test", "a", "call", 1.0, 2.0, 0.5, None),))
    ]
    assert gathered.gaps() == []


def test_workers_come_in_order_of_their_names() -> None:
    """The order in which workers answered does not show in the report."""
    gathered = WorkerTraces()
    for name in ("gw1", "gw0"):
        gathered.add_spans(name, ["boot", 0.0, 1.0, 0.0, []])
    assert [t.worker for t in gathered.traces("boot")] == ["gw0", "gw1"]


def test_worker_of_another_boot_is_away() -> None:
    """A worker whose clock is another machine's is marked, and a gap says what that means."""
    gathered = WorkerTraces()
    gathered.add_spans("far", ["other", 0.0, 1.0, 0.0, []])
    gathered.add_spans("near", ["boot", 0.0, 1.0, 0.0, []])
    assert {t.worker: t.same_machine for t in gathered.traces("boot")} == {"far": False, "near": True}
    assert gathered.gaps() == [
        "worker far ran on another machine: its tests' energy is not known here, only their reference energy"
    ]


def test_crash_is_told() -> None:
    """A worker that crashed leaves a gap that says where its last work is counted."""
    gathered = WorkerTraces()
    gathered.note_crash("gw3")
    assert gathered.gaps() == ["worker gw3 crashed: what it did after its last finished test is counted as background"]
    assert gathered.traces("boot") == []
