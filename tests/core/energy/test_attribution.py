"""Attribution: every joule is attributed exactly once, and each span pays for its own work."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_carbon.core.energy.attribution import attribute, outermost_spans, own_totals
from pytest_carbon.core.model import Attribution, EnergyWindow, Span, WorkerTrace

LAW = settings(max_examples=150, deadline=None)


def _span(start_s: float, end_s: float, cpu_s: float, kind: str = "test") -> Span:
    return Span(kind, "t.py::t", "call", start_s, end_s, cpu_s)


def _trace(*spans: Span, cpu_s: float = 0.0, until_s: float = 10.0, worker: str = "gw0") -> WorkerTrace:
    return WorkerTrace(worker, 0.0, until_s, max(cpu_s, sum(s.cpu_s for s in outermost_spans(spans))), spans)


def _sum(attribution: Attribution) -> float:
    spans_j = sum(sum(js) for js in attribution.span_j)
    return spans_j + sum(attribution.overhead_j) + attribution.background_j + attribution.tool_j + attribution.idle_j


# ---- by hand ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spans", "totals", "own"),
    [
        pytest.param([], [], [], id="no spans"),
        pytest.param([(0, 1), (1, 2)], [1.0, 2.0], [1.0, 2.0], id="one after the other"),
        pytest.param([(1, 2), (0, 3)], [1.0, 5.0], [1.0, 4.0], id="one in another"),
        pytest.param([(1, 2), (1, 3), (0, 4)], [1.0, 3.0, 6.0], [1.0, 2.0, 3.0], id="three deep"),
        pytest.param([(1, 2), (3, 4), (0, 5)], [1.0, 2.0, 6.0], [1.0, 2.0, 3.0], id="two in one"),
        pytest.param([(0, 1), (2, 3), (1, 4)], [9.0, 1.0, 3.0], [9.0, 1.0, 2.0], id="one before, one inside"),
        pytest.param([(1, 2), (0, 3)], [5.0, 4.0], [5.0, 0.0], id="never below zero"),
        pytest.param(
            [(1, 2), (0, 3), (-1, 4)],
            [5.0, 4.0, 7.0],
            [5.0, 0.0, 2.0],
            id="an inner total above its outer span's total counts in full",
        ),
    ],
)
def test_own_total_excludes_the_spans_inside(
    spans: list[tuple[float, float]], totals: list[float], own: list[float]
) -> None:
    """A span's own total excludes the totals of the spans inside it, and is never below zero."""
    assert own_totals([_span(a, b, 0.0) for a, b in spans], totals) == own


def test_outermost_spans_lie_in_no_other() -> None:
    """Spans inside other spans are left out; the remaining spans stay in order."""
    inner, outer, later = _span(1, 2, 0.0), _span(0, 3, 0.0), _span(3.5, 4, 0.0)
    assert outermost_spans([inner, outer, later]) == [outer, later]
    assert outermost_spans([]) == []


def test_only_test_pays_for_the_whole_window() -> None:
    """A test that ran alone during the whole window pays its base and dynamic energy."""
    attribution = attribute([EnergyWindow(0.0, 1.0, 10.0, 4.0, 1.0, 0.0)], [_trace(_span(0.0, 1.0, 1.0), until_s=1.0)])
    assert attribution.span_j == ((14.0,),)
    assert (attribution.background_j, attribution.tool_j, attribution.idle_j, attribution.total_j) == (
        0.0,
        0.0,
        0.0,
        14.0,
    )


def test_two_workers_share_base_by_time_and_dynamic_by_work() -> None:
    """Two workers in a test each pay half of the base power; CPU seconds split the dynamic energy."""
    traces = [
        _trace(_span(0.0, 4.0, 3.0), until_s=4.0, worker="gw0"),
        _trace(_span(2.0, 4.0, 1.0), until_s=4.0, worker="gw1"),
    ]
    attribution = attribute([EnergyWindow(0.0, 4.0, 8.0, 12.0, 4.0, 0.0)], traces)
    assert attribution.span_j == ((4.0 + 2.0 + 9.0,), (2.0 + 3.0,))


def test_session_fixture_is_not_billed_to_the_first_test() -> None:
    """A session fixture that is set up inside the first test's setup is billed separately."""
    fixture = Span("fixture", "db", "setup", 1.0, 9.0, 4.0)
    first = Span("test", "t.py::first", "setup", 0.0, 10.0, 5.0)
    second = Span("test", "t.py::second", "setup", 10.0, 12.0, 1.0)
    attribution = attribute(
        [EnergyWindow(0.0, 12.0, 24.0, 6.0, 6.0, 0.0)], [_trace(fixture, first, second, until_s=12.0)]
    )
    assert attribution.span_j == ((16.0 + 4.0, 4.0 + 1.0, 4.0 + 1.0),)
    assert attribution.span_cpu_s == ((4.0, 1.0, 1.0),)


