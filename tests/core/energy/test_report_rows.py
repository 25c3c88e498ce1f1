"""The rows of a report, made from the attributed energy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.energy.attribution import attribute
from pytest_carbon.core.energy.reference_energy import SLOWER_BY_WAITING
from pytest_carbon.core.energy.report_rows import make_rows, own_reference_j, probes_of
from pytest_carbon.core.model import Attribution, EnergyWindow, Probe, Row, RowKind, Span, WorkerTrace

LAW = settings(max_examples=150, deadline=None)


def _test(nodeid: str, phase: str, at_s: float, cpu_s: float, *, length: float = 1.0, **info: object) -> Span:
    return Span("test", nodeid, phase, at_s, at_s + length, cpu_s, info or None)


def _probe(at_s: float, slowdown: float) -> Span:
    return Span("tool", "", "probe", at_s, at_s, slowdown / 1000)


def _rows(
    spans: Sequence[Span],
    outcomes: Mapping[str, Sequence[str]] | None = None,
    features: Mapping[str, Sequence[str]] | None = None,
    *,
    busy_s: float = 100.0,
    cpu_s: float = 0.0,
) -> tuple[list[Row], Attribution]:
    """Return the rows of one worker on a machine with 1 W of base power and 1 J per busy second, for 100 s."""
    trace = WorkerTrace("gw0", 0.0, 100.0, cpu_s, tuple(spans))
    attribution = attribute([EnergyWindow(0.0, 100.0, 100.0, busy_s, busy_s, 0.0)], [trace])
    return make_rows([trace], attribution, outcomes or {}, features or {}), attribution


def _tests(rows: Sequence[Row]) -> list[tuple[str, str, float]]:
    return [(r.nodeid, r.phase, r.cpu_s) for r in rows if r.kind == "test"]


def test_small_setup_and_teardown_count_in_the_call() -> None:
    """Phases below a millisecond of CPU time are merged into the call; longer phases have rows of their own."""
    spans = [
        _test("t.py::a", "setup", 0.0, 0.0005),
        _test("t.py::a", "call", 1.0, 0.5),
        _test("t.py::a", "teardown", 2.0, 0.25),
    ]
    rows, _ = _rows(spans)
    assert _tests(rows) == [("t.py::a", "call", 0.5005), ("t.py::a", "teardown", 0.25)]
    assert [r.wall_s for r in rows if r.kind == "test"] == [2.0, 1.0]
    assert [r.energy_j for r in rows if r.kind == "test"] == pytest.approx([2.5005, 1.25])


def test_speeds_of_a_row_are_those_of_its_main_phase() -> None:
    """A probe between a small setup and the call was before the call, and one before a small teardown after it."""
    spans = [
        _probe(0.5, 1.0),
        _test("t.py::a", "setup", 1.0, 0.0005),
        _probe(2.5, 2.0),
        _test("t.py::a", "call", 3.0, 0.5),
        _probe(4.5, 3.0),
        _test("t.py::a", "teardown", 5.0, 0.0005),
        _probe(6.5, 4.0),
    ]
    (row,) = [row for row in _rows(spans)[0] if row.kind == "test"]
    assert (row.speed_before, row.speed_after) == (2.0, 3.0)


def test_test_whose_setup_failed_has_a_setup_row() -> None:
    """A test whose call never ran has a row for its setup, with the outcome."""
    spans = [_test("t.py::a", "setup", 0.0, 0.5), _test("t.py::a", "teardown", 1.0, 0.0)]
    rows, _ = _rows(spans, {"t.py::a": ["error"]})
    assert [(r.phase, r.outcome, r.cpu_s) for r in rows if r.kind == "test"] == [("setup", "error", 0.5)]


@pytest.mark.parametrize("with_setup", [True, False], ids=["setup with a span", "setup merged into the call"])
def test_every_attempt_has_its_rows_and_outcome(with_setup: bool) -> None:
    """A rerun is another attempt with its own outcome, whether or not its setup has a span."""
    spans = []
    for at_s, cpu_s in ((0.0, 1.0), (10.0, 2.0)):
        if with_setup:
            spans.append(_test("t.py::a", "setup", at_s, 0.0))
        spans.append(_test("t.py::a", "call", at_s + 1, cpu_s))
    rows, _ = _rows(spans, {"t.py::a": ["rerun", "passed"]})
    assert [(r.cpu_s, r.outcome) for r in rows if r.kind == "test"] == [(1.0, "rerun"), (2.0, "passed")]


def test_test_without_an_outcome_has_passed() -> None:
    """A test that is missing from the outcomes has passed."""
    rows, _ = _rows([_test("t.py::a", "call", 0.0, 1.0), _test("t.py::b", "call", 1.0, 1.0)], {"t.py::b": ["failed"]})
    assert [r.outcome for r in rows if r.kind == "test"] == ["passed", "failed"]


def test_session_fixture_is_shared_by_its_users() -> None:
    """Two equal tests have equal rows although the first one set the fixture up; both get an equal share of it."""
    info = {"scope": "session", "instance": "gw0:1"}
    spans = [
        Span("fixture", "db", "setup", 0.25, 8.25, 6.0, info),
        Span("test", "t.py::a", "call", 0.0, 10.0, 7.0, {"uses": ["gw0:1"]}),
        _test("t.py::b", "call", 10.0, 1.0, length=2.0, uses=["gw0:1"]),
        Span("fixture", "db", "teardown", 12.0, 14.0, 0.0, info),
        _test("t.py::c", "call", 14.0, 1.0, length=2.0),
    ]
    rows, _ = _rows(spans)
    tests = {r.nodeid: (r.energy_j, r.amortised_j) for r in rows if r.kind == "test"}
    assert tests == {"t.py::a": (3.0, 11.0), "t.py::b": (3.0, 11.0), "t.py::c": (3.0, None)}
    fixtures = [(r.phase, r.energy_j, r.scope, r.users) for r in rows if r.kind == "fixture"]
    assert fixtures == [("setup", 14.0, "session", 2), ("teardown", 2.0, "session", 2)]


def test_each_instance_of_a_fixture_is_shared_by_its_own_users() -> None:
    """A fixture that is set up twice has two instances, and each test pays for the instance that it used."""
    spans = []
    for number, nodeid in ((1, "t.py::a"), (2, "t.py::b")):
        at_s, instance = 20.0 * number, f"gw0:{number}"
        spans.append(
            Span("fixture", "db", "setup", at_s, at_s + number, 0.0, {"scope": "module", "instance": instance})
        )
        spans.append(_test(nodeid, "call", at_s + 5, 0.0, uses=[instance]))
    rows, _ = _rows(spans)
    assert [(r.energy_j, r.amortised_j) for r in rows if r.kind == "test"] == [(1.0, 2.0), (1.0, 3.0)]
    assert [r.users for r in rows if r.kind == "fixture"] == [1, 1]


def test_feature_of_the_marker_wins_over_paths() -> None:
    """The feature comes from the marker, else from the most specific glob; a test may have no feature."""
    spans = [
        _test("tests/pay/t.py::a", "setup", 0.0, 0.0, feature="search"),
        _test("tests/pay/t.py::a", "call", 1.0, 1.0),
        _test("tests/pay/t.py::b", "call", 2.0, 1.0),
        _test("docs/t.py::c", "call", 3.0, 1.0),
    ]
    rows, _ = _rows(spans, features={"checkout": ["tests/pay/**"]})
    assert [r.feature for r in rows if r.kind == "test"] == ["search", "checkout", None]


def test_collection_overhead_tool_background_and_idle_have_rows() -> None:
    """Collection, pytest's own work, the tool, other processes and idle time have one row each."""
    spans = [
        Span("collection", "", "collect", 0.0, 2.0, 2.0),
        _probe(2.0, 1.0),
        _test("t.py::a", "call", 10.0, 1.0),
    ]
    rows, attribution = _rows(spans, busy_s=50.0, cpu_s=2.0 + 0.001 + 1.0 + 4.0)
    kinds = [(r.kind, r.phase, r.cpu_s) for r in rows]
    assert kinds == [
        ("collection", "collect", 2.0),
        ("test", "call", 1.0),
        ("collection", "session", pytest.approx(4.0)),
        ("tool", "", pytest.approx(0.001)),
        ("background", "", pytest.approx(50.0 - 7.001)),
        ("idle", "", 0.0),
    ]
    assert sum(r.energy_j or 0.0 for r in rows) == pytest.approx(150.0)
    assert attribution.total_j == 150.0


