"""What the plugin costs: off, on for trivial tests, on for a short run, and its report of a large suite.

The yardsticks: importing pytest; a run of pytest that only collects; loading the JSON of the same report.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from _bench import Table, Yardstick, median_s, run_pytest, scratch

from pytest_carbon.config.load import Config
from pytest_carbon.core.model import CpuReading, Measurement, Span, WorkerTrace
from pytest_carbon.reporters.run import report_file
from pytest_carbon.usecases.make_report import Invocation, make_report

TRIVIAL = "import pytest\n@pytest.mark.parametrize('n', range(500))\ndef test_n(n): pass\n"
LOOP_CLOCK = """
import time, pytest
clock = {}
@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session): clock["start"] = time.process_time()
@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session): clock["end"] = time.process_time()
def pytest_unconfigure(config):
    print(f"\\nloop {clock['end'] - clock['start']:.6f} all {time.process_time():.6f}")
"""
IMPORT_CLOCK = """
import time
start = time.perf_counter()
import pytest
between = time.perf_counter()
import pytest_carbon.plugin
print(between - start, time.perf_counter() - between)
"""


def _clocks(output: str) -> tuple[float, float]:
    words = next(line for line in output.splitlines() if line.startswith("loop ")).split()
    return float(words[1]), float(words[3])


def off(table: Table) -> None:
    """The plugin's import, the only thing that happens when it is off."""
    import subprocess

    times = [map(float, subprocess.check_output([sys.executable, "-c", IMPORT_CLOCK]).split()) for _ in range(15)]
    pytest_s, plugin_s = map(statistics.median, zip(*times, strict=True))
    table.time("installed but off, start-up", plugin_s, Yardstick("importing pytest", pytest_s), 0.05)


def trivial(table: Table) -> None:
    """5,000 trivial tests, on against off, in turn."""
    files = {f"test_m{n}": TRIVIAL for n in range(10)} | {"conftest": LOOP_CLOCK}
    with scratch(**files) as folder:
        quiet = ("-p", "no:xdist", "-p", "no:rerunfailures", "-p", "no:timeout", "-p", "no:cov")
        run_pytest(folder, *quiet)
        pairs = [
            (_clocks(run_pytest(folder, *quiet).output), _clocks(run_pytest(folder, "--carbon", *quiet).output))
            for _ in range(9)
        ]
    off_s = min(off[0] for off, _ in pairs)
    on_s = min(on[0] for _, on in pairs)
    extra = statistics.median(on[0] / off[0] - 1 for off, on in pairs)
    whole = statistics.median(on[1] - off[1] for off, on in pairs)
    table.row("5,000 trivial tests, CPU of the tests' loop, best of 9", 100 * (on_s / off_s - 1), 5, "%")
    table.say(f"the same, per test: {1e6 * (on_s - off_s) / 5000:.0f} us (median of pairs: {100 * extra:.1f} %)")
    table.say(f"whole process, imports and report included: {1000 * whole:.0f} ms more, once a run")


def short(table: Table) -> None:
    """Wall time added to a whole short run."""
    with scratch(test_short="from burning import burn\ndef test_it(): burn(0.5)\n") as folder:
        run_pytest(folder)
        times = [
            (run_pytest(folder).wall_s, run_pytest(folder, "--carbon").wall_s, run_pytest(folder, "--co").wall_s)
            for _ in range(9)
        ]
    added_s = statistics.median(on - off for off, on, _ in times)
    collecting = Yardstick("pytest --collect-only", statistics.median(collect_s for _, _, collect_s in times))
    table.time("wall time added to a run of a second", added_s, collecting, 1.3)


def large(table: Table) -> None:
    """The report of 20,000 tests."""
    spans, at = [], 0.01
    for n in range(20_000):
        nodeid = f"tests/unit/test_module_{n % 50}.py::TestSomething::test_a_function[{n}]"
        spans.append(Span("test", nodeid, "call", at, at + 0.0024, 0.0023, None))
        at += 0.0025
        if n % 20 == 0:
            spans.append(Span("tool", "", "probe", at, at + 0.001, 0.001, None))
            at += 0.001
    readings = tuple(CpuReading(k * 0.2, k * 0.2, 0.0, k * 0.4) for k in range(int(at / 0.2) + 2))
    measurement = Measurement(0.0, readings[-1].at_s, readings, (), None)
    trace = WorkerTrace("", 0.0, at, at, tuple(spans))
    with tempfile.TemporaryDirectory() as name:
        config = Config(Path(name), report=Path(name) / "report.json")
        start = time.perf_counter()
        report = make_report(measurement, [trace], {}, (), Invocation(("pytest",), 0, Path(name)), config)
        report_file.write(report, config.report)
        made_s = time.perf_counter() - start
        text = config.report.read_text()
        loading = Yardstick("loading its JSON", *median_s(lambda: json.loads(text)))
        table.time("report of 20,000 tests, made and written", made_s, loading, 30)
        table.row("report of 20,000 tests, size", config.report.stat().st_size / 1e6, 8, "MB")


def own_energy(table: Table, seconds: float) -> None:
    """The tool's own row in a longer suite."""
    text = f"""
import pytest
from burning import burn
@pytest.mark.parametrize("n", range({int(seconds)}))
def test_n(n): burn(1)
"""
    with scratch(test_long=text) as folder:
        report = run_pytest(folder, "--carbon").report
    assert report is not None
    tool_j = sum(r["energy_j"] for r in report["rows"] if r["kind"] == "tool")
    table.row(f"the tool's own energy, suite of {seconds:.0f} s", 100 * tool_j / report["totals"]["energy_j"], 1, "%")


if __name__ == "__main__":
    figures = Table("overhead")
    off(figures)
    trivial(figures)
    short(figures)
    large(figures)
    if "--long" in sys.argv:
        own_energy(figures, 300)
    figures.end()
