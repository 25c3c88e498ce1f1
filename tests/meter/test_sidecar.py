"""The sidecar with CodeCarbon: what the report has of it, and when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pytest_carbon.core.energy.sidecar_stream import parse_stream

CarbonRun = Callable[..., Any]


FAKE_CODECARBON = """
import threading, time

class OfflineEmissionsTracker:
    def __init__(self, output_handlers, **settings):
        self.handler = output_handlers[0]
        self._hardware = [CPU()]
        self._conf = {{"cpu_model": "a CPU of the test's own"}}

    def start(self):
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        start = time.perf_counter()
        while True:
            self.flush_at(time.perf_counter() - start)
            time.sleep(0.1)

    def flush_at(self, seconds):
        {body}

    def flush(self): pass

class CPU:
    _mode = "{mode}"
    def __str__(self): return "CPU(of the test's own)"

class Total:
    def __init__(self, cpu_j, ram_j=0.0):
        self.cpu_energy, self.ram_energy, self.gpu_energy = cpu_j / 3.6e6, ram_j / 3.6e6, 0.0
"""


@pytest.fixture
def shadow_codecarbon(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Return a function that puts a fake package codecarbon, with the given tracker body, before the real one."""

    def shadow(body: str, mode: str = "intel_rapl") -> None:
        package = pytester.path / "shadow" / "codecarbon"
        (package / "output_methods").mkdir(parents=True)
        (package / "__init__.py").write_text(FAKE_CODECARBON.format(body=body, mode=mode))
        (package / "output_methods" / "__init__.py").write_text("")
        (package / "output_methods" / "base_output.py").write_text("class BaseOutput: pass\n")
        monkeypatch.setenv("PYTHONPATH", str(package.parent))

    return shadow


COUNTED_FOR_A_SECOND = (
    "len(stream.codecarbon_readings) > 1 and "
    "stream.codecarbon_readings[-1].at_s - stream.codecarbon_readings[0].at_s > 1"
)


def _burn_until(pytester: pytest.Pytester, condition: str) -> None:
    """Make a test that burns CPU time until the sidecar's stream fulfils a condition: CodeCarbon's start takes long."""
    pytester.makepyfile(
        f"""
        import time
        from work import burn

        def test_burn(pytestconfig):
            meter = pytestconfig.pluginmanager.get_plugin("carbon-hooks")._meter
            start = time.monotonic()
            while True:
                burn(0.2)
                stream = meter.read_stream()
                if {condition}:
                    break
                assert time.monotonic() - start < 90, stream
        """
    )


def test_figure_of_codecarbon_is_in_the_report(pytester: pytest.Pytester, carbon_run: CarbonRun) -> None:
    """The report of a run of some seconds has CodeCarbon's own figure and a note about its difference from ours."""
    _burn_until(pytester, COUNTED_FOR_A_SECOND)
    report = carbon_run().report
    assert report["tool"]["codecarbon"]
    assert report["totals"]["codecarbon_raw_j"] > 0
    assert 0.2 < report["totals"]["codecarbon_s"] < report["run"]["duration_s"]
    assert report["totals"]["codecarbon_note"]


