"""The report of a run: facts of the machine, energy, and gaps."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_carbon.core.model import CodeCarbonInfo, CodeCarbonReading, CpuReading, Measurement, Span, WorkerTrace
from pytest_carbon.core.report import Report
from pytest_carbon.usecases.make_report import Invocation, make_report
from tests.usecases.conftest import Shop

NODEID = "tests/checkout/test_checkout.py::test_1"


def _report(shop: Shop, *, steal: float = 0.0, readings: int = 11, counted: Any = (), info: Any = None) -> Report:
    machine = tuple(
        CpuReading(at_s=float(at), busy_s=1.6 * at, steal_s=steal * at, total_s=2.0 * at) for at in range(readings)
    )
    measurement = Measurement(0.0, 10.0, machine, counted, info, ("the sidecar was late",))
    trace = WorkerTrace("", 0.0, 10.0, 15.0, (Span("test", NODEID, "call", 1.0, 9.0, 12.0),))
    invocation = Invocation(("pytest", "-q"), 0, shop.root, {NODEID: "abc"})
    return make_report(measurement, [trace], {NODEID: ["passed"]}, ["a worker crashed"], invocation, shop.config())


def test_figures_of_a_measured_run(shop: Shop) -> None:
    """The report has the facts of the machine and of the run, and its energy with a range."""
    report = _report(shop)
    assert (report.machine.method, report.machine.utilisation, report.machine.steal_ratio) == ("modelled", 0.8, 0.0)
    assert (report.run.command, report.run.exit_status, report.run.workers) == (("pytest", "-q"), 0, 1)
    assert report.run.duration_s == 10.0
    assert report.code == {NODEID: "abc"}
    assert report.totals.energy_j is not None
    assert report.totals.low_j < report.totals.energy_j < report.totals.high_j  # type: ignore[operator]
    assert report.gaps[:2] == ("the sidecar was late", "a worker crashed")


def test_energy_is_unknown_without_readings(shop: Shop) -> None:
    """Joules and grams are None; reference energy comes from the tests' own CPU time."""
    report = _report(shop, readings=1)
    totals = report.totals
    assert (totals.energy_j, totals.emissions_g, report.machine.method) == (None, None, "unknown")
    assert totals.reference_j > 0
    assert any("the energy of this run is unknown" in gap for gap in report.gaps)


@pytest.mark.parametrize(("steal", "noted"), [(0.09, False), (0.11, True)])
def test_stolen_cpu_time_is_noted(shop: Shop, steal: float, noted: bool) -> None:
    """More than 5 % of the machine's CPU time is a gap."""
    report = _report(shop, steal=steal)
    assert any("the hypervisor took" in gap for gap in report.gaps) is noted


def test_with_a_counter_the_energy_is_that_of_codecarbon(shop: Shop) -> None:
    """The seconds before the first reading of the counter are a gap."""
    counted = tuple(CodeCarbonReading(float(at), 10.0 * at, 2.0 * at, 0.0) for at in range(3, 11))
    report = _report(shop, counted=counted, info=CodeCarbonInfo("3.3.0", ("Intel RAPL",), True))
    assert report.machine.method == "counter"
    assert report.totals.codecarbon_raw_j == pytest.approx(84.0)
    assert any("the counters were read for 7.0 s of 10.0 s" in gap for gap in report.gaps)
