"""The report of a run: facts of the machine, energy, and gaps."""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pytest_carbon.core.merge.merge_reports import merge_reports
from pytest_carbon.core.model import CodeCarbonInfo, CodeCarbonReading, CpuReading, Measurement, Span, WorkerTrace
from pytest_carbon.core.records.kept_command import kept_command
from pytest_carbon.core.report import Report
from pytest_carbon.core.report_lines import method_facts
from pytest_carbon.meter.speed_probes import PROBE_SPACING
from pytest_carbon.reporters.run import report_file
from pytest_carbon.usecases.make_report import Invocation, make_report
from tests.grid.runner.conftest import AZURE, FakeMetadata, http
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
    assert (report.run.command, report.run.exit_status, report.run.workers) == (kept_command(("pytest", "-q")), 0, 1)
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
    assert report.totals.memory_j == pytest.approx(0.6 * 2 * 10)
    assert report.totals.energy_j == pytest.approx(100 + 12)
    assert report.totals.low_j == pytest.approx(95)
    assert dict(method_facts(report))["method"].startswith(
        "counter: 100 J read from the hardware by CodeCarbon, and 12 J modelled for memory, which has no counter"
    )


CPUS = os.cpu_count() or 1
NODEIDS = ("tests/checkout/test_a.py::test_1", "tests/search/test_b.py::test_2[x]", "tests/test_c.py::test_3")


@st.composite
def _worker(draw: st.DrawFn, name: str, end_s: float, *, same_machine: bool) -> WorkerTrace:
    """A worker with a wide fixture inside of some setups, and speed probes between tests, at least where one is due."""
    spans: list[Span] = []
    at_s, cpu_s, due_s = 0.0, 0.0, 0.0
    number_of_tests = draw(st.integers(0, 6))
    for number in range(number_of_tests + 1):
        if cpu_s >= due_s or draw(st.booleans()):
            probe_s = draw(st.floats(0.0002, 0.02))
            spans.append(Span("tool", "", "probe", at_s, at_s + probe_s, probe_s))
            at_s, cpu_s = at_s + probe_s, cpu_s + probe_s
            due_s = cpu_s + PROBE_SPACING * probe_s
        if number == number_of_tests:
            break
        nodeid, phases = (
            draw(st.sampled_from(NODEIDS)),
            draw(st.sampled_from([("call",), ("setup", "call", "teardown")])),
        )
        for phase in phases:
            wall_s = draw(st.floats(0.0, end_s / 30))
            used_s = wall_s * draw(st.floats(0, 1))
            info: dict[str, Any] = {}
            if phase == "setup" and draw(st.booleans()):
                scope = {"scope": "session", "instance": f"{name}:{number}"}
                spans.append(
                    Span("fixture", "t.py::db", "setup", at_s + wall_s / 4, at_s + wall_s / 2, used_s / 2, scope)
                )
                info = {"uses": [f"{name}:{number}"]}
            if draw(st.booleans()):
                info["feature"] = "basket"
            spans.append(Span("test", nodeid, phase, at_s, at_s + wall_s, used_s, info or None))
            at_s, cpu_s = at_s + wall_s, cpu_s + used_s
    overhead_s = (end_s - at_s) * draw(st.floats(0, 1))
    return WorkerTrace(name, 0.0, end_s, cpu_s + overhead_s, tuple(spans), same_machine)


