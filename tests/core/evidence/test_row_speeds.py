"""Speeds and reference energy of rows that do not follow from the speed probes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_carbon.core.energy.reference_energy import reference_j
from pytest_carbon.core.energy.report_rows import make_rows, probes_of
from pytest_carbon.core.evidence.row_speeds import speed_contradictions
from pytest_carbon.core.merge.merge_reports import merge_reports
from pytest_carbon.core.model import Probe, Row, Span, WorkerTrace
from pytest_carbon.core.report import Report, from_json, to_json
from tests.samples import make_report

REPORT = make_report()
SLOW = replace(REPORT, probes=(*REPORT.probes, Probe(1.0, 9.0, "")))


def _rows(report: Report = REPORT, **changes: Any) -> Report:
    return replace(report, rows=tuple(replace(row, **changes) for row in report.rows))


FORGED = {
    "too little": (_rows(reference_j=0.1), "took 24.4499 s of CPU time, which at no speed of a probe are 0.1 J ref"),
    "too much": (_rows(reference_j=5e4), "which at no speed of a probe are 50000 J ref"),
    "speed before": (_rows(speed_before=9.0), "a row has the speed 9, which no probe of its worker  has"),
    "speed after": (_rows(speed_after=0.1), "a row has the speed 0.1, which no probe of its worker  has"),
    "all beside the slowest probe": (
        _rows(SLOW, speed_before=9.0), "and 2 probes are too few to have run inside of them",
    ),
    "said to be merged": (
        replace(_rows(reference_j=20.0), machine=replace(REPORT.machine, fingerprint={"parts": "9"})),
        "which at no speed of a probe are 20 J ref",
    ),
    "no probe": (_rows(replace(REPORT, probes=())), "a row has the speed 1, which no probe of its worker  has"),
    "a worker without probes": (
        _rows(worker="gw7", speed_before=9.0), "a row has the speed 9, which no probe of its worker gw7 has",
    ),
    "no speed": (_rows(speed_before=None, speed_after=None), "have no probe beside them, but at most 0.425 s may"),
    "no speed after": (_rows(speed_after=None), "tests of 953.545 s of CPU time have no probe beside them"),
}  # fmt: skip


@pytest.mark.parametrize(("report", "complaint"), FORGED.values(), ids=FORGED)
def test_speeds_that_no_probe_explains_are_told(report: Report, complaint: str) -> None:
    """Tests that seem to have run on a slow machine would not be compared."""
    found = list(speed_contradictions(report))
    assert any(complaint in sentence for sentence in found), found


HONEST = {
    "by hand": REPORT,
    "parts of two speeds": merge_reports(
        [
            ("a", REPORT),
            ("b", replace(SLOW, run=replace(REPORT.run, id="b"), machine=replace(REPORT.machine, full_speed=9.0))),
        ]
    ),
    "another machine": replace(
        REPORT, rows=(*REPORT.rows, Row("test", None, 1.0, 1.0, 0.9, "t.py::far", "call", "gw9", speed_before=3.0))
    ),
    "merged of nothing": replace(
        REPORT, rows=(), probes=(), machine=replace(REPORT.machine, fingerprint={"parts": "2"})
    ),
    "a long test with the last probe inside": replace(
        REPORT,
        rows=(*REPORT.rows[:-1], replace(REPORT.rows[-1], speed_after=None)),
    ),
}


@pytest.mark.parametrize("report", HONEST.values(), ids=HONEST)
def test_speeds_of_the_probes_pass(report: Report) -> None:
    """Merged parts, other machines and tests around the last probe are left alone."""
    assert list(speed_contradictions(report)) == []


_ANY = st.sampled_from([0.0, 5e-324, 1e-300, 1e-9, 0.02, 1.0, 1e9, 1e15])


@given(_ANY, _ANY, _ANY, _ANY, st.none() | _ANY, st.sampled_from([{}, {"parts": "0"}, {"parts": "2"}]))
def test_no_figure_ends_the_look(
    cpu_s: float, reference: float, slowdown: float, before: float, after: float | None, fingerprint: dict[str, str]
) -> None:
    """Whatever the schema lets through is looked at to the end."""
    report = _rows(cpu_s=cpu_s, reference_j=reference, speed_before=before, speed_after=after)
    report = replace(
        report, probes=(Probe(0.5, slowdown, ""),), machine=replace(report.machine, fingerprint=fingerprint)
    )
    assert isinstance(list(speed_contradictions(report)), list)


_SPEED = st.floats(0.5, 4.0)
_SMALL, _ONE_OR_NONE = st.floats(0.0, 0.0009), st.lists(_SPEED, max_size=1)
_TEST = st.tuples(
    st.floats(0.0, 2.0), _SMALL | st.floats(0.001, 1.0), st.lists(_SPEED, max_size=2), _ONE_OR_NONE, _ONE_OR_NONE,
    st.booleans(),
)  # fmt: skip
"""CPU seconds of a test and of its setup and teardown, the probes inside of the call, between setup and call, between
call and teardown, and whether a probe ran after it."""


@given(_SPEED, st.lists(_TEST, max_size=30), _SPEED)
def test_what_the_recorder_sees_passes(first: float, tests: list[Any], last: float) -> None:
    """Whatever speeds the machine has, and wherever probes run inside of tests, the rows follow from the probes."""
    now, spans = 0.0, []

    def add(kind: Any, name: str, phase: str, cpu_s: float, inside: Any = ()) -> None:
        nonlocal now
        since, now = now, now + cpu_s / 2
        for slowdown in inside:
            add("tool", "", "probe", slowdown / 1000)
        now += cpu_s / 2 + 1e-6
        spans.append(Span(kind, name, phase, since, now, cpu_s + sum(inside) / 1000))

    add("tool", "", "probe", first / 1000)
    due_s = 0.0
    for number, (cpu_s, small_s, inside, before, behind, after) in enumerate(tests):
        add("test", f"t.py::test_{number}", "setup", small_s)
        for slowdown in before:
            add("tool", "", "probe", slowdown / 1000)
        add("test", f"t.py::test_{number}", "call", cpu_s, inside)
        for slowdown in behind:
            add("tool", "", "probe", slowdown / 1000)
        add("test", f"t.py::test_{number}", "teardown", small_s)
        due_s = (0.0 if [*inside, *before, *behind] else due_s) + cpu_s + 2 * small_s
        if after or due_s > 0.08 * first:
            due_s = 0.0
            add("tool", "", "probe", last / 1000)
    trace = WorkerTrace("", 0.0, now, now, tuple(spans))
    rows, probes = make_rows([trace], None, {}, {}), probes_of([trace])
    report = replace(REPORT, rows=tuple(rows), probes=tuple(probes))
    assert list(speed_contradictions(from_json(to_json(report)))) == []


@given(_SPEED, st.lists(_SPEED, min_size=1, max_size=3), st.floats(0.001, 1.0), st.booleans())
def test_probes_inside_of_a_test_at_an_end_of_the_run_pass(
    other: float, inside: list[float], cpu_s: float, is_last: bool
) -> None:
    """Where no probe ran before the first test, or after the last, one inside of it stands for that end, too."""
    probes = [Probe(1.0 + number, slowdown, "") for number, slowdown in enumerate(inside)]
    probes += [Probe(0.0 if is_last else 9.0, other, "")] * 2
    start_s, end_s = (0.5, 8.0) if is_last else (0.5, 8.5)
    spans = [Span("test", "t.py::test", "call", start_s, end_s, cpu_s)]
    spans += [Span("tool", "", "probe", probe.at_s, probe.at_s, probe.slowdown / 1000) for probe in probes]
    trace = WorkerTrace("", 0.0, 9.5, 9.5, tuple(sorted(spans, key=lambda span: span.start_s)))
    report = replace(REPORT, rows=tuple(make_rows([trace], None, {}, {})), probes=tuple(probes_of([trace])))
    assert list(speed_contradictions(from_json(to_json(report)))) == []


def test_reference_energy_at_the_speed_of_the_probes_passes() -> None:
    """A run that was slow from end to end is corrected, and says so in its probes."""
    cpu_s = REPORT.rows[0].cpu_s
    slow = _rows(replace(REPORT, probes=(Probe(0.5, 2.0, ""),)), speed_before=2.0, speed_after=2.0,
                 reference_j=reference_j(cpu_s, 2.0))  # fmt: skip
    assert list(speed_contradictions(slow)) == []
    assert list(speed_contradictions(replace(slow, probes=REPORT.probes))) != []
