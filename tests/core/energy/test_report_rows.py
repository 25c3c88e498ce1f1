"""From the attribution to the rows of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.energy.attribution import attribute
from pytest_carbon.core.energy.report_rows import make_rows, own_reference_j, probes_of
from pytest_carbon.core.model import Attribution, EnergyWindow, Probe, Row, RowKind, Span, WorkerTrace

LAW = settings(max_examples=150, deadline=None)


def _test(nodeid: str, phase: str, at_s: float, cpu_s: float, *, length: float = 1.0, **info: object) -> Span:
    return Span("test", nodeid, phase, at_s, at_s + length, cpu_s, info or None)


def _probe(at_s: float, slowdown: float) -> Span:
    return Span("tool", "", "probe", at_s, at_s, slowdown / 1000)


def _made(
    spans: Sequence[Span],
    outcomes: Mapping[str, Sequence[str]] | None = None,
    features: Mapping[str, Sequence[str]] | None = None,
    *,
    busy_s: float = 100.0,
    cpu_s: float = 0.0,
) -> tuple[list[Row], Attribution]:
    """Rows of one worker on a machine of 1 W base and 1 J a busy second, for 100 s."""
    trace = WorkerTrace("gw0", 0.0, 100.0, cpu_s, tuple(spans))
    found = attribute([EnergyWindow(0.0, 100.0, 100.0, busy_s, busy_s, 0.0)], [trace])
    return make_rows([trace], found, outcomes or {}, features or {}), found


def _tests(rows: Sequence[Row]) -> list[tuple[str, str, float]]:
    return [(r.nodeid, r.phase, r.cpu_s) for r in rows if r.kind == "test"]


def test_small_setup_and_teardown_count_in_the_call() -> None:
    """Phases below a millisecond of CPU are folded into the call; larger ones have rows."""
    spans = [
        _test("t.py::a", "setup", 0.0, 0.0005),
        _test("t.py::a", "call", 1.0, 0.5),
        _test("t.py::a", "teardown", 2.0, 0.25),
    ]
    rows, _ = _made(spans)
    assert _tests(rows) == [("t.py::a", "call", 0.5005), ("t.py::a", "teardown", 0.25)]
    assert [r.wall_s for r in rows if r.kind == "test"] == [2.0, 1.0]
    assert [r.energy_j for r in rows if r.kind == "test"] == pytest.approx([2.5005, 1.25])


def test_test_that_never_ran_keeps_its_setup() -> None:
    """A test whose setup failed has a row for the setup, with the outcome."""
    spans = [_test("t.py::a", "setup", 0.0, 0.5), _test("t.py::a", "teardown", 1.0, 0.0)]
    rows, _ = _made(spans, {"t.py::a": ["error"]})
    assert [(r.phase, r.outcome, r.cpu_s) for r in rows if r.kind == "test"] == [("setup", "error", 0.5)]


@pytest.mark.parametrize("with_setup", [True, False], ids=["setup of its own", "setup folded into the call"])
def test_every_attempt_has_its_rows_and_outcome(with_setup: bool) -> None:
    """A rerun is another attempt, with another outcome, whether or not its setup was large."""
    spans = []
    for at_s, cpu_s in ((0.0, 1.0), (10.0, 2.0)):
        if with_setup:
            spans.append(_test("t.py::a", "setup", at_s, 0.0))
        spans.append(_test("t.py::a", "call", at_s + 1, cpu_s))
    rows, _ = _made(spans, {"t.py::a": ["rerun", "passed"]})
    assert [(r.cpu_s, r.outcome) for r in rows if r.kind == "test"] == [(1.0, "rerun"), (2.0, "passed")]


def test_test_nobody_told_of_has_passed() -> None:
    """Outcomes need to name only the tests that did more than pass."""
    rows, _ = _made([_test("t.py::a", "call", 0.0, 1.0), _test("t.py::b", "call", 1.0, 1.0)], {"t.py::b": ["failed"]})
    assert [r.outcome for r in rows if r.kind == "test"] == ["passed", "failed"]


def test_session_fixture_is_shared_and_not_billed_to_its_first_user() -> None:
    """Two equal tests cost the same though the first one's setup made the fixture; both amortise it equally."""
    life = {"scope": "session", "life": "gw0:1"}
    spans = [
        Span("fixture", "db", "setup", 0.25, 8.25, 6.0, life),
        Span("test", "t.py::a", "call", 0.0, 10.0, 7.0, {"uses": ["gw0:1"]}),
        _test("t.py::b", "call", 10.0, 1.0, length=2.0, uses=["gw0:1"]),
        Span("fixture", "db", "teardown", 12.0, 14.0, 0.0, life),
        _test("t.py::c", "call", 14.0, 1.0, length=2.0),
    ]
    rows, _ = _made(spans)
    tests = {r.nodeid: (r.energy_j, r.amortised_j) for r in rows if r.kind == "test"}
    assert tests == {"t.py::a": (3.0, 11.0), "t.py::b": (3.0, 11.0), "t.py::c": (3.0, None)}
    fixtures = [(r.phase, r.energy_j, r.scope, r.users) for r in rows if r.kind == "fixture"]
    assert fixtures == [("setup", 14.0, "session", 2), ("teardown", 2.0, "session", 2)]