def test_command_has_a_row_and_the_process_that_waits_for_it_is_tool() -> None:
    """The row of a command has its outcome and feature; the CPU time of our waiting process is tool."""
    command = Span("command", "make", "", 0.0, 100.0, 10.0, {"feature": "build"})
    rows, _ = _rows([command], {"make": ["failed"]}, busy_s=20.0, cpu_s=12.0)
    assert [(r.kind, r.cpu_s, r.outcome, r.feature) for r in rows[:2]] == [
        ("command", 10.0, "failed", "build"),
        ("tool", 2.0, None, None),
    ]


def test_reference_energy_is_corrected_by_the_probes_around() -> None:
    """The slowdown of the nearest probes corrects the CPU seconds of a row, and stands in the row."""
    spans = [
        _probe(0.0, 2.0**20),
        _test("t.py::a", "call", 1.0, 32768.0),
        _probe(2.0, 2.0**20),
        _test("t.py::b", "call", 3.0, 2.0),
        _probe(4.0, 1.0),
    ]
    rows, _ = _rows(spans)
    assert rows[0].reference_j == pytest.approx(2.045)
    assert (rows[0].speed_before, rows[0].speed_after) == (2.0**20, 2.0**20)
    assert (rows[1].speed_before, rows[1].speed_after) == (2.0**20, 1.0)


