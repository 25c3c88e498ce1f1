"""The spans that a process records: phases of tests, wide fixtures and speed probes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from itertools import pairwise

import pytest

from pytest_carbon.core.energy.attribution import own_totals
from pytest_carbon.core.energy.reference_energy import (
    COMPUTING_REFERENCE_S,
    WALKING_REFERENCE_S,
    reference_j,
    slowdown_of,
)
from pytest_carbon.core.energy.report_rows import OWN_ROW_CPU_S
from pytest_carbon.core.model import Span
from pytest_carbon.meter.recorder import Recorder
from pytest_carbon.meter.speed_probes import PROBE_SPACING

LARGE_S = 10 * OWN_ROW_CPU_S


def _burn(cpu_s: float) -> None:
    end_s = time.process_time() + cpu_s
    while time.process_time() < end_s:
        pass


def _run_test(recorder: Recorder, setup_s: float, call_s: float | None, teardown_s: float) -> None:
    """Record a test with so many CPU seconds in each phase; a call of None means that the setup failed."""
    recorder.begin_test()
    _burn(setup_s)
    recorder.end_phase("t.py::a", "setup")
    if call_s is not None:
        _burn(call_s)
        recorder.end_phase("t.py::a", "call")
    _burn(teardown_s)
    recorder.end_phase("t.py::a", "teardown")


def _probes(recorder: Recorder) -> list[Span]:
    return [span for span in _spans(recorder, "tool") if span.phase == "probe"]


def _spans(recorder: Recorder, kind: str = "test") -> list[Span]:
    return [span for span in (Span(*entry) for entry in recorder.pending) if span.kind == kind]


@pytest.mark.parametrize(
    ("setup_s", "call_s", "teardown_s", "phases"),
    [
        pytest.param(0.0, LARGE_S, 0.0, ["call"], id="small setup and teardown"),
        pytest.param(LARGE_S, LARGE_S, 0.0, ["setup", "call"], id="large setup"),
        pytest.param(0.0, LARGE_S, LARGE_S, ["call", "teardown"], id="large teardown"),
        pytest.param(LARGE_S, 0.0, LARGE_S, ["setup", "call", "teardown"], id="large setup and teardown"),
        pytest.param(0.0, None, 0.0, ["setup"], id="no call"),
        pytest.param(LARGE_S, None, 0.0, ["setup", "teardown"], id="no call after a large setup"),
    ],
)
def test_small_phases_are_merged_into_the_call(
    setup_s: float, call_s: float | None, teardown_s: float, phases: list[str]
) -> None:
    """A setup or teardown below ``OWN_ROW_CPU_S`` has no span of its own, and no CPU time is lost by that."""
    recorder = Recorder()
    recorder.probe()
    _, before_s = recorder.read_clocks()
    _run_test(recorder, setup_s, call_s, teardown_s)
    _, after_s = recorder.read_clocks()
    spans = _spans(recorder)
    assert [span.phase for span in spans] == phases
    assert sum(span.cpu_s for span in spans) == pytest.approx(after_s - before_s, abs=0.002)
    assert all(a.end_s <= b.start_s for a, b in pairwise(spans))


def test_info_of_a_small_setup_and_of_the_teardown_is_kept() -> None:
    """The feature noted at a small setup and the fixtures noted at the teardown end up in the span of the call."""
    recorder = Recorder()
    recorder.begin_test()
    recorder.end_phase("t.py::a", "setup", {"feature": "checkout"})
    recorder.end_phase("t.py::a", "call")
    recorder.end_phase("t.py::a", "teardown", {"uses": ["gw0:1"]})
    (span,) = _spans(recorder)
    assert (span.phase, span.info) == ("call", {"feature": "checkout", "uses": ["gw0:1"]})
    _run_test(recorder, 0.0, 0.0, 0.0)
    assert _spans(recorder)[-1].info is None


def test_cpu_seconds_of_a_test_exclude_wide_fixtures() -> None:
    """The CPU seconds and reference energy of a running test do not contain a fixture that was set up inside it."""
    recorder = Recorder()
    recorder.probe()
    recorder.begin_test()
    since = recorder.read_clocks()
    _burn(0.1)
    recorder.add_span("fixture", "database", "setup", since)
    recorder.end_phase("t.py::a", "setup")
    _burn(0.05)
    cpu_s, work_j = recorder.test_use()
    assert cpu_s == pytest.approx(0.05, abs=0.01)
    assert work_j == pytest.approx(reference_j(0.05, recorder.probes.slowdown), rel=0.2)


def test_test_uses_the_instances_of_its_wide_fixtures() -> None:
    """A test uses the instances of the fixtures that it asks for; an instance ends with its teardown."""
    recorder = Recorder("gw1")
    first, other = recorder.add_fixture_instance(1, "database"), recorder.add_fixture_instance(2, "browser")
    assert first != other
    assert all(instance.startswith("gw1:") for instance in (first, other))
    recorder.note_fixture_uses(["database", "order"])
    assert recorder.take_fixture_uses() == [first]
    assert recorder.take_fixture_uses() == []
    recorder.begin_fixture_teardown(first, "database", {"scope": "module", "instance": first})
    recorder.end_fixture_teardown(1)
    (span,) = _spans(recorder, "fixture")
    assert (span.nodeid, span.phase, span.info) == ("database", "teardown", {"scope": "module", "instance": first})
    again = recorder.add_fixture_instance(1, "database")
    recorder.note_fixture_uses(["database"])
    assert recorder.take_fixture_uses() == [again] != [first]


@pytest.mark.parametrize("key", [1, 99], ids=["without finalizers", "unknown"])
def test_teardown_that_never_began_has_no_span(key: int) -> None:
    """The end of a fixture whose teardown never began, or that was never set up, adds no span."""
    recorder = Recorder()
    recorder.add_fixture_instance(1, "database")
    recorder.end_fixture_teardown(key)
    assert recorder.pending == []


def test_probes_are_spaced_by_cpu_time() -> None:
    """A probe is due only after ``PROBE_SPACING`` times the CPU time of the last probe."""
    recorder = Recorder()
    assert recorder.probe() == pytest.approx(recorder.probes.slowdown)
    recorder.probe_if_due()
    (first,) = _probes(recorder)
    assert first.info is not None
    computing = (first.cpu_s - first.info["walking_s"]) / COMPUTING_REFERENCE_S
    walking = first.info["walking_s"] / WALKING_REFERENCE_S
    assert recorder.probes.slowdown == pytest.approx(slowdown_of(computing, first.info.get("waiting"), walking))
    _burn(PROBE_SPACING * first.cpu_s + 0.01)
    recorder.probe_if_due()
    assert len(_probes(recorder)) == 2


@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        pytest.param("ScT", ["setup", "probe", "call", "teardown", "probe"], id="call without a probe"),
        pytest.param("sCt", ["call", "probe", "teardown"], id="small setup and teardown"),
        pytest.param("sCT", ["call", "probe", "teardown", "probe"], id="long call and teardown"),
        pytest.param("SCT", ["setup", "probe", "call", "probe", "teardown", "probe"], id="all are long"),
        pytest.param("S-t", ["setup", "probe", "teardown"], id="no call after a long setup"),
        pytest.param("s-T", ["setup", "probe"], id="no call after a small setup"),
    ],
)
def test_probes_run_between_the_phases_of_a_long_test(phases: str, expected: list[str]) -> None:
    """What a phase used is without them, and what is recorded lies in one order. A capital letter is a long phase."""
    recorder = Recorder()
    recorder.probe()
    start, burnt_s = len(recorder.pending), 0.0
    recorder.begin_test()
    for letter, phase in zip(phases, ("setup", "call", "teardown"), strict=True):
        since_s = time.process_time()
        while letter.isupper() and not recorder.probes.are_due(recorder.read_clocks()[1]):
            pass  # a probe that met a slow moment lets the next one wait for longer
        burnt_s += time.process_time() - since_s
        if letter != "-":
            recorder.end_phase("t.py::a", phase)
    spans = [Span(*entry) for entry in recorder.pending[start:]]
    by_end = sorted(spans, key=lambda span: span.end_s)
    assert by_end == spans
    own = own_totals(spans, [span.cpu_s for span in spans])
    used_s = sum(cpu_s for span, cpu_s in zip(spans, own, strict=True) if span.kind == "test")
    assert used_s == pytest.approx(burnt_s, abs=0.003)
    assert [span.phase for span in spans] == expected


def test_no_probe_runs_inside_of_a_test_that_is_profiled() -> None:
    """At the end of the test one runs all the same, and the next test is probed as usual."""
    recorder = Recorder()
    recorder.probe()
    long_s = (PROBE_SPACING + 5) * 2.5 * _spans(recorder, "tool")[-1].cpu_s
    recorder.begin_test()
    recorder.end_phase("t.py::a", "setup")
    sys.setprofile(lambda *_: None)
    try:
        _burn(long_s)
        recorder.probe_inside_if_due()
        recorder.end_phase("t.py::a", "call")
        assert len(_probes(recorder)) == 1
    finally:
        sys.setprofile(None)
    recorder.probe_inside_if_due()
    assert len(_probes(recorder)) == 2


def test_pending_spans_are_taken_once() -> None:
    """Taken spans are no longer pending, and the next test is recorded as usual."""
    recorder = Recorder()
    _run_test(recorder, 0.0, LARGE_S, 0.0)
    taken = recorder.take_pending()
    assert [Span(*entry).phase for entry in taken if entry[0] == "test"] == ["call"]
    assert recorder.pending == []
    _run_test(recorder, LARGE_S, LARGE_S, 0.0)
    assert [span.phase for span in _spans(recorder)] == ["setup", "call"]


def test_waited_children_count_for_the_process() -> None:
    """The CPU seconds of a child count after it has been waited for."""
    recorder = Recorder()
    since = recorder.read_clocks()
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.2: pass"], check=True)
    recorder.add_span("command", "child", "", since)
    (span,) = _spans(recorder, "command")
    assert 0.2 <= span.cpu_s < 0.5


def test_trace_begins_with_the_run() -> None:
    """CPU time before the run does not count, and what workers have reported is not this process's."""
    recorder = Recorder()
    _burn(0.2)
    recorder.begin_run()
    _burn(0.05)
    trace = recorder.trace(workers_cpu_s=1000.0)
    assert trace.cpu_s == pytest.approx(0.05, abs=0.02)
    assert trace.start_s <= trace.end_s
    assert (trace.worker, trace.spans, trace.same_machine) == ("", (), True)