def test_two_lives_of_a_fixture_are_paid_by_their_own_users() -> None:
    """A fixture that was made again is another fixture to those who used it."""
    spans = []
    for number, nodeid in ((1, "t.py::a"), (2, "t.py::b")):
        at_s, life = 20.0 * number, f"gw0:{number}"
        spans.append(Span("fixture", "db", "setup", at_s, at_s + number, 0.0, {"scope": "module", "life": life}))
        spans.append(_test(nodeid, "call", at_s + 5, 0.0, uses=[life]))
    rows, _ = _made(spans)
    assert [(r.energy_j, r.amortised_j) for r in rows if r.kind == "test"] == [(1.0, 2.0), (1.0, 3.0)]
    assert [r.users for r in rows if r.kind == "fixture"] == [1, 1]


def test_marker_s_feature_wins_over_paths() -> None:
    """The feature comes from the marker, else from the nearest path glob, else there is none."""
    spans = [
        _test("tests/pay/t.py::a", "setup", 0.0, 0.0, feature="search"),
        _test("tests/pay/t.py::a", "call", 1.0, 1.0),
        _test("tests/pay/t.py::b", "call", 2.0, 1.0),
        _test("docs/t.py::c", "call", 3.0, 1.0),
    ]
    rows, _ = _made(spans, features={"checkout": ["tests/pay/**"]})
    assert [r.feature for r in rows if r.kind == "test"] == ["search", "checkout", None]


def test_rest_of_the_machine_has_one_row_each() -> None:
    """Collection, pytest's own work, the tool, other processes and idle time stand in rows of their own."""
    spans = [
        Span("collection", "", "collect", 0.0, 2.0, 2.0),
        _probe(2.0, 1.0),
        _test("t.py::a", "call", 10.0, 1.0),
    ]
    rows, found = _made(spans, busy_s=50.0, cpu_s=2.0 + 0.001 + 1.0 + 4.0)
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
    assert found.total_j == 150.0


def test_command_is_a_row_and_our_waiting_is_the_tool_s() -> None:
    """A measured command has its outcome and feature; what our own process used beside it is the tool."""
    command = Span("command", "make", "", 0.0, 100.0, 10.0, {"feature": "build"})
    rows, _ = _made([command], {"make": ["failed"]}, busy_s=20.0, cpu_s=12.0)
    assert [(r.kind, r.cpu_s, r.outcome, r.feature) for r in rows[:2]] == [
        ("command", 10.0, "failed", "build"),
        ("tool", 2.0, None, None),
    ]


