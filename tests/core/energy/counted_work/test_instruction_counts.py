"""Reference energy from counted instructions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.energy.counted_work.instruction_counts import (
    INSTRUCTIONS_PER_CPU_S,
    REFERENCE_J_PER_INSTRUCTION,
    CountedRun,
    InstructionCounts,
    use_of_tests,
)
from pytest_carbon.core.energy.report_rows import make_rows
from pytest_carbon.core.model import CountReading, Span, WorkerTrace


def _counted(*counts: int) -> list[CountReading]:
    """Return one reading a second of a counter that always ran."""
    return [(float(at_s), count, 10**9 * at_s, 10**9 * at_s) for at_s, count in enumerate(counts)]


def _test(nodeid: str, start_s: float, end_s: float, cpu_s: float = 1.0, kind: str = "test") -> Span:
    return Span(kind, nodeid, "call", start_s, end_s, cpu_s)


def _trace(spans: Sequence[Span], readings: Sequence[CountReading], worker: str = "") -> WorkerTrace:
    return WorkerTrace(worker, 0.0, 9.0, 9.0, tuple(spans), counts=tuple(readings))


@pytest.mark.parametrize(
    ("start_s", "end_s", "expected"),
    [(0.0, 1.0, 100), (1.0, 3.0, 500), (0.5, 1.5, 100), (2.5, 3.0, 200), (3.0, 3.0, 0), (-0.1, 1.0, None),
     (2.0, 3.1, None)],
)  # fmt: skip
def test_instructions_between_two_times(start_s: float, end_s: float, expected: float | None) -> None:
    """They are known from the first reading to the last, and spread evenly between two of them."""
    assert InstructionCounts(_counted(0, 100, 200, 600)).between(start_s, end_s) == expected


SHARED = {
    "ran half of the time": ([(0.0, 0, 0, 0), (1.0, 100, 10, 5), (2.0, 300, 20, 10)], [200, 400], True),
    "ran all, then half": ([(0.0, 0, 0, 0), (1.0, 100, 10, 10), (2.0, 200, 20, 15)], [100, 200], True),
    "did not run between two": ([(0.0, 0, 0, 0), (1.0, 0, 10, 0), (2.0, 90, 30, 15)], [0, 180], True),
    "ran less than half": ([(0.0, 0, 0, 0), (1.0, 40, 10, 4), (2.0, 80, 20, 8)], [100, 100], False),
    "never ran": ([(0.0, 0, 0, 0), (1.0, 0, 10, 0), (2.0, 0, 20, 0)], [0, 0], False),
    "fell": ([(0.0, 50, 10, 10), (1.0, 40, 20, 20), (2.0, 60, 30, 30)], [0, 20], True),
}


@pytest.mark.parametrize(("readings", "each", "enough"), SHARED.values(), ids=SHARED)
def test_counter_that_ran_for_a_part_of_the_time_is_scaled(
    readings: Sequence[CountReading], each: list[float], enough: bool
) -> None:
    """Others may need the CPU's counters, too. One that ran for less than half of its time is not used."""
    counts = InstructionCounts(readings)
    assert [counts.between(0.0, 1.0), counts.between(1.0, 2.0)] == each
    assert counts.ran_enough is enough


def test_span_has_no_instructions_of_the_spans_inside() -> None:
    """As with CPU seconds, a fixture or a probe inside of a test does not count for the test."""
    spans = [_test("db", 1.0, 2.0, kind="fixture"), _test("a", 0.0, 3.0)]
    assert CountedRun([_trace(spans, _counted(0, 100, 400, 600))]).own == [[300, 300]]


@given(st.lists(st.integers(0, 10**9), min_size=2, max_size=20))
def test_counts_of_tests_in_a_row_sum_to_the_whole(steps: list[int]) -> None:
    """No instruction is lost or counted twice."""
    totals = [0, *accumulate(steps)]
    spans = [_test(str(n), n, n + 1.0) for n in range(len(steps))]
    (own,) = CountedRun([_trace(spans, _counted(*totals))]).own
    assert sum(count or 0.0 for count in own) == pytest.approx(totals[-1])


WHOLE = _counted(0, 100, 200, 300)
RUNS = {
    "counted": ([_trace([_test("a", 0.0, 1.0), _test("b", 1.0, 3.0)], WHOLE)], True, False),
    "nothing here": ([_trace([_test("a", 0.0, 1.0)], [])], False, False),
    "ended before the last test": ([_trace([_test("a", 0.0, 1.0), _test("b", 3.0, 4.0)], WHOLE)], False, True),
    "began after a fixture": ([_trace([_test("db", -1.0, 0.5, kind="fixture"), _test("a", 1.0, 2.0)], WHOLE)], False,
                              True),
    "one of two workers": ([_trace([_test("a", 0.0, 1.0)], WHOLE, "gw0"), _trace([_test("b", 0.0, 1.0)], [], "gw1")],
                           False, True),
    "a controller that runs no test": ([_trace([_test("", 0.0, 9.0, kind="collection")], []),
                                        _trace([_test("b", 0.0, 1.0)], WHOLE, "gw0")], True, False),
    "a command": ([_trace([_test("make", 0.0, 3.0, kind="command")], WHOLE)], True, False),
    "counts nothing": ([_trace([_test("a", 0.0, 1.0)], _counted(0, 0, 0))], False, True),
}  # fmt: skip


@pytest.mark.parametrize(("traces", "complete", "broken"), RUNS.values(), ids=RUNS)
def test_run_is_counted_as_a_whole_or_not_at_all(traces: list[WorkerTrace], complete: bool, broken: bool) -> None:
    """Each test, fixture and command must be counted in every process; parts of the collection need not."""
    run = CountedRun(traces)
    assert (run.is_complete, run.is_broken) == (complete, broken)
    joules = [row.reference_j for row in make_rows(traces, None, {}, {}) if row.kind in ("test", "command")]
    assert (2.045 not in joules) is complete


def test_rows_have_the_reference_energy_of_their_instructions() -> None:
    """The speed of the machine does not matter; what was not counted takes the run's instructions per CPU second."""
    spans = [
        _test("", -1.0, 0.0, cpu_s=0.5, kind="collection"),
        _test("a", 0.0, 1.0, cpu_s=0.25),
        Span("tool", "", "probe", 1.0, 1.0, 0.008),
        _test("b", 2.0, 3.0, cpu_s=0.75),
    ]
    rows = make_rows([_trace(spans, _counted(0, 4 * 10**9, 5 * 10**9, 6 * 10**9))], None, {}, {})
    assert {row.nodeid: row.reference_j / REFERENCE_J_PER_INSTRUCTION for row in rows} == pytest.approx(
        {"a": 4e9, "b": 1e9, "": 2.5e9}
    )
    assert pytest.approx(2.045) == INSTRUCTIONS_PER_CPU_S * REFERENCE_J_PER_INSTRUCTION


def test_tests_so_far_need_a_count_each() -> None:
    """The limit of a test is judged by its instructions, else by the last speed probe: at 16 times slower an eighth."""
    spans = [_test("db", 0.0, 1.0, kind="fixture"), _test("a", 0.0, 2.0)]
    spans[1] = spans[1]._replace(cpu_s=1.5)
    assert use_of_tests(spans, WHOLE, 16.0) == pytest.approx((0.5, 100 * REFERENCE_J_PER_INSTRUCTION))
    assert use_of_tests(spans, (), 16.0) == pytest.approx((0.5, 0.5 * 2.045 / 8))
    assert use_of_tests([*spans, _test("b", 2.0, 4.0)], WHOLE, 16.0) == pytest.approx((1.5, 1.5 * 2.045 / 8))