def test_broken_codecarbon_is_a_gap(
    pytester: pytest.Pytester, carbon_run: CarbonRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If CodeCarbon cannot be imported, the report has a gap, and the run is measured without it."""
    (pytester.path / "shadow").mkdir()
    (pytester.path / "shadow" / "codecarbon.py").write_text("raise ImportError('no such luck')")
    monkeypatch.setenv("PYTHONPATH", str(pytester.path / "shadow"))
    _burn_until(pytester, "stream.gaps")
    run = carbon_run()
    run.result.assert_outcomes(passed=1)
    assert any("CodeCarbon did not start: ImportError: no such luck" in gap for gap in run.report["gaps"])
    assert run.report["totals"]["energy_j"] > 0


@pytest.mark.parametrize(
    "body",
    [
        "self.handler.live_out(Total(float('nan')), None)",
        "self.handler.live_out(Total(float('inf')), None)",
        "self.handler.live_out(Total(-5.0), None)",
        "self.handler.live_out(Total(100.0 - 50 * seconds), None)",
    ],
    ids=["nan", "infinite", "negative", "going back"],
)
def test_impossible_counts_are_left_out(
    pytester: pytest.Pytester, carbon_run: CarbonRun, shadow_codecarbon: Callable[..., None], body: str
) -> None:
    """Impossible counts are left out and named as a gap, and the energy is modelled."""
    shadow_codecarbon(body)
    _burn_until(pytester, "stream.gaps")
    run = carbon_run()
    run.result.assert_outcomes(passed=1)
    assert run.report["machine"]["method"] == "modelled"
    assert any(
        "CodeCarbon samples were left out, because they were not finite, negative or out of order" in gap
        for gap in run.report["gaps"]
    )


def test_codecarbon_without_figures_is_a_gap(
    pytester: pytest.Pytester, carbon_run: CarbonRun, shadow_codecarbon: Callable[..., None]
) -> None:
    """If CodeCarbon starts and gives no figures, the report has a gap and no figure of zero."""
    shadow_codecarbon("pass")
    _burn_until(pytester, "stream.codecarbon")
    report = carbon_run().report
    assert report["totals"]["codecarbon_raw_j"] is None
    assert any("started but gave no figures" in gap for gap in report["gaps"])


def test_counted_joules_are_the_energy_of_the_run(
    pytester: pytest.Pytester, carbon_run: CarbonRun, shadow_codecarbon: Callable[..., None]
) -> None:
    """If CodeCarbon reads a hardware counter, its joules are the run's: here 30 W; memory is modelled beside them."""
    shadow_codecarbon("self.handler.live_out(Total(30 * seconds, 10 * seconds), None)")
    _burn_until(pytester, COUNTED_FOR_A_SECOND)
    report = carbon_run().report
    assert report["machine"]["method"] == "counter"
    seconds = report["run"]["duration_s"]
    assert report["totals"]["energy_j"] == pytest.approx((30 + 6) * seconds, rel=0.02)
    assert report["totals"]["memory_j"] == pytest.approx(6 * seconds, rel=0.02)
    assert report["totals"]["low_j"] <= 30 * seconds <= report["totals"]["high_j"]
    assert report["totals"]["codecarbon_raw_j"] == pytest.approx(40 * report["totals"]["codecarbon_s"], rel=0.02)
    assert "CPU(of the test's own)" in report["machine"]["source"]


def test_joules_are_of_the_moment_when_they_were_counted(
    pytester: pytest.Pytester, carbon_run: CarbonRun, shadow_codecarbon: Callable[..., None]
) -> None:
    """CodeCarbon tells its first totals long after it counted them, because it reads its tables in between."""
    shadow_codecarbon(
        "self._last_measured_time = time.perf_counter(); joules = 30 * seconds; "
        "time.sleep(0.8 if seconds < 0.1 else 0); self.handler.live_out(Total(joules), None)"
    )
    _burn_until(pytester, COUNTED_FOR_A_SECOND)
    totals = carbon_run().report["totals"]
    assert totals["codecarbon_raw_j"] == pytest.approx(30 * totals["codecarbon_s"], rel=0.02)


def test_settings_of_the_project_do_not_reach_the_sidecar(
    pytester: pytest.Pytester, carbon_run: CarbonRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sidecar ignores a project's strict warnings, CODECARBON_* variables and CodeCarbon configuration file."""
    monkeypatch.setenv("PYTHONWARNINGS", "error")
    monkeypatch.setenv("CODECARBON_SAVE_TO_API", "true")
    monkeypatch.setenv("CODECARBON_FORCE_CPU_POWER", "9999")
    (pytester.path / ".codecarbon.config").write_text("[codecarbon]\nforce_cpu_power = 9999\n")
    _burn_until(pytester, COUNTED_FOR_A_SECOND)
    report = carbon_run("-W", "default").report
    assert report["totals"]["codecarbon_raw_j"] < 60 * report["totals"]["codecarbon_s"]
    assert not (pytester.path / "emissions.csv").exists()


NEEDS_A_COUNTRY = """
__version__ = "3.3.99"
from functools import lru_cache
from types import ModuleType
import sys

for name in ("core", "core.cpu", "core.util"):
    sys.modules["codecarbon." + name] = ModuleType("codecarbon." + name)
core = sys.modules["codecarbon.core"]
core.cpu, core.util = sys.modules["codecarbon.core.cpu"], sys.modules["codecarbon.core.util"]
core.cpu.TDP = type("TDP", (), {})
core.util.detect_cpu_model = lru_cache(lambda: "a CPU")

class NeedsACountry(OfflineEmissionsTracker):
    def __init__(self, output_handlers, country_iso_code, **settings):
        super().__init__(output_handlers)
        if country_iso_code is None:
            self._hardware = []
            self.start = lambda: None

OfflineEmissionsTracker = NeedsACountry
"""


def test_codecarbon_that_does_not_start_lightly_starts_as_always(
    pytester: pytest.Pytester, carbon_run: CarbonRun, shadow_codecarbon: Callable[..., None]
) -> None:
    """A version that looks like a known one and finds no hardware in the light start is started whole."""
    shadow_codecarbon("self.handler.live_out(Total(30 * seconds, 10 * seconds), None)")
    with (pytester.path / "shadow" / "codecarbon" / "__init__.py").open("a") as package:
        package.write(NEEDS_A_COUNTRY)
    _burn_until(pytester, COUNTED_FOR_A_SECOND)
    report = carbon_run().report
    assert report["machine"]["method"] == "counter"
    assert "CPU(of the test's own)" in report["machine"]["source"]


TELLS_OF_SOCKETS = """
import sys

def note(event, told):
    if event.startswith("socket."):
        with open({path!r}, "a") as file:
            file.write(event + "\\n")

sys.addaudithook(note)
"""


@pytest.mark.parametrize("opens", [False, True], ids=["CodeCarbon", "one that opens a socket"])
def test_no_socket_is_opened(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    shadow_codecarbon: Callable[..., None],
    opens: bool,
) -> None:
    """From start to end the sidecar and what it starts open no socket and look up no host. One that does is noticed."""
    seen = pytester.path / "sockets"
    (pytester.path / "sitecustomize.py").write_text(TELLS_OF_SOCKETS.format(path=str(seen)))
    if opens:
        shadow_codecarbon("import socket; socket.socket().close()")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(pytester.path), os.environ.get("PYTHONPATH", "")]))
    with _sidecar(os.getpid()) as sidecar:
        assert sidecar.stdin is not None
        assert sidecar.stdout is not None
        lines: list[str] = []
        while len(parse_stream(lines).codecarbon_readings) < 2 and not seen.exists():
            lines.append(sidecar.stdout.readline())
            assert lines[-1], lines
        sidecar.stdin.close()
        assert parse_stream([*lines, *sidecar.stdout.readlines()]).ended
    assert seen.exists() == opens


