"""Tests that run at the same time in one process share what they used."""

from __future__ import annotations

import time

import pytest

from pytest_carbon.core.energy.attribution import own_totals
from pytest_carbon.core.model import Span
from pytest_carbon.meter.recorder import Recorder


def _burn(cpu_s: float) -> None:
    until_s = time.process_time() + cpu_s
    while time.process_time() < until_s:
        pass


def test_tests_that_overlap_share_evenly() -> None:
    """Each has one span with an even part, features stay, a wide fixture has its own; the next test is alone again."""
    recorder = Recorder()
    names = ["a", "b", "c"]
    for name in names:
        recorder.begin_test(name)
        recorder.end_phase(name, "setup", {"feature": name})
    since = recorder.read_clocks()
    _burn(0.01)
    recorder.add_span("fixture", "f", "setup", since)
    assert not recorder.runs_alone()
    _burn(0.03)
    for phase in ("call", "teardown"):
        for name in names:
            recorder.end_phase(name, phase)
    recorder.begin_test("d")
    assert recorder.runs_alone()
    recorder.end_phase("d", "setup")
    recorder.end_phase("d", "call")
    recorder.end_phase("d", "teardown")
    spans = [Span(*entry) for entry in recorder.pending if entry[0] != "tool"]
    own = dict(zip([span.nodeid for span in spans], own_totals(spans, [span.cpu_s for span in spans]), strict=True))
    assert [own[name] for name in names] == pytest.approx([0.01] * 3, abs=0.004)
    assert own["f"] == pytest.approx(0.01, abs=0.004)
    assert own["d"] < 0.005
    infos = {span.nodeid: span.info for span in spans if span.kind == "test"}
    assert infos["b"] == {"feature": "b", "together": 3}
    assert infos["d"] is None


def test_group_that_has_no_report_is_no_test() -> None:
    """Some plugins set up a group of tests as if it were one."""
    recorder = Recorder()
    for name in ("group", "a", "b"):
        recorder.begin_test(name)
    for phase in ("setup", "call", "teardown"):
        for name in ("a", "b"):
            recorder.end_phase(name, phase)
    assert recorder.forget_test("group")
    assert [entry[1] for entry in recorder.pending if entry[0] == "test"] == ["a", "b"]


def test_test_without_a_teardown_ends_when_it_is_forgotten() -> None:
    """Else all tests after it would be measured together with it."""
    recorder = Recorder()
    recorder.begin_test("a")
    recorder.forget_test("a")
    recorder.begin_test("b")
    assert recorder.runs_alone()