def test_other_processes_are_background() -> None:
    """CPU seconds of the machine that no worker used are background."""
    attribution = attribute([EnergyWindow(0.0, 1.0, 1.0, 8.0, 2.0, 0.5)], [_trace(_span(0.0, 1.0, 0.5), until_s=1.0)])
    assert attribution.span_j == ((1.0 + 2.0,),)
    assert (attribution.background_j, attribution.background_cpu_s) == (4.0, 1.0)
    assert (attribution.tool_j, attribution.tool_cpu_s) == (2.0, 0.5)


def test_workers_with_more_cpu_seconds_than_the_kernel_counted_split_all_dynamic_energy() -> None:
    """If the workers' CPU seconds exceed the busy seconds, they split all dynamic energy by CPU seconds."""
    traces = [_trace(_span(0.0, 1.0, 0.75), until_s=1.0), _trace(_span(0.0, 1.0, 0.25), until_s=1.0, worker="gw1")]
    attribution = attribute([EnergyWindow(0.0, 1.0, 0.0, 8.0, 0.5, 0.0)], traces)
    assert attribution.span_j == ((6.0,), (2.0,))
    assert attribution.background_j == 0.0


def test_worker_overhead_between_tests_is_separate_from_idle() -> None:
    """Outside its spans a worker pays base power for its CPU seconds; the remaining base energy is idle."""
    trace = WorkerTrace("gw0", 0.0, 10.0, 4.0, (_span(0.0, 5.0, 1.0),))
    attribution = attribute([EnergyWindow(0.0, 10.0, 20.0, 8.0, 4.0, 0.0)], [trace])
    assert attribution.span_j == ((10.0 + 2.0,),)
    assert (attribution.overhead_cpu_s, attribution.overhead_wall_s) == ((3.0,), (3.0,))
    assert attribution.overhead_j == (6.0 + 6.0,)
    assert (attribution.idle_j, attribution.idle_s) == (4.0, 2.0)


def test_without_workers_base_is_idle_and_dynamic_background() -> None:
    """Without workers all base energy is idle and all dynamic energy is background."""
    attribution = attribute(
        [EnergyWindow(0.0, 2.0, 4.0, 3.0, 1.0, 0.0), EnergyWindow(2.0, 3.0, 2.0, 1.0, 0.0, 0.0)], []
    )
    assert (attribution.background_j, attribution.idle_j, attribution.idle_s, attribution.total_j) == (
        3.0,
        7.0,
        3.0,
        10.0,
    )


def test_span_over_two_windows_pays_by_their_busy_seconds() -> None:
    """The CPU seconds of a long span are spread over its windows in proportion to their busy seconds."""
    windows = [EnergyWindow(0.0, 1.0, 0.0, 6.0, 3.0, 0.0), EnergyWindow(1.0, 2.0, 0.0, 8.0, 1.0, 0.0)]
    attribution = attribute(windows, [_trace(_span(0.0, 2.0, 2.0), until_s=2.0)])
    assert attribution.span_j == ((1.5 * 2.0 + 0.5 * 8.0,),)
    assert attribution.background_j == 1.5 * 2.0 + 0.5 * 8.0


def test_long_span_moves_out_of_windows_that_other_spans_fill() -> None:
    """A span over two windows is spread mostly over the window whose busy seconds no other span explains."""
    windows = [EnergyWindow(0.0, 1.0, 0.0, 10.0, 1.0, 0.0), EnergyWindow(1.0, 2.0, 0.0, 10.0, 1.0, 0.0)]
    traces = [
        _trace(_span(0.0, 2.0, 1.0), until_s=2.0, worker="gw0"),
        _trace(_span(0.0, 1.0, 1.0), until_s=2.0, worker="gw1"),
    ]
    attribution = attribute(windows, traces)
    assert attribution.span_j[0][0] == pytest.approx(10.0, rel=0.1)
    assert attribution.span_j[1][0] == pytest.approx(10.0, rel=0.1)


@pytest.mark.parametrize(("start_s", "end_s"), [(-5.0, -4.0), (20.0, 21.0), (0.5, 0.5)])
def test_span_outside_the_windows_pays_no_base(start_s: float, end_s: float) -> None:
    """A span without time in the windows pays no base energy, only dynamic energy for its CPU seconds."""
    attribution = attribute(
        [EnergyWindow(0.0, 1.0, 5.0, 4.0, 1.0, 0.0)], [_trace(_span(start_s, end_s, 1.0), until_s=1.0)]
    )
    assert attribution.span_j == ((4.0,),)
    assert attribution.idle_j == 5.0


# ---- the laws --------------------------------------------------------------------------------------

AMOUNTS = st.one_of(st.just(0.0), st.floats(0.01, 100.0))


@st.composite
def any_windows(draw: st.DrawFn) -> list[EnergyWindow]:
    """Windows that follow each other, with any energy and utilisation."""
    at, windows = 0.0, []
    for _ in range(draw(st.integers(1, 5))):
        width = draw(st.floats(0.01, 2.0))
        windows.append(
            EnergyWindow(at, at + width, draw(AMOUNTS), draw(AMOUNTS), draw(AMOUNTS) / 20, draw(AMOUNTS) / 200),
        )
        at += width
    return windows