def _sidecar(parent: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "pytest_carbon.meter.sidecar", str(parent)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("stop", ["a byte", "end of file"])
def test_sidecar_stops_on_a_byte_or_the_end_of_its_input(stop: str) -> None:
    """The sidecar writes its process id and readings, and an end after a byte or the end of file on its input."""
    with _sidecar(os.getpid()) as sidecar:
        assert sidecar.stdin is not None
        assert sidecar.stdout is not None
        lines = [sidecar.stdout.readline()]
        while not parse_stream(lines).readings:
            lines.append(sidecar.stdout.readline())
        if stop == "a byte":
            sidecar.stdin.write("x")
            sidecar.stdin.flush()
        else:
            sidecar.stdin.close()
        lines += sidecar.stdout.readlines()
        assert sidecar.wait(timeout=15) == 0
    stream = parse_stream(lines)
    assert stream.pid == sidecar.pid
    assert stream.ended
    assert len(stream.readings) >= 2
    assert not [gap for gap in stream.gaps if "CodeCarbon did not start" not in gap]


def test_sidecar_stops_with_its_parent() -> None:
    """The sidecar stops when the parent process has ended, although its input is still open."""
    parent = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with parent, _sidecar(parent.pid) as sidecar:
        assert sidecar.stdout is not None
        sidecar.stdout.readline()
        parent.communicate(b"\n")
        assert parse_stream(sidecar.stdout.readlines()).ended


def test_sidecar_ends_if_its_parent_is_killed(pytester: pytest.Pytester) -> None:
    """After SIGKILL for pytest the sidecar ends within seconds, even if a forked child holds pytest's files open."""
    pytester.makepyfile(
        """
        import os, time

        def test_forever():
            if os.fork() == 0:
                time.sleep(8)
                os._exit(0)
            open("running", "w").close()
            time.sleep(60)
        """
    )
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "pytest", "--carbon"], cwd=pytester.path, stdout=subprocess.DEVNULL
    )
    _until((pytester.path / "running").exists)
    _until(lambda: bool(_sidecars_of(process.pid)))
    process.send_signal(signal.SIGKILL)
    process.wait()
    _until(lambda: not _sidecars_of(process.pid))


def _until(condition: Callable[[], bool], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition was not fulfilled in time"
        time.sleep(0.05)


def _sidecars_of(pid: int) -> list[int]:
    pids = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = path.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"pytest_carbon.meter.sidecar" in words and str(pid).encode() in words:
            pids.append(int(path.parent.name))
    return pids
