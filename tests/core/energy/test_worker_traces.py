"""The spans that workers sent, and the outcomes of the tests."""

from __future__ import annotations

import pytest

from pytest_carbon.core.energy.worker_traces import WorkerTraces
from pytest_carbon.core.model import Span, WorkerTrace


@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        pytest.param([("call", "failed")], ["failed"], id="only the failure is noted"),
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
        pytest.param([(None, "failed")], ["failed"], id="a phase without a name"),
    ],
)
def test_outcome_is_the_worst_of_an_attempt(phases: list[tuple[str | None, str]], expected: list[str]) -> None:
    """The outcome of an attempt is that of its worst phase, and each setup begins an attempt."""
    traces = WorkerTraces()
    for phase, outcome in phases:
        traces.note_outcome("t.py::a", phase, outcome)
    assert traces.outcomes() == {"t.py::a": expected}


def test_spans_of_several_messages_add_up() -> None:
    """The spans of all messages are kept; the end and the CPU seconds are those of the last message."""
    traces = WorkerTraces()
    traces.add_spans("gw0", ["boot", 1.0, 2.0, 0.5, [("test", "a", "call", 1.0, 2.0, 0.5, None)]])
    traces.add_spans("gw0", ["boot", 1.0, 9.0, 3.5, []])
    assert traces.traces("boot") == [
        WorkerTrace("gw0", 1.0, 9.0, 3.5, (Span("test", "a", "call", 1.0, 2.0, 0.5, None),))
    ]
    assert traces.gaps() == []


def test_counts_of_several_messages_add_up() -> None:
    """A worker with a counter of instructions sends its new readings, too."""
    traces = WorkerTraces()
    traces.add_spans("gw0", ["boot", 1.0, 2.0, 0.5, [], [(1.0, 0, 0, 0), (2.0, 70, 9, 9)]])
    traces.add_spans("gw0", ["boot", 1.0, 9.0, 3.5, [], [(3.0, 90, 12, 12)]])
    (trace,) = traces.traces("boot")
    assert trace.counts == ((1.0, 0, 0, 0), (2.0, 70, 9, 9), (3.0, 90, 12, 12))


def test_workers_come_in_order_of_their_names() -> None:
    """Traces are sorted by the names of the workers, whichever sent first."""
    traces = WorkerTraces()
    for name in ("gw1", "gw0"):
        traces.add_spans(name, ["boot", 0.0, 1.0, 0.0, []])
    assert [t.worker for t in traces.traces("boot")] == ["gw0", "gw1"]


def test_worker_with_another_boot_id_is_marked() -> None:
    """A worker of another machine is marked, and a gap says that its energy is unknown."""
    traces = WorkerTraces()
    traces.add_spans("far", ["other", 0.0, 1.0, 0.0, []])
    traces.add_spans("near", ["boot", 0.0, 1.0, 0.0, []])
    assert {t.worker: t.same_machine for t in traces.traces("boot")} == {"far": False, "near": True}
    assert traces.gaps() == [
        "worker far ran on another machine: the energy of its tests is unknown, only their reference energy is known"
    ]


def test_crash_is_a_gap() -> None:
    """A crashed worker leaves a gap, which says where its last work is counted."""
    traces = WorkerTraces()
    traces.note_crash("gw3")
    assert traces.gaps() == ["worker gw3 crashed: its work after its last finished test is counted as background"]
    assert traces.traces("boot") == []