def test_running_children_count_for_the_process() -> None:
    """The caller says what children that still run have used; workers that still run are not counted twice."""
    recorder = Recorder()
    recorder.begin_run()
    alone = recorder.trace().cpu_s
    assert recorder.trace(running_cpu_s=3.0).cpu_s == pytest.approx(alone + 3.0, abs=0.1)
    assert recorder.trace(workers_cpu_s=3.0, running_cpu_s=3.0).cpu_s == pytest.approx(alone, abs=0.1)


def test_unreported_cpu_time_of_workers_is_a_span() -> None:
    """CPU seconds of children beyond those that workers reported become one span at the end."""
    recorder = Recorder()
    recorder.begin_run()
    subprocess.run([sys.executable, "-c", "import time\nwhile time.process_time() < 0.2: pass"], check=True)
    recorder.add_workers_end_span(recorder.start_s, workers_cpu_s=0.1)
    (span,) = _spans(recorder, "collection")
    assert (span.phase, span.start_s) == ("stop", recorder.start_s)
    assert 0.1 <= span.cpu_s < 0.4
    recorder.add_workers_end_span(recorder.start_s, workers_cpu_s=1000.0)
    assert len(_spans(recorder, "collection")) == 1


def test_start_of_a_worker_is_a_span_until_now() -> None:
    """The start of a process is a span as long as its CPU time, and the record begins with it."""
    recorder = Recorder("gw0")
    recorder.add_start_up_span()
    (span,) = _spans(recorder, "collection")
    assert (span.phase, span.start_s) == ("start", recorder.start_s)
    assert span.end_s - span.start_s == pytest.approx(span.cpu_s)
    start_s, now_s, cpu_s = recorder.totals()
    assert (start_s, recorder.pid) == (span.start_s, os.getpid())
    assert now_s >= span.end_s
    assert cpu_s >= span.cpu_s