def test_reference_energy_is_corrected_by_the_probes_around() -> None:
    """Each row counts its CPU seconds at the speed of its own moment, and tells the speeds around it."""
    spans = [
        _probe(0.0, 2.0**20),
        _test("t.py::a", "call", 1.0, 32768.0),
        _probe(2.0, 2.0**20),
        _test("t.py::b", "call", 3.0, 2.0),
        _probe(4.0, 1.0),
    ]
    rows, _ = _made(spans)
    assert rows[0].reference_j == pytest.approx(2.045)
    assert (rows[0].speed_before, rows[0].speed_after) == (2.0**20, 2.0**20)
    assert (rows[1].speed_before, rows[1].speed_after) == (2.0**20, 1.0)


def test_probes_are_read_from_the_spans() -> None:
    """A probe's CPU seconds over a millisecond are its slowdown; one of no time says nothing."""
    trace = WorkerTrace("gw1", 0.0, 9.0, 1.0, (_probe(1.0, 1.5), _probe(2.0, 0.0), _test("a", "call", 3.0, 1.0)))
    assert probes_of([trace]) == [Probe(1.0, 1.5, "gw1")]


def test_worker_of_another_machine_has_reference_energy_only() -> None:
    """Energy of a worker that ran elsewhere is unknown, not zero; its reference energy is known."""
    trace = WorkerTrace("far", 0.0, 9.0, 5.0, (_test("t.py::a", "call", 0.0, 2.0),), same_machine=False)
    found = attribute([EnergyWindow(0.0, 1.0, 1.0, 1.0, 1.0, 0.0)], [])
    (row, *rest) = make_rows([trace], found, {}, {})
    assert (row.kind, row.energy_j, row.reference_j, row.worker) == ("test", None, 4.09, "far")
    assert [r.kind for r in rest] == ["tool", "background", "idle"]


def test_without_a_measurement_energy_is_unknown() -> None:
    """With no windows every row's energy is None and nothing is said of the rest of the machine."""
    trace = WorkerTrace("", 0.0, 9.0, 5.0, (_test("t.py::a", "call", 0.0, 2.0),))
    rows = make_rows([trace], None, {}, {})
    assert [(r.kind, r.energy_j, r.reference_j) for r in rows] == [("test", None, 4.09)]


def test_own_reference_leaves_out_the_rest_of_the_machine() -> None:
    """The run's own reference energy is that of tests, fixtures, collection and commands."""
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
    """Rows sum to the session's total, and amortising moves fixtures' joules without making any."""
    made = any(kind == "fixture" for kind, *_ in parts)
    info: dict[str, dict[str, Any]] = {
        "test": {"uses": ["gw0:0"] if used and made else []},
        "fixture": {"scope": "module", "life": "gw0:0"},
    }
    spans = [
        Span(kind, name, phase, float(at), at + 1.0, cpu, info.get(kind))
        for at, (kind, name, phase, cpu) in enumerate(parts)
    ]
    rows, found = _made(spans, busy_s=busy_s, cpu_s=cpu_s)
    assert sum(r.energy_j or 0.0 for r in rows) == pytest.approx(found.total_j, rel=1e-6)
    assert min(min(r.energy_j or 0.0, r.cpu_s, r.wall_s, r.reference_j) for r in rows) >= 0.0
    fixtures_j = sum(r.energy_j or 0.0 for r in rows if r.kind == "fixture" and r.users)
    moved_j = sum(r.amortised_j - (r.energy_j or 0.0) for r in rows if r.amortised_j is not None)
    assert moved_j == pytest.approx(fixtures_j, rel=1e-6, abs=1e-9)


@LAW
@given(SPANS, st.floats(0.0, 1000.0))
def test_busy_neighbour_changes_no_reference_energy(parts: list[tuple[str, str, str, float]], busy_s: float) -> None:
    """However busy the rest of the machine was, every row of our own work keeps its reference energy."""
    spans = [Span(k, n, p, float(at), at + 1.0, cpu) for at, (k, n, p, cpu) in enumerate(parts)]
    own = [
        [(r.kind, r.nodeid, r.phase, r.reference_j) for r in _made(spans, busy_s=busy)[0] if r.kind != "background"]
        for busy in (0.0, busy_s)
    ]
    assert own[0] == own[1]
