"""What the plugin costs: off, on for trivial tests, for a short run and for a minute; and the report of a large suite.

The yardsticks: importing pytest; a run of pytest that only collects; loading the JSON of the same report.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from _bench import Done, Table, Yardstick, median_s, run_pytest, scratch

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


def process_tree(table: Table) -> None:
    """1,000 trivial tests, on against off, in turn: the whole process, and with it the sidecar and what it starts."""
    files = {f"test_m{n}": TRIVIAL.replace("500", "100") for n in range(10)} | {"conftest": LOOP_CLOCK}
    with scratch(**files) as folder:
        quiet = ("-p", "no:xdist", "-p", "no:rerunfailures", "-p", "no:timeout", "-p", "no:cov")
        run_pytest(folder, "--carbon", *quiet)
        pairs = [(run_pytest(folder, *quiet), run_pytest(folder, "--carbon", *quiet)) for _ in range(9)]
    whole = [_clocks(on.output)[1] / _clocks(off.output)[1] for off, on in pairs]
    tree = [(on.cpu_s + _tool_rows(on, "cpu_s")) / off.cpu_s for off, on in pairs]
    table.row("1,000 trivial tests, CPU of the whole process, on against off", statistics.median(whole), 1.25, "x")
    table.say(f"the same with the sidecar and all that both start: {statistics.median(tree):.2f} x")


def _tool_rows(done: Done, figure: str) -> float:
    assert done.report is not None
    return float(sum(row[figure] for row in done.report["rows"] if row["kind"] == "tool"))


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


def own_energy(table: Table, cpu_s: float, limit: float, times: int) -> None:
    """The tool's own row in a suite of so many seconds, on a machine's second run.

    What other processes used in the meantime is in the total of a report, and left out here: on a busy machine it would
    make our share look small.
    """
    text = f"""
import pytest
from burning import burn
@pytest.mark.parametrize("n", range({int(cpu_s * 20)}))
def test_n(n): burn(0.05)
"""
    with scratch(test_long=text) as folder:
        run_pytest(folder, "--carbon", "-k", "test_n[0]")
        shares = []
        for _ in range(times):
            done = run_pytest(folder, "--carbon")
            assert done.report is not None
            others_j = sum(row["energy_j"] for row in done.report["rows"] if row["kind"] == "background")
            shares.append(100 * _tool_rows(done, "energy_j") / (done.report["totals"]["energy_j"] - others_j))
    table.row(f"the tool's own energy, suite of {cpu_s:.0f} s", statistics.median(shares), limit, "%")


if __name__ == "__main__":
    figures = Table("overhead")
    off(figures)
    trivial(figures)
    process_tree(figures)
    short(figures)
    own_energy(figures, 3, 12, times=5)
    large(figures)
    if "--long" in sys.argv:
        own_energy(figures, 60, 1, times=1)
        own_energy(figures, 300, 1, times=1)
    figures.end()