def test_probes_are_read_from_the_spans() -> None:
    """A probe's slowdown is its CPU time divided by a millisecond; a probe without CPU time is left out."""
    trace = WorkerTrace("gw1", 0.0, 9.0, 1.0, (_probe(1.0, 1.5), _probe(2.0, 0.0), _test("a", "call", 3.0, 1.0)))
    assert probes_of([trace]) == [Probe(1.0, 1.5, "gw1")]


def test_waiting_is_a_part_of_the_slowdown() -> None:
    """A thread that waits as long as it runs finds its caches filled by others; without the kernel's word, nothing."""
    spans = [
        Span("tool", "", "probe", at_s, at_s, 0.0009, {"walking_s": 0.0003, **waiting})
        for at_s, waiting in ((1.0, {"waiting": 1.0}), (2.0, {}))
    ]
    assert probes_of([WorkerTrace("", 0.0, 9.0, 1.0, tuple(spans))]) == [
        Probe(1.0, pytest.approx(2 * (1 + SLOWER_BY_WAITING)), "", pytest.approx(1.5), 1.0),
        Probe(2.0, pytest.approx(2.0), "", pytest.approx(1.5), None),
    ]


def test_worker_on_another_machine_has_only_reference_energy() -> None:
    """The energy of a worker on another machine is unknown, not zero; its reference energy is known."""
    trace = WorkerTrace("far", 0.0, 9.0, 5.0, (_test("t.py::a", "call", 0.0, 2.0),), same_machine=False)
    attribution = attribute([EnergyWindow(0.0, 1.0, 1.0, 1.0, 1.0, 0.0)], [])
    (row, *rest) = make_rows([trace], attribution, {}, {})
    assert (row.kind, row.energy_j, row.reference_j, row.worker) == ("test", None, 4.09, "far")
    assert [r.kind for r in rest] == ["tool", "background", "idle"]


def test_without_a_measurement_energy_is_unknown() -> None:
    """Without an attribution every row's energy is None, and there are no rows of the rest of the machine."""
    trace = WorkerTrace("", 0.0, 9.0, 5.0, (_test("t.py::a", "call", 0.0, 2.0),))
    rows = make_rows([trace], None, {}, {})
    assert [(r.kind, r.energy_j, r.reference_j) for r in rows] == [("test", None, 4.09)]


def test_own_reference_energy_excludes_the_rest_of_the_machine() -> None:
    """The run's own reference energy is the sum of tests, fixtures, collection and commands."""
    kinds: tuple[RowKind, ...] = ("test", "fixture", "collection", "command", "background", "idle", "tool")
    assert own_reference_j([Row(kind, 1.0, 1.0, 1.0, 2.0) for kind in kinds]) == 8.0


SECONDS = st.one_of(st.just(0.0), st.floats(0.01, 200.0))
SPANS = st.lists(
    st.tuples(
        st.sampled_from(["test", "fixture", "collection", "tool"]),
        st.sampled_from("abc"),
        st.sampled_from(["setup", "call", "teardown"]),
        st.one_of(st.just(0.0), st.floats(1e-4, 2.0)),
    ),
    max_size=14,
)


@LAW
@given(SPANS, SECONDS, SECONDS, st.booleans())
def test_rows_sum_to_the_measured_total(
    parts: list[tuple[str, str, str, float]], busy_s: float, cpu_s: float, used: bool
) -> None:
    """Rows sum to the run's total, and the shares of a fixture sum to its energy."""
    made = any(kind == "fixture" for kind, *_ in parts)
    info: dict[str, dict[str, Any]] = {
        "test": {"uses": ["gw0:0"] if used and made else []},
        "fixture": {"scope": "module", "instance": "gw0:0"},
    }
    spans = [
        Span(kind, name, phase, float(at), at + 1.0, cpu, info.get(kind))
        for at, (kind, name, phase, cpu) in enumerate(parts)
    ]
    rows, attribution = _rows(spans, busy_s=busy_s, cpu_s=cpu_s)
    assert sum(r.energy_j or 0.0 for r in rows) == pytest.approx(attribution.total_j, rel=1e-6)
    assert min(min(r.energy_j or 0.0, r.cpu_s, r.wall_s, r.reference_j) for r in rows) >= 0.0
    fixtures_j = sum(r.energy_j or 0.0 for r in rows if r.kind == "fixture" and r.users)
    moved_j = sum(r.amortised_j - (r.energy_j or 0.0) for r in rows if r.amortised_j is not None)
    assert moved_j == pytest.approx(fixtures_j, rel=1e-6, abs=1e-9)


@LAW
@given(SPANS, st.floats(0.0, 1000.0))
def test_other_processes_change_no_reference_energy(parts: list[tuple[str, str, str, float]], busy_s: float) -> None:
    """Reference energy of the run's own rows does not depend on the busy seconds of other processes."""
    spans = [Span(k, n, p, float(at), at + 1.0, cpu) for at, (k, n, p, cpu) in enumerate(parts)]
    own = [
        [(r.kind, r.nodeid, r.phase, r.reference_j) for r in _rows(spans, busy_s=busy)[0] if r.kind != "background"]
        for busy in (0.0, busy_s)
    ]
    assert own[0] == own[1]
