"""The sentences on what was not measured as usual."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_carbon.core.energy.reference_energy import PROBE_REFERENCE_S, WALKING_REFERENCE_S
from pytest_carbon.core.model import CodeCarbonInfo, CodeCarbonReading, GridFactor, Measurement, Span, WorkerTrace
from pytest_carbon.core.report import MachineInfo
from pytest_carbon.grid.world_average import WORLD
from pytest_carbon.processes.left_behind import LeftBehind
from pytest_carbon.usecases.report_gaps import (
    describe_left_behind,
    describe_left_running,
    describe_long_without_probe,
    describe_unseen_tests,
    find_gaps,
)
from tests.samples import make_report

REPORT = make_report(1)


def _measurement(first_s: float = 0.0, last_s: float = 10.0) -> Measurement:
    counted = tuple(CodeCarbonReading(at_s, 0.0, 0.0, 0.0) for at_s in (first_s, last_s))
    return Measurement(0.0, 10.0, (), counted, None)


def _gaps(
    measurement: Measurement | None = None,
    *,
    counter: bool = False,
    grid: GridFactor = REPORT.grid,
    machine: MachineInfo = REPORT.machine,
    energy_known: bool = True,
) -> list[str]:
    return find_gaps(measurement or _measurement(), counter, grid, machine, energy_known)


def test_a_run_measured_as_usual_has_no_gap() -> None:
    """Counters may start half a second late."""
    assert _gaps() == []
    assert _gaps(_measurement(0.5), counter=True) == []


def test_each_gap_is_a_sentence_in_order() -> None:
    """Energy, counters, grid, stolen CPU time."""
    gaps = _gaps(
        _measurement(2.0), counter=True, grid=WORLD, machine=replace(REPORT.machine, steal_ratio=0.12),
        energy_known=False,
    )  # fmt: skip
    beginnings = (
        "the energy of this run is unknown",
        "the counters were read for 8.0 s of 10.0 s",
        "no grid zone is set",
        "the hypervisor took 12% of the CPU time away",
    )
    assert len(gaps) == len(beginnings)
    assert all(gap.startswith(beginning) for gap, beginning in zip(gaps, beginnings, strict=True))


@pytest.mark.parametrize(("steal", "count"), [(None, 0), (0.05, 0), (0.0501, 1)])
def test_stolen_cpu_time_is_a_gap_above_a_limit(steal: float | None, count: int) -> None:
    """A machine that does not count stolen time has no such gap."""
    assert len(_gaps(machine=replace(REPORT.machine, steal_ratio=steal))) == count


def test_a_zone_whose_factor_nobody_could_give() -> None:
    """The sentence does not advise to set a zone that is set."""
    (gap,) = find_gaps(
        _measurement(), False, replace(WORLD, source="assumed: another reason"), make_report().machine, True
    )
    assert gap.startswith("a grid zone is set, and no provider could give its factor")


def test_processes_that_outlive_the_tests_are_named_once() -> None:
    """Little CPU time is not worth a sentence; a name of many processes is told once."""
    assert describe_left_running([("server", 0.4), ("pool", 0.5)]) == []
    (sentence,) = describe_left_running([("pool", 0.5), ("server", 0.4), ("pool", 0.5)])
    assert sentence.startswith("1.4 s of CPU time are of processes that still ran when the tests had ended (pool, ser")


def test_counter_that_stands_still_is_a_gap() -> None:
    """CodeCarbon can read it, and it never moves."""
    still = replace(_measurement(), codecarbon=CodeCarbonInfo("3.3.2", ("CPU(Intel Rapl)",), cpu_counter=True))
    assert _gaps(still) == ["the energy counter of the CPU can be read and stands still, so the energy is modelled"]


def test_processes_that_left_the_run_are_named() -> None:
    """With the test that started them, if it is known; without such processes nothing is said."""
    assert describe_left_behind([]) == []
    (gap,) = describe_left_behind([LeftBehind("served", 1.25, "a.py::test_x"), LeftBehind("python", 0.5, "")])
    assert gap.startswith(
        "1.8 s of CPU time are of processes that tests started and left (python, served of a.py::test_x): they are in "
        "background, and no test and no limit of a test counts them"
    )


def test_tests_without_figures_and_tests_that_ran_together_are_named() -> None:
    """A limit that could not be judged is not kept."""
    spans = (
        Span("test", "a", "call", 0, 1, 1),
        Span("test", "b", "call", 1, 2, 1, {"together": 2}),
        Span("test", "c", "call", 2, 3, 1, {"together": 2}),
    )
    trace = WorkerTrace("", 0, 3, 3, spans)
    unseen, together = describe_unseen_tests({"a", "b", "c", "far"}, [trace])
    assert unseen.startswith("1 test (far) ran where pytest-carbon sees no process")
    assert together.startswith("2 tests (b, c) ran at the same time as others in one process")
    assert describe_unseen_tests({"a"}, [replace(trace, spans=spans[:1])]) == []


def _probe(end_s: float, slowdown: float = 1.0) -> Span:
    cpu_s = slowdown * PROBE_REFERENCE_S
    return Span("tool", "", "probe", end_s - cpu_s, end_s, cpu_s, {"walking_s": slowdown * WALKING_REFERENCE_S})


def _long(*inside: Span, until: Span | None = None, others_s: float = 10.0) -> list[str]:
    """Return what is said of a test of ten seconds with these probes inside, beside other tests."""
    spans = (
        _probe(1.0), *inside, Span("test", "a", "call", 1.0, 11.0, 10.0), until or _probe(11.1),
        *(Span("test", f"b[{n}]", "call", 12.0 + n, 12.9 + n, 0.9) for n in range(round(others_s / 0.9))),
    )  # fmt: skip
    return describe_long_without_probe([WorkerTrace("", 0.0, 99.0, 40.0, spans)])


def test_long_time_without_a_moment_for_a_probe_is_told() -> None:
    """Where probes ran inside of a test, nothing is said; nor if it is a small share of the run."""
    (sentence,) = _long()
    assert sentence == (
        "50 % of the CPU time of tests, fixtures and imports was used for more than 1 s at a time without a moment for "
        "a speed probe (a): how fast the machine was is known before and after, not in between"
    )
    assert _long(others_s=60.0) == []
    assert _long(*(_probe(1.9 + 0.9 * n) for n in range(10))) == []
    (half,) = _long(*(_probe(6.0 + 0.9 * n) for n in range(6)))
    assert half.startswith("25 % of the CPU time")
    (changed,) = _long(until=_probe(11.1, 1.2))
    assert changed.endswith("not in between; in 1 of them it changed by more than 12%")
    assert describe_long_without_probe([]) == []


def test_commands_and_sleeping_tests_need_no_probe_inside() -> None:
    """A command is probed once a second; a test that sleeps uses no CPU time."""
    for kind, cpu_s in (("command", 30.0), ("test", 0.5), ("tool", 30.0)):
        trace = WorkerTrace("", 0.0, 60.0, 30.0, (Span(kind, "a", "call", 1.0, 60.0, cpu_s),))
        assert describe_long_without_probe([trace]) == []