@st.composite
def any_trace(draw: st.DrawFn, worker: str) -> WorkerTrace:
    """A worker whose spans follow or contain each other; some have no length, some lie outside the windows."""
    times = sorted(draw(st.lists(st.floats(-2.0, 12.0), max_size=14)))
    opened: list[float] = []
    spans: list[Span] = []
    for at in times:
        if bool(opened) and draw(st.booleans()):
            spans.append(_span(opened.pop(), at, draw(AMOUNTS) / 20, draw(st.sampled_from(["test", "fixture"]))))
        else:
            opened.append(at)
            if draw(st.integers(0, 4)) == 0:
                spans.append(_span(at, at, draw(AMOUNTS) / 100))
    return WorkerTrace(worker, draw(st.floats(-2.0, 0.0)), draw(st.floats(0.1, 12.0)), draw(AMOUNTS) / 10, tuple(spans))


WORKERS = st.integers(0, 3).flatmap(lambda n: st.tuples(*(any_trace(f"gw{i}") for i in range(n))))


@LAW
@given(any_windows(), WORKERS)
def test_every_joule_is_attributed_once(windows: list[EnergyWindow], traces: tuple[WorkerTrace, ...]) -> None:
    """All figures sum to the windows' total, and no figure is below zero."""
    attribution = attribute(windows, traces)
    assert attribution.total_j == pytest.approx(sum(w.base_j + w.dynamic_j for w in windows), rel=1e-6)
    assert _sum(attribution) == pytest.approx(attribution.total_j, rel=1e-6, abs=1e-9)
    figures = [
        *attribution.overhead_j, *attribution.overhead_cpu_s, *attribution.overhead_wall_s, attribution.background_j,
        attribution.background_cpu_s, attribution.tool_j, attribution.tool_cpu_s, attribution.idle_j,
        attribution.idle_s,
    ]  # fmt: skip
    figures += [j for js in (*attribution.span_j, *attribution.span_cpu_s) for j in js]
    assert min(figures) >= 0.0


@LAW
@given(any_windows(), WORKERS, st.floats(0.1, 50.0))
def test_other_processes_never_raise_the_energy_of_a_span(
    windows: list[EnergyWindow], traces: tuple[WorkerTrace, ...], neighbour_s: float
) -> None:
    """With the same joules and busier other processes, no span pays more dynamic energy; CPU seconds stay the same."""
    calm = [replace(w, base_j=0.0, busy_s=1.0) for w in windows]
    busier = [replace(w, busy_s=w.busy_s + neighbour_s) for w in calm]
    quiet, loud = attribute(calm, traces), attribute(busier, traces)
    assert loud.span_cpu_s == quiet.span_cpu_s
    total = sum(sum(js) for js in quiet.span_j)
    assert sum(sum(js) for js in loud.span_j) <= total + 1e-6 * (1 + quiet.total_j)


@LAW
@given(any_windows(), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_sleeping_test_pays_base_energy_only(windows: list[EnergyWindow], first: float, second: float) -> None:
    """A test without CPU seconds pays the base energy of its time, whatever the machine did."""
    end_s = windows[-1].end_s
    start_s, stop_s = sorted((first * end_s, second * end_s))
    attribution = attribute(windows, [_trace(_span(start_s, stop_s, 0.0), until_s=end_s)])
    base_j = sum(
        w.base_j / (w.end_s - w.start_s) * max(0.0, min(stop_s, w.end_s) - max(start_s, w.start_s)) for w in windows
    )
    assert attribution.span_j[0][0] == pytest.approx(base_j, rel=1e-6, abs=1e-6)


@LAW
@given(any_windows(), AMOUNTS.map(lambda a: a / 200), AMOUNTS.map(lambda a: a / 20))
def test_wide_fixture_does_not_change_the_energy_of_its_first_user(
    windows: list[EnergyWindow], cpu_s: float, dear_s: float
) -> None:
    """A setup with a fixture inside pays as much as the same setup without the fixture."""
    end_s = windows[-1].end_s
    fixture = _span(end_s * 0.25, end_s * 0.75, dear_s, "fixture")
    holding = attribute(windows, [_trace(fixture, _span(0.0, end_s, cpu_s + dear_s), until_s=end_s)])
    assert holding.span_cpu_s[0][1] == pytest.approx(cpu_s, abs=1e-9)
    total = sum(holding.span_j[0]) + holding.background_j + holding.tool_j + sum(holding.overhead_j) + holding.idle_j
    assert total == pytest.approx(holding.total_j, rel=1e-6, abs=1e-9)
    if cpu_s == 0.0:
        outside_j = attribute(windows, [_trace(_span(0.0, end_s * 0.25, 0.0), until_s=end_s)]).span_j[0][0]
        outside_j += attribute(windows, [_trace(_span(end_s * 0.75, end_s, 0.0), until_s=end_s)]).span_j[0][0]
        assert holding.span_j[0][1] == pytest.approx(outside_j, rel=1e-6, abs=1e-6)