@st.composite
def _measured(draw: st.DrawFn) -> tuple[Measurement, list[WorkerTrace]]:
    """A run of up to three workers, on this machine or another, with or without readings, counters and a GPU."""
    end_s = draw(st.floats(0.1, 500.0))
    times = sorted({0.0, end_s, *draw(st.lists(st.floats(0.0, end_s), max_size=5))})
    readings, busy_s = [], 0.0
    for before_s, at_s in itertools.pairwise([0.0, *times]):
        busy_s += (at_s - before_s) * CPUS * draw(st.floats(0, 1))
        readings.append(CpuReading(at_s, busy_s, 0.0, at_s * CPUS, 0.01 * busy_s))
    watts, gpu_w = draw(st.floats(1.0, 300.0)), draw(st.sampled_from([0.0, 250.0]))
    counted = tuple(CodeCarbonReading(at_s, watts * at_s, 3 * at_s, gpu_w * at_s) for at_s in times)
    info = CodeCarbonInfo("3.3.0", ("x",), draw(st.booleans()))
    measurement = Measurement(
        0.0, end_s, tuple(draw(st.sampled_from([readings, []]))), draw(st.sampled_from([counted, ()])), info
    )
    names = ["", "gw0", "gw1"][: draw(st.integers(1, min(3, CPUS)))]
    return measurement, [
        draw(_worker(name, end_s, same_machine=name != "gw1" or draw(st.booleans()))) for name in names
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(measured=_measured(), other=_measured(), limit=st.sampled_from(["", "0.1 J", "1 g", "900 J ref"]))
def test_every_report_that_is_made_can_be_read(shop: Shop, measured: Any, other: Any, limit: str) -> None:
    """What the plugin writes adds up, whatever it measured: also two reports as the parts of one run."""
    policy = f'[features.checkout.budget]\nper-run = "{limit}"\n[budget]\nper-run = "{limit}"\n' if limit else ""
    made = []
    for measurement, traces in (measured, other):
        invocation = Invocation(("pytest",), 0, shop.root)
        made.append(make_report(measurement, traces, {}, (), invocation, shop.config(policy)))
    read = [report_file.from_bytes(report_file.to_text(report).encode(), "the report") for report in made]
    whole = report_file.to_text(merge_reports([("a", read[0]), ("b/c", read[1])]))
    assert report_file.from_bytes(whole.encode(), "both").run.id.startswith("merged-")


def test_the_region_of_the_runner_is_in_the_report(shop: Shop, tmp_path: Path) -> None:
    """In a process of its own, with a service on loopback: the report has the grid, or the gap and its step."""
    (shop.root / "carbon.toml").write_text("[grid]\ndetect = true\n", encoding="utf-8")
    script = tmp_path / "report_of_runner.py"
    script.write_text(_RUNNER, encoding="utf-8")
    service = FakeMetadata()
    said = []
    try:
        for answer in (http("westeurope"), http("evil](x)\n\x1b[31m", "500 Oops")):
            service.answers = {AZURE: answer}
            command = [sys.executable, str(script), str(shop.root), str(service.address[1])]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            said.append(json.loads(done.stdout))
    finally:
        service.close()
    assert (said[0]["zone"], said[0]["assumed"]) == ("NL", False)
    assert said[0]["source"].startswith("region westeurope (Azure metadata) -> zone NL: ")
    assert not any("region" in gap for gap in said[0]["gaps"])
    assert (said[1]["zone"], said[1]["assumed"]) == ("world average", True)
    assert [gap for gap in said[1]["gaps"] if "region" in gap] == [
        "the region of this machine is unknown, because the metadata service of Azure answered with status 500; the "
        "metadata service of AWS and Google Cloud answered with status 404; set the zone of the machine, such as "
        'zone = "NL", or remove detect from [grid]'
    ]


_RUNNER = """
import json, sys
from functools import partial
from pathlib import Path
from pytest_carbon.config.load import load_config
from pytest_carbon.core.model import Measurement
from pytest_carbon.grid.runner.detect_region import detect_region
from pytest_carbon.usecases.make_report import Invocation, make_report

root = Path(sys.argv[1])
run = Invocation(("pytest",), 0, root, environment={"CI": "true"})
nothing = Measurement(0.0, 1.0, (), (), None, ())
detect = partial(detect_region, ("127.0.0.1", int(sys.argv[2])), vendor="")
report = make_report(nothing, [], {}, [], run, load_config(root, environment={}), detect)
grid = report.grid
print(json.dumps({"zone": grid.zone, "assumed": grid.assumed, "source": grid.source, "gaps": report.gaps}))
"""
